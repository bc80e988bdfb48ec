/**
 * Checks of the annotations that once said what fields of a pod say now, and of those that Kubernetes' own parts read, with its
 * texts. Called by `validate-spec.ts` and `validate-update.ts`.
 */
import { maxInt32 } from '../../../integers.js';
import type { FieldError } from '../../../validation/field-error.js';
import { child, forbidden, invalid, key } from '../../../validation/field-error.js';
import type { AppArmorProfile, PodSpec, SeccompProfile } from '../types.js';
import { allContainers, placedContainers } from './containers.js';
import { appArmorAnnotation, podSeccompAnnotation, seccompAnnotation } from './annotations.js';
import { mirrorAnnotation } from './mirror-pod.js';
import { descendingPath } from './validate-values.js';

type Annotations = Readonly<Record<string, string>>;

const deletionCostAnnotation = 'controller.kubernetes.io/pod-deletion-cost';
const localhost = 'localhost/';

function validateSeccompValue(value: string, field: string): FieldError[] {
  if (['runtime/default', 'docker/default', 'unconfined'].includes(value)) return [];
  return value.startsWith(localhost)
    ? descendingPath(field, value.slice(localhost.length))
    : [invalid(field, value, 'must be a valid seccomp profile')];
}

function validateAppArmorValue(
  name: string,
  value: string,
  { spec, field }: { readonly spec: PodSpec; readonly field: string },
): FieldError[] {
  const container = name.slice(appArmorAnnotation.length);
  const path = key(field, name);
  const isThere = allContainers(spec).some((each) => each.name === container);
  const isKnown = ['', 'runtime/default', 'unconfined'].includes(value);
  return [
    ...(isThere ? [] : [invalid(path, container, 'container not found')]),
    ...(isKnown || value.startsWith(localhost)
      ? []
      : [invalid(path, value, `invalid AppArmor profile name: ${JSON.stringify(value)}`)]),
  ];
}

function validateDeletionCost(cost: string | undefined, field: string): FieldError[] {
  if (cost === undefined) return [];
  const number = /^(0|-?[1-9][0-9]*)$/.test(cost) ? Number(cost) : Number.NaN;
  return number >= -maxInt32 - 1 && number <= maxInt32
    ? []
    : [invalid(key(field, deletionCostAnnotation), cost, 'must be a 32bit integer')];
}

/** Checks the annotations at `field` of a pod or of a template. */
export function validatePodAnnotations(
  annotations: Annotations | undefined,
  spec: PodSpec,
  field: string,
): FieldError[] {
  if (annotations === undefined) return [];
  const mirror = annotations[mirrorAnnotation];
  const errors =
    mirror !== undefined && (spec.nodeName ?? '') === ''
      ? [
          invalid(
            key(field, mirrorAnnotation),
            mirror,
            'must set spec.nodeName if mirror pod annotation is set',
          ),
        ]
      : [];
  errors.push(...validateDeletionCost(annotations[deletionCostAnnotation], field));
  for (const [name, value] of Object.entries(annotations)) {
    if (name === podSeccompAnnotation || name.startsWith(seccompAnnotation)) {
      errors.push(...validateSeccompValue(value, child(field, name)));
    } else if (name.startsWith(appArmorAnnotation)) {
      errors.push(...validateAppArmorValue(name, value, { spec, field }));
    }
  }
  return errors;
}

interface Profile {
  readonly type: SeccompProfile['type'];
  readonly localhostProfile?: string | undefined;
}

/** An annotation says what the field beside it says. */
function validateMatch(
  annotation: string | undefined,
  profile: Profile | undefined,
  { subject, field }: { readonly subject: 'seccomp' | 'apparmor'; readonly field: string },
): FieldError[] {
  if (annotation === undefined || profile === undefined) return [];
  const { type, localhostProfile } = profile;
  const differs = (what: 'type' | 'profile'): string =>
    `${subject} ${what} in annotation and field must match`;
  if (type === 'Localhost' && annotation.startsWith(localhost)) {
    return localhostProfile === annotation.slice(localhost.length)
      ? []
      : [forbidden(child(field, 'localhostProfile'), differs('profile'))];
  }
  const isDefault =
    annotation === 'runtime/default' || (subject === 'seccomp' && annotation === 'docker/default');
  const isSame =
    (type === 'Unconfined' && annotation === 'unconfined') ||
    (type === 'RuntimeDefault' && isDefault);
  return isSame || !['Unconfined', 'RuntimeDefault', 'Localhost'].includes(type)
    ? []
    : [forbidden(child(field, 'type'), differs('type'))];
}

/** Checks that annotations and fields of a new pod do not contradict each other; `field` is the path of the spec. */
export function validateProfileAnnotations(
  annotations: Annotations | undefined,
  spec: PodSpec,
  field: string,
): FieldError[] {
  if (annotations === undefined) return [];
  const { seccompProfile, appArmorProfile } = spec.securityContext ?? {};
  const containers = placedContainers(spec, field);
  const isWindows = spec.os?.name === 'windows';
  const errors = validateMatch(annotations[podSeccompAnnotation], seccompProfile, {
    subject: 'seccomp',
    field: child(field, 'securityContext', 'seccompProfile'),
  });
  return [
    ...errors,
    ...containers.flatMap(({ container: { name, securityContext }, path }) =>
      validateMatch(annotations[`${seccompAnnotation}${name}`], securityContext?.seccompProfile, {
        subject: 'seccomp',
        field: child(path, 'securityContext', 'seccompProfile'),
      }),
    ),
    ...(isWindows
      ? []
      : containers.flatMap(({ container: { name, securityContext }, path }) => {
          const own: AppArmorProfile | undefined = securityContext?.appArmorProfile;
          return validateMatch(
            annotations[`${appArmorAnnotation}${name}`],
            own ?? appArmorProfile,
            { subject: 'apparmor', field: child(path, 'securityContext', 'appArmorProfile') },
          );
        })),
  ];
}

/** Checks that an update leaves the annotations alone that say how a pod came to be and is confined. */
export function validateAnnotationChanges(
  annotations: Annotations = {},
  stored: Annotations = {},
): FieldError[] {
  const field = 'metadata.annotations';
  const names = new Set([...Object.keys(stored), ...Object.keys(annotations)]);
  return [...names].flatMap((name) => {
    const what = name.startsWith(appArmorAnnotation)
      ? 'AppArmor annotations'
      : name === mirrorAnnotation
        ? 'mirror pod annotation'
        : undefined;
    if (what === undefined || annotations[name] === stored[name]) return [];
    const done = stored[name] === undefined ? 'add' : 'remove or update';
    return [forbidden(key(field, name), `may not ${done} ${what}`)];
  });
}
