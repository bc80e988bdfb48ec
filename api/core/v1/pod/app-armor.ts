/**
 * The old annotations that say how containers are confined by AppArmor: they become the fields that say it now. Changes what it
 * is given.
 *
 * Called by the strategy of pods.
 */
import { jsonEqual } from '../../../patch/json-value.js';
import type { AppArmorProfile, Pod } from '../types.js';
import { key } from '../../../validation/field-error.js';
import { appArmorAnnotation, appArmorReplacement } from './annotations.js';
import { allContainers } from './containers.js';

const localhost = 'localhost/';

/** The field for an annotation; undefined for one that means nothing. */
function profileFrom(annotation: string): AppArmorProfile | undefined {
  if (annotation === 'unconfined') return { type: 'Unconfined' };
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' };
  const file = annotation.startsWith(localhost) ? annotation.slice(localhost.length) : '';
  return file === '' || file !== file.trim()
    ? undefined
    : { type: 'Localhost', localhostProfile: file };
}

/** Gives the containers of a new pod the profiles that their annotations ask for, where they have none of their own. */
export function applyAppArmorAnnotations({ metadata: { annotations }, spec }: Pod): void {
  if (annotations === undefined || spec.os?.name === 'windows') return;
  const ofPod = spec.securityContext?.appArmorProfile;
  for (const container of allContainers(spec)) {
    const annotation = annotations[`${appArmorAnnotation}${container.name}`];
    if (annotation === undefined) continue;
    if (container.securityContext?.appArmorProfile !== undefined) continue;
    const profile = profileFrom(annotation);
    if (profile === undefined || (ofPod !== undefined && jsonEqual(profile, ofPod))) continue;
    container.securityContext = { ...container.securityContext, appArmorProfile: profile };
  }
}

/**
 * The warnings for a new pod whose annotations became fields, or mean nothing. Who sends the same in the field too is told as well:
 * by now nobody can tell the two apart.
 */
export function appArmorWarnings({ metadata: { annotations }, spec }: Pod): readonly string[] {
  if (annotations === undefined || spec.os?.name === 'windows') return [];
  return allContainers(spec).flatMap(({ name, securityContext }) => {
    const annotation = annotations[`${appArmorAnnotation}${name}`];
    if (annotation === undefined) return [];
    const [own, asked] = [securityContext?.appArmorProfile, profileFrom(annotation)];
    return jsonEqual(own ?? null, asked ?? null)
      ? [`${key('metadata.annotations', `${appArmorAnnotation}${name}`)}: ${appArmorReplacement}`]
      : [];
  });
}
