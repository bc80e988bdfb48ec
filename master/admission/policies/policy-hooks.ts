/** Policies with the bindings that put them in force, made ready to be matched: kept until one of them changes. */
import type { KubeObject } from '../../../api/meta/v1/types.js';
import type { MatchResources, ParamRef } from '../../../api/admissionregistration/v1/types.js';
import type { ResourceDefinition } from '../../../api/schema/resource.js';
import type { AdmissionAttributes, AdmissionReader } from '../admission.js';
import { seenThrough } from '../equivalents.js';
import type { EquivalentsOf, SeenAs } from '../equivalents.js';
import { isAdmissionConfiguration, selectorsFrom, selectorsMatch } from '../rule-matching.js';
import type { Selectors } from '../rule-matching.js';

const group = 'admissionregistration.k8s.io';

interface Criteria {
  readonly match: MatchResources;
  readonly selectors: Selectors;
}

export interface BindingShape extends KubeObject {
  readonly spec: {
    readonly policyName?: string | undefined;
    readonly paramRef?: ParamRef | undefined;
    readonly matchResources?: MatchResources | undefined;
  };
}

export interface PolicyShape extends KubeObject {
  readonly spec: { readonly matchConstraints?: MatchResources | undefined };
}

export interface BoundPolicy<B extends BindingShape> {
  readonly binding: B;
  readonly criteria: Criteria | undefined;
}

export interface PolicyHook<C, B extends BindingShape> {
  readonly name: string;
  /** What was made of the policy. */
  readonly compiled: C;
  readonly criteria: Criteria;
  readonly bindings: readonly BoundPolicy<B>[];
}

const questions = new Set([
  'authentication.k8s.io/selfsubjectreviews',
  'authentication.k8s.io/tokenreviews',
  'authorization.k8s.io/localsubjectaccessreviews',
  'authorization.k8s.io/selfsubjectaccessreviews',
  'authorization.k8s.io/selfsubjectrulesreviews',
  'authorization.k8s.io/subjectaccessreviews',
]);

/** Nobody may be kept by a policy from asking who somebody is and what they may do: the cluster would stand still. */
const isExempt = (resource: ResourceDefinition): boolean =>
  isAdmissionConfiguration(resource) || questions.has(`${resource.group}/${resource.plural}`);

const criteriaOf = (match: MatchResources): Criteria => ({
  match,
  selectors: selectorsFrom(match.namespaceSelector, match.objectSelector),
});

export interface PolicyHookOptions<P extends PolicyShape, C> {
  readonly reader: AdmissionReader;
  readonly equivalentsOf: EquivalentsOf;
  readonly policies: string;
  readonly bindings: string;
  readonly compile: (policy: P) => C;
}

export class PolicyHooks<P extends PolicyShape, C, B extends BindingShape> {
  private readonly options: PolicyHookOptions<P, C>;
  private readonly compiled = new WeakMap<P, C>();
  private knownAt = '';
  private known: readonly PolicyHook<C, B>[] = [];

  constructor(options: PolicyHookOptions<P, C>) {
    this.options = options;
  }

  isEmpty(): boolean {
    const { reader, bindings } = this.options;
    return reader.count(group, bindings) === 0;
  }

  /** By the names of policies and of bindings. Policies that nothing puts in force are left out. */
  current(): readonly PolicyHook<C, B>[] {
    const { reader, policies, bindings } = this.options;
    const changedAt = `${String(reader.changedAt(group, policies))} ${String(reader.changedAt(group, bindings))}`;
    if (changedAt === this.knownAt) return this.known;
    const all = reader.list(group, bindings) as readonly B[];
    this.known = (reader.list(group, policies) as readonly P[]).flatMap((policy) => {
      const bound = all.filter(({ spec }) => spec.policyName === policy.metadata.name);
      return bound.length === 0 ? [] : [this.hookOf(policy, bound)];
    });
    this.knownAt = changedAt;
    return this.known;
  }

  /** How the policy sees the request; undefined where it is not about it. */
  seenBy(hook: PolicyHook<C, B>, attributes: AdmissionAttributes): SeenAs | undefined {
    if (isExempt(attributes.resource)) return undefined;
    return this.matches(hook.criteria, attributes);
  }

  isBound({ criteria }: BoundPolicy<B>, attributes: AdmissionAttributes): boolean {
    return criteria === undefined || this.matches(criteria, attributes) !== undefined;
  }

  private hookOf(policy: P, bound: readonly B[]): PolicyHook<C, B> {
    let compiled = this.compiled.get(policy);
    if (compiled === undefined) {
      compiled = this.options.compile(policy);
      this.compiled.set(policy, compiled);
    }
    return {
      name: policy.metadata.name,
      compiled,
      criteria: criteriaOf(policy.spec.matchConstraints ?? {}),
      bindings: bound.map((binding) => {
        const { matchResources } = binding.spec;
        const criteria = matchResources === undefined ? undefined : criteriaOf(matchResources);
        return { binding, criteria };
      }),
    };
  }

  private matches(
    { match, selectors }: Criteria,
    attributes: AdmissionAttributes,
  ): SeenAs | undefined {
    const { reader, equivalentsOf } = this.options;
    const { matchPolicy, resourceRules = [], excludeResourceRules = [] } = match;
    const through = (rules: typeof resourceRules): SeenAs | undefined =>
      seenThrough(rules, matchPolicy, attributes, equivalentsOf);
    if (excludeResourceRules.length > 0 && through(excludeResourceRules) !== undefined) {
      return undefined;
    }
    const same = (object: KubeObject): KubeObject => object;
    const seen =
      resourceRules.length === 0
        ? { resource: attributes.resource, to: same, from: same }
        : through(resourceRules);
    return seen === undefined || !selectorsMatch(selectors, attributes, reader) ? undefined : seen;
  }
}
