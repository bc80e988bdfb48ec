/**
 * What objects count as in resource quotas: pods, services, volume claims and resource claims by their content, everything by
 * number (`count/deployments.apps`).
 *
 * Called by the ResourceQuota admission plugin, which adds up before a write, and by the quota controller, which counts what
 * is there. Pure.
 */
import { groupResourceText } from '../../../meta/status-error.js';
import type { KubeObject } from '../../../meta/v1/types.js';
import {
  ceilQuantity,
  compareQuantities,
  isQuantity,
  parseQuantity,
  quantityFromUnits,
} from '../../../quantity.js';
import type { Quantity } from '../../../quantity.js';
import type { Pod, Service } from '../types.js';
import type { Amounts } from './amounts.js';
import { addAmounts, maskAmounts } from './amounts.js';
import {
  isPodResource,
  isTerminating,
  one,
  podConstraint,
  podMatchesScope,
  podUsage,
  selectsName,
} from './pod-usage.js';
import type { Scope } from './pod-usage.js';
import { storageClassAnnotation } from '../volume-columns.js';

/** How objects of one resource count. */
export interface Evaluator {
  readonly group: string;
  readonly plural: string;
  /** The parts of an object, empty for itself, through which an update can change what it counts as. */
  readonly countsUpdatesOf: readonly string[];
  /** Whether one such update may have, where not all may. */
  readonly mayChange?: (update: QuotaUpdate) => boolean;
  /** Whether a quota's resource is one that these objects use up. */
  readonly isResource: (name: string) => boolean;
  readonly usage: (object: KubeObject, nowMs: number) => Amounts;
  readonly matchesScope: (object: KubeObject, scope: Scope) => boolean;
  /** What an object has to say because a quota is about these resources, where it does not; undefined when all is well. */
  readonly constraint: (object: KubeObject, resources: readonly string[]) => string | undefined;
}

/** An object before and after an update through one of its parts. */
export interface QuotaUpdate {
  readonly object: KubeObject;
  readonly stored: KubeObject;
  readonly subresource: string;
}

/** What this module reads of a ResourceQuota. */
export interface QuotaShape extends KubeObject {
  readonly spec?: {
    readonly hard?: Readonly<Record<string, string>>;
    readonly scopes?: readonly string[];
    readonly scopeSelector?: {
      readonly matchExpressions?: readonly {
        readonly scopeName: string;
        readonly operator: string;
        readonly values?: readonly string[];
      }[];
    };
  };
  readonly status?: {
    readonly hard?: Readonly<Record<string, string>>;
    readonly used?: Readonly<Record<string, string>>;
  };
}

/** Older names of counts, from before `count/`. */
const aliases: Readonly<Record<string, string>> = {
  '/configmaps': 'configmaps',
  '/resourcequotas': 'resourcequotas',
  '/replicationcontrollers': 'replicationcontrollers',
  '/secrets': 'secrets',
};

const noConstraint = (): undefined => undefined;
const noScope = (): boolean => false;

function countEvaluator(group: string, plural: string): Evaluator {
  const alias = aliases[`${group}/${plural}`];
  const names = [
    `count/${groupResourceText({ group, plural })}`,
    ...(alias === undefined ? [] : [alias]),
  ];
  const usage: Amounts = new Map(names.map((name) => [name, one]));
  return {
    group,
    plural,
    countsUpdatesOf: [],
    isResource: (name) => names.includes(name),
    usage: () => usage,
    matchesScope: noScope,
    constraint: noConstraint,
  };
}

const podEvaluator: Evaluator = {
  group: '',
  plural: 'pods',
  countsUpdatesOf: ['', 'resize'],
  // Nothing but the scopes a pod is in changes with an update of the pod itself.
  mayChange: ({ object, stored, subresource }) =>
    subresource !== '' || isTerminating(object as Pod) !== isTerminating(stored as Pod),
  isResource: isPodResource,
  usage: (object, nowMs) => podUsage(object as Pod, nowMs),
  matchesScope: (object, scope) => podMatchesScope(object as Pod, scope),
  constraint: (object, resources) => podConstraint(object as Pod, resources),
};

const serviceNames = new Set([
  'count/services',
  'services',
  'services.nodeports',
  'services.loadbalancers',
]);

function serviceUsage(object: KubeObject): Amounts {
  const { spec } = object as Partial<Pick<Service, 'spec'>>;
  const { type, ports = [], allocateLoadBalancerNodePorts } = spec ?? {};
  const balanced = type === 'LoadBalancer';
  const given = ports.filter(({ nodePort = 0 }) => nodePort !== 0).length;
  const nodePorts =
    type === 'NodePort' || (balanced && allocateLoadBalancerNodePorts !== false)
      ? ports.length
      : balanced
        ? given
        : 0;
  return new Map([
    ['count/services', one],
    ['services', one],
    ['services.nodeports', quantityFromUnits(nodePorts)],
    ['services.loadbalancers', quantityFromUnits(balanced ? 1 : 0)],
  ]);
}

const serviceEvaluator: Evaluator = {
  ...countEvaluator('', 'services'),
  countsUpdatesOf: [''],
  isResource: (name) => serviceNames.has(name),
  usage: serviceUsage,
};

const classSuffix = '.storageclass.storage.k8s.io/';
const claimNames = new Set([
  'count/persistentvolumeclaims',
  'persistentvolumeclaims',
  'requests.storage',
]);
const perClass = ['persistentvolumeclaims', 'requests.storage'];

interface Claim extends KubeObject {
  readonly spec?: {
    readonly storageClassName?: string;
    readonly volumeAttributesClassName?: string;
    readonly resources?: { readonly requests?: Readonly<Record<string, string>> };
  };
  readonly status?: {
    readonly allocatedResources?: Readonly<Record<string, string>>;
    readonly currentVolumeAttributesClassName?: string;
    readonly modifyVolumeStatus?: { readonly targetVolumeAttributesClassName?: string };
  };
}

/** What a claim asks for, or has been given while it is resized, if that is more; in whole bytes. */
function sizeOf({ spec, status }: Claim): Quantity | undefined {
  const [asked, given] = [spec?.resources?.requests?.storage, status?.allocatedResources?.storage];
  if (asked === undefined || !isQuantity(asked)) return undefined;
  const wanted = parseQuantity(asked);
  if (given === undefined || !isQuantity(given)) return ceilQuantity(wanted);
  const allocated = parseQuantity(given);
  return ceilQuantity(compareQuantities(allocated, wanted) > 0 ? allocated : wanted);
}

function claimUsage(object: KubeObject): Amounts {
  const { metadata, spec } = object as Claim;
  const className = metadata.annotations?.[storageClassAnnotation] ?? spec?.storageClassName ?? '';
  const usage = new Map([
    ['count/persistentvolumeclaims', one],
    ['persistentvolumeclaims', one],
  ]);
  if (className !== '') usage.set(`${className}${classSuffix}persistentvolumeclaims`, one);
  const size = sizeOf(object);
  if (size === undefined) return usage;
  usage.set('requests.storage', size);
  if (className !== '') usage.set(`${className}${classSuffix}requests.storage`, size);
  return usage;
}

/** The volume attributes classes a claim wants, has, or is being changed to. */
function attributesClassesOf(object: KubeObject): readonly string[] {
  const { spec, status } = object as Claim;
  const names = [
    spec?.volumeAttributesClassName,
    status?.currentVolumeAttributesClassName,
    status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ];
  return [...new Set(names.flatMap((name = '') => (name === '' ? [] : [name])))].sort();
}

const claimEvaluator: Evaluator = {
  ...countEvaluator('', 'persistentvolumeclaims'),
  countsUpdatesOf: ['', 'status'],
  mayChange: ({ object, stored, subresource }) =>
    subresource !== 'status' ||
    (object as Claim).status?.allocatedResources?.storage !==
      (stored as Claim).status?.allocatedResources?.storage ||
    attributesClassesOf(object).join() !== attributesClassesOf(stored).join(),
  isResource: (name) =>
    claimNames.has(name) || perClass.some((counted) => name.endsWith(`${classSuffix}${counted}`)),
  usage: claimUsage,
  matchesScope: (object, scope) => {
    if (scope.scopeName !== 'VolumeAttributesClass') return false;
    const names = attributesClassesOf(object);
    return names.length === 0
      ? selectsName(scope, '')
      : names.some((name) => selectsName(scope, name));
  },
};

const deviceSuffix = '.deviceclass.resource.k8s.io/devices';

interface DeviceRequest {
  readonly deviceClassName?: string;
  readonly allocationMode?: string;
  readonly count?: number;
}

interface DeviceClaim extends KubeObject {
  readonly spec?: {
    readonly devices?: {
      readonly requests?: readonly {
        readonly exactly?: DeviceRequest;
        readonly firstAvailable?: readonly DeviceRequest[];
      }[];
    };
  };
}

/** As many devices as a claim can be given. */
const mostDevices = 32;

/** How many devices a request may come to at worst; a mode from the future counts as nothing. */
function devicesOf({ allocationMode = 'ExactCount', count = 1 }: DeviceRequest): number {
  if (allocationMode === 'All') return mostDevices;
  return allocationMode === 'ExactCount' ? count : 0;
}

/** The devices of each class; of alternatives one will be taken, so the largest of a class counts. */
function devicesByClass(requests: readonly DeviceRequest[]): Amounts {
  const most = new Map<string, number>();
  for (const request of requests) {
    const name = `${request.deviceClassName ?? ''}${deviceSuffix}`;
    most.set(name, Math.max(most.get(name) ?? 0, devicesOf(request)));
  }
  return new Map([...most].map(([name, count]) => [name, quantityFromUnits(count)]));
}

const deviceEvaluator: Evaluator = {
  ...countEvaluator('resource.k8s.io', 'resourceclaims'),
  countsUpdatesOf: [''],
  isResource: (name) =>
    name === 'count/resourceclaims.resource.k8s.io' || name.endsWith(deviceSuffix),
  usage: (object) => {
    let usage: Amounts = new Map([['count/resourceclaims.resource.k8s.io', one]]);
    for (const { exactly, firstAvailable = [] } of (object as DeviceClaim).spec?.devices
      ?.requests ?? []) {
      const alternatives = exactly === undefined ? firstAvailable : [exactly];
      usage = addAmounts(usage, devicesByClass(alternatives));
    }
    return usage;
  },
};

const byContent: ReadonlyMap<string, Evaluator> = new Map(
  [podEvaluator, serviceEvaluator, claimEvaluator, deviceEvaluator].map((evaluator) => [
    `${evaluator.group}/${evaluator.plural}`,
    evaluator,
  ]),
);

/** Events come and go by themselves; Kubernetes has never counted them. */
const uncounted = new Set(['/events', 'events.k8s.io/events']);

/** Whether objects of a resource count at all. */
export const isCounted = (group: string, plural: string): boolean =>
  !uncounted.has(`${group}/${plural}`);

/** How objects of a resource count; by number where nothing else is known. */
export const evaluatorOf = (group: string, plural: string): Evaluator =>
  byContent.get(`${group}/${plural}`) ?? countEvaluator(group, plural);

/** The scopes of a quota, in the longer form. */
function scopesOf({ spec }: QuotaShape): readonly Scope[] {
  return [
    ...(spec?.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists', values: [] })),
    ...(spec?.scopeSelector?.matchExpressions ?? []).map(({ scopeName, operator, values }) => ({
      scopeName,
      operator,
      values: values ?? [],
    })),
  ];
}

/** The scopes of a quota that an object is in. */
export const scopesHolding = (
  evaluator: Evaluator,
  object: KubeObject,
  quota: QuotaShape,
): readonly Scope[] => scopesOf(quota).filter((scope) => evaluator.matchesScope(object, scope));

/** Whether an object is within all scopes of a quota. */
export const isInScope = (evaluator: Evaluator, object: KubeObject, quota: QuotaShape): boolean =>
  scopesOf(quota).every((scope) => evaluator.matchesScope(object, scope));

/** The resource that a quota's resource name counts, for names that are not about the content of objects. */
function countedResource(name: string): { group: string; plural: string } | undefined {
  if (!name.startsWith('count/')) {
    const alias = Object.entries(aliases).find(([, text]) => text === name)?.[0];
    return alias === undefined ? undefined : { group: '', plural: alias.slice(1) };
  }
  const text = name.slice('count/'.length);
  const dot = text.indexOf('.');
  return dot === -1
    ? { group: '', plural: text }
    : { group: text.slice(dot + 1), plural: text.slice(0, dot) };
}

/** The evaluators that the resources of a quota ask for. */
export function evaluatorsFor(names: readonly string[]): readonly Evaluator[] {
  const found = new Map<string, Evaluator>();
  for (const name of names) {
    const known = [...byContent.values()].filter((evaluator) => evaluator.isResource(name));
    const counted = known.length > 0 ? undefined : countedResource(name);
    const isOne = counted !== undefined && isCounted(counted.group, counted.plural);
    const all = isOne ? [evaluatorOf(counted.group, counted.plural)] : known;
    for (const evaluator of all) found.set(`${evaluator.group}/${evaluator.plural}`, evaluator);
  }
  return [...found.values()];
}

/** What all objects there are use up of a quota; every resource it limits is in the answer. */
export function usedOf(
  quota: QuotaShape,
  list: (group: string, plural: string) => readonly KubeObject[],
  nowMs: number,
): Amounts {
  const names = Object.keys(quota.spec?.hard ?? {});
  let used: Amounts = new Map(names.map((name) => [name, quantityFromUnits(0)]));
  for (const evaluator of evaluatorsFor(names)) {
    for (const object of list(evaluator.group, evaluator.plural)) {
      if (!isInScope(evaluator, object, quota)) continue;
      used = addAmounts(used, maskAmounts(evaluator.usage(object, nowMs), names));
    }
  }
  return used;
}
