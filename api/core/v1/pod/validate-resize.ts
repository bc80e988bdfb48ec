/** What may change in a pod through its resize subresource, with Kubernetes' texts. Called by the server's pod subresources. Pure. */
import { jsonEqual } from '../../../patch/json-value.js';
import type { FieldError } from '../../../validation/field-error.js';
import { child, forbidden, index, invalid } from '../../../validation/field-error.js';
import type { Container, Pod, PodSpec, ResourceRequirements } from '../types.js';
import { isRestartableInit } from './conditions.js';
import { isMirrorPod } from './mirror-pod.js';
import { qosClassOf } from './qos.js';
import { validatePod } from './validate-spec.js';
import { differences } from './validate-update.js';
import { eachOf } from './validate-values.js';

type Texts = Readonly<Record<string, string>>;

/** Amounts without those that resizing is about. */
const otherAmounts = (texts: Texts = {}): Texts =>
  Object.fromEntries(Object.entries(texts).filter(([name]) => name !== 'cpu' && name !== 'memory'));

const otherResources = (resources: ResourceRequirements | undefined): unknown => [
  otherAmounts(resources?.limits),
  otherAmounts(resources?.requests),
  resources?.claims ?? [],
];

/** Whether two containers differ in nothing but CPU and memory. */
const sameBesides = (container: Container, old: Container): boolean =>
  jsonEqual(
    { ...container, resources: otherResources(container.resources) },
    { ...old, resources: otherResources(old.resources) },
  );

const isRemoved = (next: Texts = {}, last: Texts = {}): boolean =>
  Object.keys(last).some((name) => next[name] === undefined);

/** What was requested or limited once stays so. */
function validateKept(
  next: ResourceRequirements | undefined,
  last: ResourceRequirements | undefined,
  { field, subject }: { readonly field: string; readonly subject: string },
): FieldError[] {
  return (['requests', 'limits'] as const)
    .filter((side) => isRemoved(next?.[side], last?.[side]))
    .map((side) => forbidden(child(field, side), `${subject} ${side} cannot be removed`));
}

function validateOrder(spec: PodSpec, stored: PodSpec): FieldError[] {
  return (['containers', 'initContainers'] as const).flatMap((list) => {
    const [next, last] = [spec[list] ?? [], stored[list] ?? []];
    if (next.length !== last.length) {
      return [forbidden(child('spec', list), `${list} may not be added or removed on resize`)];
    }
    return eachOf(child('spec', list), next, ({ name }, path, position) =>
      name === last[position]?.name
        ? []
        : [forbidden(child(path, 'name'), `${list} may not be renamed or reordered on resize`)],
    );
  });
}

const hasPodLevel = ({ resources }: PodSpec): boolean =>
  Object.keys({ ...resources?.requests, ...resources?.limits }).length > 0;

function validatePodLevel(spec: PodSpec, stored: PodSpec): FieldError[] {
  if (!hasPodLevel(spec) && !hasPodLevel(stored)) return [];
  const field = 'spec.resources';
  if (stored.resources !== undefined && spec.resources === undefined) {
    return [forbidden(field, 'pod-level resources cannot be removed')];
  }
  const errors = validateKept(spec.resources, stored.resources, {
    field,
    subject: 'pod-level resource',
  });
  return jsonEqual(otherResources(spec.resources), otherResources(stored.resources))
    ? errors
    : [...errors, forbidden('spec', 'only cpu and memory resources are mutable at pod-level')];
}

function validateContainer(container: Container, old: Container, field: string): FieldError[] {
  const kept = validateKept(container.resources, old.resources, {
    field: child(field, 'resources'),
    subject: 'resource',
  });
  return sameBesides(container, old)
    ? kept
    : [...kept, forbidden('spec', 'only cpu and memory resources are mutable')];
}

function validateInitContainer(container: Container, old: Container, field: string): FieldError[] {
  const errors = validateKept(container.resources, old.resources, {
    field: child(field, 'resources'),
    subject: 'resource',
  });
  if (!sameBesides(container, old)) {
    const detail = 'only cpu and memory resources for init or sidecar containers are mutable';
    errors.push(forbidden(field, detail));
  }
  const restarts = container.resizePolicy?.some(
    ({ restartPolicy }) => restartPolicy === 'RestartContainer',
  );
  if (restarts === true && !isRestartableInit(container) && !jsonEqual(container, old)) {
    const detail =
      'non-sidecar init containers with a resize policy of RestartContainer cannot be resized';
    errors.push(forbidden(field, detail));
  }
  return errors;
}

/** Whether the agent that runs the pod says what its containers have, which it does where it can change it. */
function isSupported({ status }: Pod): boolean {
  const { containerStatuses = [] } = (status as Pod['status'] | undefined) ?? {};
  const running = containerStatuses.find(({ state }) => state?.running !== undefined);
  return running === undefined || running.resources !== undefined;
}

/** Checks a write to `/resize`: only CPU and memory may change, and never the pod's QoS class. */
export function validatePodResize(pod: Pod, storedPod: Pod): FieldError[] {
  const [spec, stored] = [pod.spec, storedPod.spec];
  if (isMirrorPod(storedPod)) return [forbidden('[]', 'static pods cannot be resized')];
  if (stored.os?.name === 'windows') return [forbidden('[]', 'windows pods cannot be resized')];
  const status = storedPod.status as Pod['status'] | undefined;
  const errors = [...validatePod(pod, storedPod)];
  if (qosClassOf(spec) !== (status?.qosClass ?? qosClassOf(stored))) {
    const detail = 'Pod QOS Class may not change as a result of resizing';
    errors.push(invalid('spec', status?.qosClass ?? '', detail));
  }
  if (!isSupported(storedPod)) {
    errors.push(forbidden('spec', 'Pod running on node without support for resize'));
  }
  errors.push(...validatePodLevel(spec, stored));
  const order = validateOrder(spec, stored);
  if (order.length > 0) return [...errors, ...order];
  const none = { name: '' };
  errors.push(
    ...spec.containers.flatMap((container, at) =>
      validateContainer(container, stored.containers[at] ?? none, index('spec.containers', at)),
    ),
    ...(spec.initContainers ?? []).flatMap((container, at) =>
      validateInitContainer(
        container,
        stored.initContainers?.[at] ?? none,
        index('spec.initContainers', at),
      ),
    ),
  );
  if (errors.length > 0) return errors;
  const rest = (of: PodSpec): PodSpec => ({
    ...of,
    containers: [],
    initContainers: [],
    resources: {},
  });
  return differences(rest(spec), rest(stored)).length > 0
    ? [forbidden('spec', 'only cpu and memory resources are mutable')]
    : [];
}
