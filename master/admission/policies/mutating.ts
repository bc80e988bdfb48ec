/**
 * MutatingAdmissionPolicy: changes objects as the expressions of policies say, one policy after another. A policy that wants to
 * is evaluated again when others changed the object after it.
 */
import type {
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
} from '../../../api/admissionregistration/v1/types.js';
import type { Value } from '../../../api/cel/values.js';
import { failure, internalError } from '../../../api/meta/status-error.js';
import type { KubeObject } from '../../../api/meta/v1/types.js';
import { jsonEqual } from '../../../api/patch/json-value.js';
import { errorText } from '../../../machinery/error-text.js';
import { withAnswers } from '../../../machinery/with-answers.js';
import type { AdmissionAttributes, AdmissionPlugin, ImmediateAuthorizer } from '../admission.js';
import { expressionErrorOf } from '../admission-metrics.js';
import type { ExpressionError, MutationObservation } from '../admission-metrics.js';
import type { SeenAs } from '../equivalents.js';
import { bindingsOf } from '../expression-bindings.js';
import { compileConditions, evaluateConditions } from '../match-conditions.js';
import type { CompiledCondition } from '../match-conditions.js';
import { refusal } from '../refusals.js';
import { reviewRequest } from '../review-request.js';
import { replaceContent } from '../webhooks/mutating.js';
import type { Redecode } from '../webhooks/mutating.js';
import { applyValue, MutationError, patchValue } from './apply-mutation.js';
import { compile, compileVariables, Evaluation } from './evaluation.js';
import type { Compiled } from './evaluation.js';
import { paramKindProblem, ParamsError, paramsFor } from './params.js';
import { PolicyHooks } from './policy-hooks.js';
import type { PolicyHook } from './policy-hooks.js';
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

/** A policy under one binding with one set of parameters. */
interface Invocation {
  /** Tells it from the others of a request. */
  readonly id: string;
  readonly hook: Hook;
  readonly binding: MutatingAdmissionPolicyBinding;
  readonly seen: SeenAs;
  readonly param: KubeObject | null;
}

/** Why a policy could not do its work. */
interface PolicyFailure {
  readonly hook: Hook;
  /** Undefined where no binding has to do with it. */
  readonly binding?: MutatingAdmissionPolicyBinding;
  readonly message: string;
  readonly reason: 'Forbidden' | 'Invalid';
}

/** What an invocation comes to. */
interface Made {
  /** Undefined where the policy is not about the request. */
  readonly object?: KubeObject;
  readonly failures: readonly PolicyFailure[];
  readonly observed: readonly MutationObservation[];
}

/** What a client is told of the failures that may not be passed by. */
function refuseFor(attributes: AdmissionAttributes, failures: readonly PolicyFailure[]): void {
  const fatal = failures.filter(({ hook }) => hook.compiled.policy.spec.failurePolicy !== 'Ignore');
  const [first] = fatal;
  if (first === undefined) return;
  const causes = fatal.map(({ hook, binding, message }) => {
    const who =
      binding === undefined
        ? `policy ${JSON.stringify(hook.name)}`
        : `policy '${hook.name}' with binding '${binding.metadata.name}'`;
    return { message: `${who} denied request: ${message}` };
  });
  const { details } = refusal(attributes, '').status;
  throw failure({
    code: 403,
    reason: first.reason,
    message: causes[0]?.message ?? '',
    details: { ...details, causes },
  });
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
    const failures: PolicyFailure[] = [];
    // Who has a say is decided before anybody has changed anything.
    for (const invocation of this.invocations(attributes, failures)) {
      const { id, hook } = invocation;
      if (!trips.isDue(pass, id)) continue;
      const made = await withAnswers(this.options.authorize, (authorize) =>
        this.madeBy(invocation, { attributes, draft: object, authorize }),
      );
      failures.push(...made.failures);
      for (const observation of made.observed) this.options.policyMetrics.mutated(observation);
      if (made.object === undefined) continue;
      const changed = !jsonEqual(made.object, object);
      if (changed) replaceContent(object, made.object);
      const isWilling = hook.compiled.policy.spec.reinvocationPolicy === 'IfNeeded';
      trips.asked(pass, id, { changed, isWilling });
    }
    trips.end(object);
    refuseFor(attributes, failures);
  };

  private invocations(
    attributes: AdmissionAttributes,
    failures: PolicyFailure[],
  ): readonly Invocation[] {
    const invocations: Invocation[] = [];
    for (const hook of this.hooks.current()) {
      const seen = this.hooks.seenBy(hook, attributes);
      if (seen === undefined) continue;
      const { paramKind } = hook.compiled.policy.spec;
      const problem = paramKindProblem(paramKind, this.options.resourceOfKind);
      if (problem !== undefined) {
        failures.push({ hook, message: problem, reason: 'Forbidden' });
        continue;
      }
      for (const bound of hook.bindings) {
        if (!this.hooks.isBound(bound, attributes)) continue;
        const { binding } = bound;
        for (const param of this.paramsOf(hook, binding, { attributes, failures })) {
          const { namespace = '', name = '' } = param?.metadata ?? {};
          const id = [hook.name, binding.metadata.name, namespace, name].join('/');
          invocations.push({ id, hook, binding, seen, param });
        }
      }
    }
    return invocations;
  }

  private paramsOf(
    hook: Hook,
    binding: MutatingAdmissionPolicyBinding,
    {
      attributes,
      failures,
    }: { readonly attributes: AdmissionAttributes; readonly failures: PolicyFailure[] },
  ): readonly (KubeObject | null)[] {
    const { paramKind } = hook.compiled.policy.spec;
    const { reader, resourceOfKind } = this.options;
    const { paramRef } = binding.spec;
    const { namespace } = attributes;
    try {
      return paramsFor({ paramKind, paramRef, namespace }, reader, resourceOfKind);
    } catch (error) {
      if (!(error instanceof ParamsError)) throw error;
      const message = `failed to configure binding: ${error.message}`;
      failures.push({ hook, binding, message, reason: 'Forbidden' });
      return [];
    }
  }

  /**
   * What a policy makes of the object; no object where it does not match. Each mutation sees what those before it made; one that
   * cannot be made is left out.
   */
  private madeBy(
    { hook, binding, seen, param }: Invocation,
    {
      attributes,
      draft,
      authorize,
    }: {
      readonly attributes: AdmissionAttributes;
      readonly draft: KubeObject;
      readonly authorize: ImmediateAuthorizer;
    },
  ): Made {
    const { compiled } = hook;
    const { clock } = this.options;
    const failures: PolicyFailure[] = [];
    const observed: MutationObservation[] = [];
    const fail = (message: string): void => {
      failures.push({ hook, binding, message, reason: 'Invalid' });
    };
    let object = structuredClone(draft);
    const evaluationOf = (): Evaluation => {
      const request = { ...reviewRequest(attributes, seen, ''), object: seen.to(object) };
      return new Evaluation(compiled.variables, {
        ...bindingsOf(() => request, attributes, { reader: this.options.reader, authorize }),
        ...(compiled.policy.spec.paramKind === undefined ? {} : { params: param }),
      });
    };
    const matched = evaluateConditions(compiled.conditions, evaluationOf().environment);
    if (matched.matches === undefined) fail(matched.error);
    if (matched.matches !== true) return { failures, observed };
    for (const { patchType, expression } of compiled.mutations) {
      const begun = clock.monotonicMs();
      const result = evaluationOf().evaluate(expression);
      let error: ExpressionError = 'no_error';
      try {
        if (!result.ok) throw new MutationError(result.error);
        const change = { attributes, seen, patchType, value: result.value };
        object = this.changed(object, change);
      } catch (cause) {
        if (!(cause instanceof MutationError)) throw cause;
        error = expressionErrorOf(cause.message);
        fail(cause.message);
      }
      const tookMs = clock.monotonicMs() - begun;
      observed.push({ policy: hook.name, binding: binding.metadata.name, error, tookMs });
    }
    return { object, failures, observed };
  }

  private changed(
    object: KubeObject,
    {
      attributes,
      seen,
      patchType,
      value,
    }: {
      readonly attributes: AdmissionAttributes;
      readonly seen: SeenAs;
      readonly patchType: string;
      readonly value: Value;
    },
  ): KubeObject {
    const { redecode } = this.options;
    const shown = seen.to(object);
    if (patchType !== 'JSONPatch') {
      return redecode(attributes, seen.from(applyValue(seen.resource, shown, value)));
    }
    const patched = patchValue(seen.resource, shown, value);
    if (patched === undefined) return object;
    try {
      return redecode(attributes, seen.from(patched), { strict: true });
    } catch (error) {
      // Whatever the policy says of failures, as in Kubernetes.
      throw internalError(error instanceof Error ? error : new Error(errorText(error)));
    }
  }
}

export const mutatingPolicies = (options: MutatingPolicyOptions): AdmissionPlugin =>
  new MutatingPolicies(options);
