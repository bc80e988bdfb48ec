/**
 * What may change in a pod once it is stored, with Kubernetes' texts: through the pod itself and its ephemeral containers.
 * Changes of its status are checked by `validate-status.ts`, of its resources by `validate-resize.ts`.
 *
 * Called by `pods` and by the server's pod subresources. Pure.
 */
import { maxInt32 } from '../../../integers.js';
import { jsonEqual } from '../../../patch/json-value.js';
import type { FieldError } from '../../../validation/field-error.js';
import { child, forbidden, invalid } from '../../../validation/field-error.js';
import { inclusiveRangeError } from '../../../validation/names.js';
import type { Container, NodeSelectorTerm, Pod, PodSpec, Toleration } from '../types.js';
import { isMirrorPod } from './mirror-pod.js';
import { validateAnnotationChanges } from './validate-annotations.js';
import { validatePod } from './validate-spec.js';
import { eachOf } from './validate-values.js';

const updatable =
  '`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/** The names of top-level fields in which two specs differ, for messages. */
export function differences(left: PodSpec, right: PodSpec): string[] {
  const names = new Set([...Object.keys(left), ...Object.keys(right)] as (keyof PodSpec)[]);
  return [...names].filter((name) => !jsonEqual(left[name] ?? null, right[name] ?? null)).sort();
}

/** Gives every container the image of its stored self, so that images do not count as a difference. */
const withImagesOf = (
  containers: readonly Container[] | undefined,
  stored: readonly Container[] | undefined,
): Container[] | undefined =>
  containers?.map((container, position) => {
    const image = stored?.[position]?.image;
    return { ...container, image };
  });

/** Sets or, for undefined, removes a field, so that absence compares equal to absence. */
function assign<K extends keyof PodSpec>(spec: PodSpec, name: K, value: PodSpec[K]): void {
  spec[name] = value;
}

const sameToleration = (left: Toleration, right: Toleration): boolean =>
  jsonEqual({ ...left, tolerationSeconds: null }, { ...right, tolerationSeconds: null });

function validateTolerations(spec: PodSpec, stored: PodSpec): FieldError[] {
  const kept = (stored.tolerations ?? []).every((old) =>
    spec.tolerations?.some((toleration) => sameToleration(toleration, old)),
  );
  const detail = 'existing toleration can not be modified except its tolerationSeconds';
  return kept ? [] : [forbidden('spec.tolerations', detail)];
}

/** Containers come and go with their pod. */
function validateCounts(spec: PodSpec, stored: PodSpec): FieldError[] {
  for (const name of ['containers', 'initContainers'] as const) {
    if ((spec[name] ?? []).length === (stored[name] ?? []).length) continue;
    return [forbidden(child('spec', name), 'pod updates may not add or remove containers')];
  }
  return [];
}

interface DeadlineCheck {
  readonly errors: readonly FieldError[];
  /** Kubernetes looks no further then. */
  readonly isFinal: boolean;
}

/** A deadline may be set and brought forward. */
function checkDeadline(spec: PodSpec, stored: PodSpec): DeadlineCheck {
  const [next, last] = [spec.activeDeadlineSeconds, stored.activeDeadlineSeconds];
  const failed = (detail: string, isFinal = true): DeadlineCheck => ({
    errors: [invalid('spec.activeDeadlineSeconds', next, detail)],
    isFinal,
  });
  if (next === undefined) {
    return last === undefined
      ? { errors: [], isFinal: false }
      : failed('must not update from a positive integer to nil value', false);
  }
  if (next < 0 || next > maxInt32) return failed(inclusiveRangeError(0, maxInt32));
  return last !== undefined && next > last
    ? failed('must be less than or equal to previous value')
    : { errors: [], isFinal: false };
}

/** Gates may only go. While there are some, node selector and affinity may still be narrowed. */
function validateGates(spec: PodSpec, stored: PodSpec): FieldError[] {
  const before = new Set((stored.schedulingGates ?? []).map(({ name }) => name));
  return eachOf('spec.schedulingGates', spec.schedulingGates, ({ name }, path) =>
    before.has(name)
      ? []
      : [
          forbidden(
            child(path, 'name'),
            `only deletion is allowed, but found new scheduling gate '${name}'`,
          ),
        ],
  );
}

/** Whether a list has only got longer at its end. */
const startsWith = (list: readonly unknown[] = [], start: readonly unknown[] = []): boolean =>
  list.length >= start.length && jsonEqual(list.slice(0, start.length), start);

const isEmptyTerm = ({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm): boolean =>
  matchExpressions.length === 0 && matchFields.length === 0;

/** A term that asks for nothing fits no node, and must not come to fit some. */
const isNarrowed = (term: NodeSelectorTerm, old: NodeSelectorTerm): boolean =>
  isEmptyTerm(old)
    ? isEmptyTerm(term)
    : startsWith(term.matchExpressions, old.matchExpressions) &&
      startsWith(term.matchFields, old.matchFields);

function validateNarrowing(spec: PodSpec, stored: PodSpec): FieldError[] {
  const kept = Object.entries(stored.nodeSelector ?? {}).every(
    ([name, value]) => spec.nodeSelector?.[name] === value,
  );
  const errors = kept
    ? []
    : [
        invalid(
          'spec.nodeSelector',
          spec.nodeSelector,
          'only additions to spec.nodeSelector are allowed (no mutations or deletions)',
        ),
      ];
  const must = 'requiredDuringSchedulingIgnoredDuringExecution';
  const before = stored.affinity?.nodeAffinity?.[must]?.nodeSelectorTerms ?? [];
  const after = spec.affinity?.nodeAffinity?.[must]?.nodeSelectorTerms ?? [];
  if (before.length === 0) return errors;
  const field = `spec.affinity.nodeAffinity.${must}.nodeSelectorTerms`;
  if (after.length !== before.length) {
    const detail = 'no additions/deletions to non-empty NodeSelectorTerms list are allowed';
    return [...errors, invalid(field, after.length === 0 ? null : after, detail)];
  }
  return [
    ...errors,
    ...eachOf(field, after, (term, path, position) =>
      isNarrowed(term, before[position] ?? {})
        ? []
        : [invalid(path, term, 'only additions are allowed (no mutations or deletions)')],
    ),
  ];
}

/** The draft with everything that an update may change put back to what is stored. */
function withUpdatable(spec: PodSpec, stored: PodSpec, isGated: boolean): PodSpec {
  const munged: PodSpec = {
    ...spec,
    containers: withImagesOf(spec.containers, stored.containers) ?? [],
  };
  assign(munged, 'initContainers', withImagesOf(spec.initContainers, stored.initContainers));
  assign(munged, 'activeDeadlineSeconds', stored.activeDeadlineSeconds);
  assign(munged, 'tolerations', stored.tolerations);
  assign(munged, 'schedulingGates', stored.schedulingGates);
  const grace = stored.terminationGracePeriodSeconds;
  if (grace !== undefined && grace < 0 && munged.terminationGracePeriodSeconds === 1) {
    munged.terminationGracePeriodSeconds = grace;
  }
  if (isGated) {
    assign(munged, 'nodeSelector', stored.nodeSelector);
    const affinity = { ...spec.affinity };
    const old = stored.affinity?.nodeAffinity;
    if (old === undefined) delete affinity.nodeAffinity;
    else affinity.nodeAffinity = old;
    const isEmpty = stored.affinity === undefined && Object.keys(affinity).length === 0;
    assign(munged, 'affinity', isEmpty ? undefined : affinity);
  }
  return munged;
}

/** Checks an update of a pod against the stored one. */
export function validatePodUpdate(pod: Pod, storedPod: Pod): readonly FieldError[] {
  const [spec, stored] = [pod.spec, storedPod.spec];
  const { annotations } = pod.metadata;
  const errors = validateAnnotationChanges(annotations, storedPod.metadata.annotations);
  const counts = validateCounts(spec, stored);
  if (counts.length > 0) return [...errors, ...counts];
  const deadline = checkDeadline(spec, stored);
  errors.push(...deadline.errors);
  if (deadline.isFinal) return errors;
  errors.push(...validateTolerations(spec, stored), ...validateGates(spec, stored));
  const isGated = (stored.schedulingGates ?? []).length > 0;
  if (isGated) errors.push(...validateNarrowing(spec, stored));
  const changed = differences(withUpdatable(spec, stored, isGated), stored);
  if (changed.length > 0) {
    const names = changed.map((name) => `spec.${name}`).join(', ');
    const detail = `pod updates may not change fields other than ${updatable}\nchanged: ${names}`;
    errors.push(forbidden('spec', detail));
  }
  return errors;
}

/** Checks a write to `/ephemeralcontainers`: they may be added, never changed or removed. */
export function validateEphemeralContainersUpdate(pod: Pod, storedPod: Pod): FieldError[] {
  if (isMirrorPod(storedPod)) {
    return [forbidden('[]', 'static pods do not support ephemeral containers')];
  }
  const field = 'spec.ephemeralContainers';
  const next = pod.spec.ephemeralContainers ?? [];
  const errors = [...validatePod(pod, storedPod)];
  for (const old of storedPod.spec.ephemeralContainers ?? []) {
    const container = next.findLast(({ name }) => name === old.name);
    if (container !== undefined && jsonEqual(container, old)) continue;
    const done = container === undefined ? 'removed' : 'changed';
    const detail = `existing ephemeral containers ${JSON.stringify(old.name)} may not be ${done}\n`;
    errors.push(forbidden(field, detail));
  }
  return errors;
}
