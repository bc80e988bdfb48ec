/**
 * LimitRanger: the LimitRange objects of a namespace give containers default requests and limits, and bound what containers,
 * pods and volume claims may ask for.
 */
import type { Container, Pod, PodSpec } from '../../../api/core/v1/types.js';
import { podLimits, podRequests, totalsFrom } from '../../../api/core/v1/pod/requests.js';
import type { ResourceTotals } from '../../../api/core/v1/pod/requests.js';
import type { KubeObject } from '../../../api/meta/v1/types.js';
import type { AdmissionAttributes, AdmissionPlugin, AdmissionReader } from '../admission.js';
import { refusal } from '../refusals.js';
import { anyOf, concernsPodPart, concernsPods, concernsResource } from '../sorts.js';
import {
  maximumOfRequest,
  maximumProblem,
  minimumProblem,
  ratioProblem,
} from './limit-constraints.js';
import type { Constrained } from './limit-constraints.js';

const annotation = 'kubernetes.io/limit-ranger';

type Amounts = Readonly<Record<string, string>>;

/** What this plugin reads of a LimitRange. */
interface LimitRange extends KubeObject {
  readonly spec?: { readonly limits?: readonly Limit[] };
}

interface Limit {
  readonly type: string;
  readonly min?: Amounts;
  readonly max?: Amounts;
  readonly default?: Amounts;
  readonly defaultRequest?: Amounts;
  readonly maxLimitRequestRatio?: Amounts;
}

const limitsOf = ({ spec }: LimitRange, type: string): readonly Limit[] =>
  (spec?.limits ?? []).filter((limit) => limit.type === type);

/** Fills in what is absent; gives the names of what it filled in, sorted. */
function fill(target: Record<string, string>, defaults: Amounts): readonly string[] {
  const added = Object.keys(defaults).filter((name) => target[name] === undefined);
  for (const name of added) target[name] = defaults[name] ?? '0';
  return added.sort();
}

function fillContainer(container: Container, limit: Limit, what: string): readonly string[] {
  const { resources = {} } = container;
  const limits = { ...resources.limits };
  const requests = { ...resources.requests };
  const limited = fill(limits, limit.default ?? {});
  const requested = fill(requests, limit.defaultRequest ?? {});
  if (limited.length + requested.length === 0) return [];
  container.resources = {
    ...resources,
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
    ...(Object.keys(requests).length === 0 ? {} : { requests }),
  };
  return [
    ...(requested.length === 0 ? [] : [`${requested.join(', ')} request for ${what}`]),
    ...(limited.length === 0 ? [] : [`${limited.join(', ')} limit for ${what}`]),
  ];
}

/** The defaults of all container entries of one LimitRange; later entries win. */
function mergedDefaults(range: LimitRange): Limit {
  const merged = { type: 'Container', default: {}, defaultRequest: {} };
  for (const limit of limitsOf(range, 'Container')) {
    Object.assign(merged.default, limit.default);
    Object.assign(merged.defaultRequest, limit.defaultRequest);
  }
  return merged;
}

function fillPod(pod: Pod, range: LimitRange): void {
  const defaults = mergedDefaults(range);
  const { containers, initContainers = [] } = pod.spec;
  const notes = [
    ...containers.flatMap((container) =>
      fillContainer(container, defaults, `container ${container.name}`),
    ),
    ...initContainers.flatMap((container) =>
      fillContainer(container, defaults, `init container ${container.name}`),
    ),
  ];
  if (notes.length === 0) return;
  pod.metadata.annotations = {
    ...pod.metadata.annotations,
    [annotation]: `LimitRanger plugin set: ${notes.join('; ')}`,
  };
}

function problemsOf(limit: Limit, requests: ResourceTotals, limits: ResourceTotals): string[] {
  const problems: (string | undefined)[] = [];
  const check = (
    bounds: Amounts | undefined,
    problem: (constrained: Constrained) => string | undefined,
  ): void => {
    for (const [resource, bound] of Object.entries(bounds ?? {}).sort()) {
      problems.push(problem({ type: limit.type, resource, bound, requests, limits }));
    }
  };
  check(limit.min, minimumProblem);
  check(limit.max, maximumProblem);
  check(limit.maxLimitRequestRatio, ratioProblem);
  return problems.filter((problem) => problem !== undefined);
}

function podProblems(spec: PodSpec, range: LimitRange): readonly string[] {
  const problems: string[] = [];
  for (const limit of range.spec?.limits ?? []) {
    if (limit.type === 'Container') {
      for (const { resources } of [...spec.containers, ...(spec.initContainers ?? [])]) {
        const [requests, limits] = [resources?.requests, resources?.limits];
        problems.push(...problemsOf(limit, totalsFrom(requests), totalsFrom(limits)));
      }
    }
    if (limit.type === 'Pod') {
      // What its runtime takes beside is not the pod's choice.
      const own = { ...spec, overhead: {} };
      problems.push(...problemsOf(limit, podRequests(own), podLimits(own)));
    }
  }
  return problems;
}

type Claim = KubeObject & {
  readonly spec?: { readonly resources?: { readonly requests?: Record<string, string> } };
};

function claimProblems(claim: Claim, range: LimitRange): readonly string[] {
  const requests = totalsFrom(claim.spec?.resources?.requests);
  const limits: ResourceTotals = new Map();
  return limitsOf(range, 'PersistentVolumeClaim').flatMap(({ type, min, max }) => [
    ...problemsOf({ type, ...(min === undefined ? {} : { min }) }, requests, limits),
    ...Object.entries(max ?? {})
      .sort()
      .map(([resource, bound]) => maximumOfRequest({ type, resource, bound, requests, limits }))
      .filter((problem) => problem !== undefined),
  ]);
}

const isPods = ({ resource }: AdmissionAttributes): boolean => resource.plural === 'pods';

export const limitRanger = (reader: AdmissionReader): AdmissionPlugin => ({
  name: 'LimitRanger',
  concerns: anyOf(
    concernsPods('CREATE'),
    concernsPodPart('resize', 'UPDATE'),
    concernsResource('', 'persistentvolumeclaims', ['CREATE', 'UPDATE']),
  ),
  idle: () => reader.count('', 'limitranges') === 0,
  mutate: (attributes) => {
    if (!isPods(attributes) || attributes.operation !== 'CREATE') return;
    for (const range of reader.list('', 'limitranges', attributes.namespace)) {
      fillPod(attributes.object as Pod, range);
    }
  },
  validate: (attributes) => {
    // What is going may still be changed, to let go of its finalizers.
    if (attributes.stored?.metadata.deletionTimestamp !== undefined) return;
    for (const range of reader.list('', 'limitranges', attributes.namespace)) {
      const problems = isPods(attributes)
        ? podProblems((attributes.object as Pod).spec, range)
        : claimProblems(attributes.object as Claim, range);
      const [only, ...others] = problems;
      if (only === undefined) continue;
      throw refusal(attributes, others.length === 0 ? only : `[${problems.join(', ')}]`);
    }
  },
});
