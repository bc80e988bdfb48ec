/**
 * MutatingAdmissionPolicy: changes objects as the expressions of policies say, one policy after another. A policy that wants to
 * is evaluated again when others changed the object after it.
 */
import type {
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
} from '../../../api/admissionregistration/v1/types.js';
import type { KubeObject } from '../../../api/meta/v1/types.js';
import { jsonEqual } from '../../../api/patch/json-value.js';
import { withAnswers } from '../../../machinery/with-answers.js';
import type { AdmissionAttributes, AdmissionPlugin, ImmediateAuthorizer } from '../admission.js';
import type { SeenAs } from '../equivalents.js';
import { bindingsOf } from '../expression-bindings.js';
import { compileConditions, evaluateConditions } from '../match-conditions.js';
import type { CompiledCondition } from '../match-conditions.js';
import { reviewRequest } from '../review-request.js';
import { replaceContent } from '../webhooks/mutating.js';
import type { Redecode } from '../webhooks/mutating.js';
import { applyValue, MutationError, patchValue } from './apply-mutation.js';
import { compile, compileVariables, Evaluation } from './evaluation.js';
import type { Compiled } from './evaluation.js';
import { ParamsError, paramsFor } from './params.js';
import { PolicyHooks } from './policy-hooks.js';
import type { BoundPolicy, PolicyHook } from './policy-hooks.js';
import { policyDenial } from './validating.js';
import type { PolicyOptions } from './validating.js';
import { policyScope } from '../../../api/admissionregistration/v1/policy-rules.js';
import { TripsOfRequests } from '../reinvocation.js';

export type MutatingPolicyOptions = PolicyOptions & { readonly redecode: Redecode };

interface CompiledMutation {
  readonly patchType: string;
  readonly expression: Compiled;
}

interface CompiledPolicy {
  readonly policy: MutatingAdmissionPolicy;
  readonly conditions: readonly CompiledCondition[];
  readonly variables: ReadonlyMap<string, Compiled>;
  readonly mutations: readonly CompiledMutation[];
}

type Hook = PolicyHook<CompiledPolicy, MutatingAdmissionPolicyBinding>;
type Bound = BoundPolicy<MutatingAdmissionPolicyBinding>;

function compilePolicy(policy: MutatingAdmissionPolicy): CompiledPolicy {
  const { spec } = policy;
  const scope = policyScope({ ...spec, mutations: spec.mutations ?? [] });
  return {
    policy,
    conditions: compileConditions(spec.matchConditions, { ...scope, variables: undefined }),
    variables: compileVariables(spec.variables ?? [], scope),
    mutations: (spec.mutations ?? []).map(({ patchType, applyConfiguration, jsonPatch }) => ({
      patchType,
      expression:
        patchType === 'JSONPatch'
          ? compile(jsonPatch?.expression ?? '', scope, 'json patch')
          : compile(applyConfiguration?.expression ?? '', scope, 'object'),
    })),
  };
}

/** What one binding's evaluation works on. */
interface Work {
  readonly hook: Hook;
  readonly seen: SeenAs;
  readonly attributes: AdmissionAttributes;
  readonly object: KubeObject;
}

class MutatingPolicies implements AdmissionPlugin {
  readonly name = 'MutatingAdmissionPolicy';
  private readonly options: MutatingPolicyOptions;
  private readonly hooks: PolicyHooks<
    MutatingAdmissionPolicy,
    CompiledPolicy,
    MutatingAdmissionPolicyBinding
  >;
  private readonly trips = new TripsOfRequests();

  constructor(options: MutatingPolicyOptions) {
    this.options = options;
    this.hooks = new PolicyHooks({
      reader: options.reader,
      equivalentsOf: options.equivalentsOf,
      policies: 'mutatingadmissionpolicies',
      bindings: 'mutatingadmissionpolicybindings',
      compile: compilePolicy,
    });
  }

  readonly concerns = ({ operation }: { readonly operation: string }): boolean =>
    operation !== 'DELETE';
  readonly idle = (): boolean => this.hooks.isEmpty();

  readonly mutate = async (attributes: AdmissionAttributes): Promise<void> => {
    const { object, pass } = attributes;
    if (object === undefined) return;
    const trips = this.trips.of(pass);
    trips.begin(pass, object);
    for (const hook of this.hooks.current()) {
      const { name, compiled } = hook;
      if (!trips.isDue(pass, name)) continue;
      const seen = this.hooks.seenBy(hook, attributes);
      if (seen === undefined) continue;
      const changed = await this.runPolicy({ hook, seen, attributes, object });
      const isWilling = compiled.policy.spec.reinvocationPolicy === 'IfNeeded';
      trips.asked(pass, name, { changed, isWilling });
    }
    trips.end(object);
  };

  /** Whether the object is another one now. */
  private async runPolicy(work: Work): Promise<boolean> {
    let changed = false;
    for (const bound of work.hook.bindings) {
      if (!this.hooks.isBound(bound, work.attributes)) continue;
      try {
        for (const param of this.paramsOf(work, bound)) {
          const made = await withAnswers(this.options.authorize, (authorize) =>
            this.madeBy(work, param, authorize),
          );
          if (made === undefined || jsonEqual(made, work.object)) continue;
          replaceContent(work.object, made);
          changed = true;
        }
      } catch (error) {
        this.fail(work, bound, error);
      }
    }
    return changed;
  }

  private paramsOf({ hook, attributes }: Work, { binding }: Bound) {
    const { spec } = hook.compiled.policy;
    const { reader, resourceOfKind } = this.options;
    const { paramRef } = binding.spec;
    const { namespace } = attributes;
    try {
      return paramsFor({ paramKind: spec.paramKind, paramRef, namespace }, reader, resourceOfKind);
    } catch (error) {
      if (!(error instanceof ParamsError)) throw error;
      throw new MutationError(`failed to configure binding: ${error.message}`, { cause: error });
    }
  }

  private fail({ hook, attributes }: Work, { binding }: Bound, error: unknown): void {
    if (!(error instanceof MutationError)) throw error;
    if (hook.compiled.policy.spec.failurePolicy === 'Ignore') return;
    const who = `policy '${hook.name}' with binding '${binding.metadata.name}'`;
    throw policyDenial(attributes, `${who} denied request: ${error.message}`, 'Invalid');
  }

  /**
   * What a policy makes of the object; undefined where it does not match. All its mutations are made, or none: each sees what
   * those before it made.
   */
  private madeBy(
    work: Work,
    param: KubeObject | null,
    authorize: ImmediateAuthorizer,
  ): KubeObject | undefined {
    const { hook, seen, attributes, object } = work;
    const { compiled } = hook;
    let current = seen.to(structuredClone(object));
    const evaluationOf = (): Evaluation => {
      const request = { ...reviewRequest(attributes, seen, ''), object: current };
      return new Evaluation(compiled.variables, {
        ...bindingsOf(() => request, attributes, { reader: this.options.reader, authorize }),
        ...(compiled.policy.spec.paramKind === undefined ? {} : { params: param }),
      });
    };
    const matched = evaluateConditions(compiled.conditions, evaluationOf().environment);
    if (matched.matches === undefined) throw new MutationError(matched.error);
    if (!matched.matches) return undefined;
    for (const { patchType, expression } of compiled.mutations) {
      const result = evaluationOf().evaluate(expression);
      if (!result.ok) throw new MutationError(result.error);
      current =
        patchType === 'JSONPatch'
          ? patchValue(current, result.value)
          : applyValue(seen.resource, current, result.value);
    }
    return this.options.redecode(attributes, seen.from(current));
  }
}

export const mutatingPolicies = (options: MutatingPolicyOptions): AdmissionPlugin =>
  new MutatingPolicies(options);
