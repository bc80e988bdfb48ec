/**
 * What may change in a pod once it is stored, with Kubernetes' texts: through the pod itself, its ephemeral containers and
 * its resize subresource. Changes of its status are checked by `validate-status.ts`.
 *
 * Called by `pods` and by the server's pod subresources. Pure.
 */
import { jsonEqual } from '../../../patch/json-value.js';
import type { FieldError } from '../../../validation/field-error.js';
import { child, forbidden, invalid } from '../../../validation/field-error.js';
import type { Container, Pod, PodSpec, Toleration } from '../types.js';
import { qosClassOf } from './qos.js';
import { validatePodSpec } from './validate-spec.js';
import { eachOf } from './validate-values.js';

const updatable =
  '`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/** The names of top-level fields in which two specs differ, for messages. */
function differences(left: PodSpec, right: PodSpec): string[] {
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

function validateDeadline(spec: PodSpec, stored: PodSpec): FieldError[] {
  const [next, last] = [spec.activeDeadlineSeconds, stored.activeDeadlineSeconds];
  const field = 'spec.activeDeadlineSeconds';
  if (last === undefined) return [];
  if (next === undefined) {
    return [invalid(field, next, 'must not update from a positive integer to nil value')];
  }
  return next > last ? [invalid(field, next, 'must be less than or equal to previous value')] : [];
}

/** Gates may only go. While there are some, node selector and affinity may still be narrowed. */
function validateGates(spec: PodSpec, stored: PodSpec): FieldError[] {
  const before = new Set((stored.schedulingGates ?? []).map(({ name }) => name));
  return (spec.schedulingGates ?? [])
    .filter(({ name }) => !before.has(name))
    .map(({ name }) =>
      forbidden(
        'spec.schedulingGates',
        `only deletion is allowed, but found new scheduling gate '${name}'`,
      ),
    );
}

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
  const required = 'requiredDuringSchedulingIgnoredDuringExecution';
  const before = stored.affinity?.nodeAffinity?.[required]?.nodeSelectorTerms;
  const after = spec.affinity?.nodeAffinity?.[required]?.nodeSelectorTerms;
  if (before === undefined) return errors;
  const field = `spec.affinity.nodeAffinity.${required}.nodeSelectorTerms`;
  if (after?.length !== before.length) {
    const detail = 'no additions/deletions to non-empty NodeSelectorTerms list are allowed';
    return [...errors, invalid(field, after, detail)];
  }
  return [
    ...errors,
    ...eachOf(field, after, (term, path, position) => {
      const old = before[position];
      const grew = (['matchExpressions', 'matchFields'] as const).every((list) =>
        (old?.[list] ?? []).every((item) => term[list]?.some((next) => jsonEqual(next, item))),
      );
      return grew
        ? []
        : [invalid(path, term, 'only additions are allowed (no mutations or deletions)')];
    }),
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
  const addOrRemove = (name: 'containers' | 'initContainers', text: string): FieldError[] =>
    (spec[name] ?? []).length === (stored[name] ?? []).length
      ? []
      : [forbidden(child('spec', name), `pod updates may not add or remove ${text}`)];
  const counts = [
    ...addOrRemove('containers', 'containers'),
    ...addOrRemove('initContainers', 'init containers'),
  ];
  if (counts.length > 0) return counts;
  const isGated = (stored.schedulingGates ?? []).length > 0;
  const errors = [
    ...validateDeadline(spec, stored),
    ...validateTolerations(spec, stored),
    ...validateGates(spec, stored),
    ...(isGated ? validateNarrowing(spec, stored) : []),
  ];
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
  const field = 'spec.ephemeralContainers';
  const next = pod.spec.ephemeralContainers ?? [];
  const errors = validatePodSpec(pod.spec, 'spec');
  for (const old of storedPod.spec.ephemeralContainers ?? []) {
    const position = next.findIndex(({ name }) => name === old.name);
    if (position < 0) {
      errors.push(
        forbidden(
          field,
          `existing ephemeral containers ${JSON.stringify(old.name)} may not be removed\n`,
        ),
      );
    } else if (!jsonEqual(next[position], old)) {
      errors.push(
        forbidden(
          field,
          `existing ephemeral containers ${JSON.stringify(old.name)} may not be changed\n`,
        ),
      );
    }
  }
  return errors;
}

/** Requests and limits that resizing leaves alone: everything but CPU and memory. */
function otherResources(resources: Container['resources']): unknown {
  const others = (texts: Readonly<Record<string, string>> | undefined): unknown =>
    Object.fromEntries(
      Object.entries(texts ?? {}).filter(([name]) => name !== 'cpu' && name !== 'memory'),
    );
  return [others(resources?.limits), others(resources?.requests), resources?.claims ?? []];
}

const withoutResources = (containers: readonly Container[] | undefined): unknown =>
  (containers ?? []).map((container) => ({
    ...container,
    resources: otherResources(container.resources),
  }));

/** Checks a write to `/resize`: only CPU and memory of containers may change, and never the pod's QoS class. */
export function validatePodResize(pod: Pod, storedPod: Pod): FieldError[] {
  const errors = validatePodSpec(pod.spec, 'spec');
  const [spec, stored] = [pod.spec, storedPod.spec];
  const rest = (of: PodSpec): PodSpec => ({
    ...of,
    containers: [],
    initContainers: [],
    resources: {},
  });
  const isSame =
    differences(rest(spec), rest(stored)).length === 0 &&
    jsonEqual(withoutResources(spec.containers), withoutResources(stored.containers)) &&
    jsonEqual(withoutResources(spec.initContainers), withoutResources(stored.initContainers));
  if (!isSame) {
    errors.push(forbidden('spec', 'only cpu and memory resources are mutable'));
  }
  const qos = (storedPod.status as Pod['status'] | undefined)?.qosClass ?? qosClassOf(stored);
  if (errors.length === 0 && qosClassOf(spec) !== qos) {
    errors.push(
      invalid('spec', qosClassOf(spec), 'Pod QOS Class may not change as a result of resizing'),
    );
  }
  return errors;
}
