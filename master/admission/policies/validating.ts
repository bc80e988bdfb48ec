/** ValidatingAdmissionPolicy: refuses, warns of or records requests that the expressions of a policy find fault with. */
import type {
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  Validation,
} from '../../../api/admissionregistration/v1/types.js';
import { failure } from '../../../api/meta/status-error.js';
import type { StatusReason } from '../../../api/meta/status-error.js';
import type { KubeObject } from '../../../api/meta/v1/types.js';
import type { Clock } from '../../../machinery/clock/clock.js';
import { withAnswers } from '../../../machinery/with-answers.js';
import type {
  AdmissionAttributes,
  AdmissionAuthorizer,
  AdmissionPlugin,
  Admitting,
  ImmediateAuthorizer,
} from '../admission.js';
import { expressionErrorOf } from '../admission-metrics.js';
import type {
  AdmissionMetrics,
  ExpressionError,
  ValidationObservation,
} from '../admission-metrics.js';
import type { EquivalentsOf, SeenAs } from '../equivalents.js';
import { bindingsOf } from '../expression-bindings.js';
import type { ExpressionContext } from '../expression-bindings.js';
import { maxAuditValueBytes, maxEvaluatedMessageBytes } from '../limits.js';
import { compileConditions, evaluateConditions } from '../match-conditions.js';
import type { CompiledCondition } from '../match-conditions.js';
import { refusal } from '../refusals.js';
import { reviewRequest } from '../review-request.js';
import { compile, compileVariables, Evaluation } from './evaluation.js';
import type { Compiled } from './evaluation.js';
import { paramKindProblem, ParamsError, paramsFor } from './params.js';
import type { ResourceOfKind } from './params.js';
import { PolicyHooks } from './policy-hooks.js';
import type { PolicyHook } from './policy-hooks.js';
import { policyScope } from '../../../api/admissionregistration/v1/policy-rules.js';

export interface PolicyOptions extends Omit<ExpressionContext, 'authorize'> {
  readonly authorize: AdmissionAuthorizer;
  readonly equivalentsOf: EquivalentsOf;
  readonly resourceOfKind: ResourceOfKind;
  readonly clock: Clock;
  readonly policyMetrics: Pick<AdmissionMetrics, 'mutated' | 'validated'>;
}

interface CompiledValidation {
  readonly validation: Validation;
  readonly expression: Compiled;
  readonly message: Compiled | undefined;
}

interface CompiledPolicy {
  readonly policy: ValidatingAdmissionPolicy;
  readonly conditions: readonly CompiledCondition[];
  readonly variables: ReadonlyMap<string, Compiled>;
  readonly validations: readonly CompiledValidation[];
  readonly annotations: readonly { readonly key: string; readonly value: Compiled }[];
}

/** What a policy found wrong. */
interface Fault {
  readonly message: string;
  readonly reason: string;
  /** The place of the validation among the policy's. */
  readonly index: number;
  /** What keeps the policy from being asked refuses the request, whatever bindings say of faults. */
  readonly refuses?: true;
  readonly error: ExpressionError;
  readonly tookMs: number;
}

/** What the policies say together. */
interface Outcome {
  /** For the audit record. */
  readonly failures: object[];
  /** For the metrics; told once everything is known, since what waits for an answer is evaluated again. */
  readonly observed: ValidationObservation[];
}

type Hook = PolicyHook<CompiledPolicy, ValidatingAdmissionPolicyBinding>;

function compilePolicy(policy: ValidatingAdmissionPolicy): CompiledPolicy {
  const { spec } = policy;
  const scope = policyScope(spec);
  return {
    policy,
    conditions: compileConditions(spec.matchConditions, { ...scope, variables: undefined }),
    variables: compileVariables(spec.variables ?? [], scope),
    validations: (spec.validations ?? []).map((validation) => ({
      validation,
      expression: compile(validation.expression, scope, 'bool'),
      message:
        validation.messageExpression === undefined || validation.messageExpression === ''
          ? undefined
          : compile(validation.messageExpression, { ...scope, authorizer: false }, 'string'),
    })),
    annotations: (spec.auditAnnotations ?? []).map(({ key, valueExpression }) => ({
      key,
      value: compile(valueExpression, scope, 'string or null'),
    })),
  };
}

/** The message a client gets: computed, written, or the expression itself. */
function messageOf({ validation, message }: CompiledValidation, evaluation: Evaluation): string {
  if (message !== undefined) {
    const result = evaluation.evaluate(message);
    const text = result.ok && typeof result.value === 'string' ? result.value.trim() : '';
    const fits = Buffer.byteLength(text) <= maxEvaluatedMessageBytes && !text.includes('\n');
    if (text !== '' && fits) return text;
  }
  const written = (validation.message ?? '').trim();
  return written === '' ? `failed expression: ${validation.expression.trim()}` : written;
}

const codes: ReadonlyMap<string, number> = new Map<string, number>(
  Object.entries({
    Forbidden: 403,
    Unauthorized: 401,
    RequestEntityTooLarge: 413,
    Invalid: 422,
  }),
);

/** The refusal, with the reason the policy gives it. */
export function policyDenial(
  attributes: AdmissionAttributes,
  message: string,
  reason: string,
): Error {
  const { status, message: text } = refusal(attributes, message);
  return failure({
    code: codes.get(reason) ?? 422,
    reason: reason as StatusReason,
    message: text,
    details: { ...status.details, causes: [{ message }] },
  });
}

/** The fact under which the audit record keeps what policies with the action Audit found. */
const failureFact = 'validation.policy.admission.k8s.io/validation_failure';

class ValidatingPolicies implements AdmissionPlugin {
  readonly name = 'ValidatingAdmissionPolicy';
  private readonly options: PolicyOptions;
  private readonly hooks: PolicyHooks<
    ValidatingAdmissionPolicy,
    CompiledPolicy,
    ValidatingAdmissionPolicyBinding
  >;

  constructor(options: PolicyOptions) {
    this.options = options;
    this.hooks = new PolicyHooks({
      reader: options.reader,
      equivalentsOf: options.equivalentsOf,
      policies: 'validatingadmissionpolicies',
      bindings: 'validatingadmissionpolicybindings',
      compile: compilePolicy,
    });
  }

  readonly concerns = (): boolean => true;
  readonly idle = (): boolean => this.hooks.isEmpty();

  readonly validate = (attributes: AdmissionAttributes): Admitting =>
    withAnswers(this.options.authorize, (authorize) => {
      this.check(attributes, authorize);
    });

  private check(attributes: AdmissionAttributes, authorize: ImmediateAuthorizer): void {
    let denial: Error | undefined;
    const failures: object[] = [];
    const observed: ValidationObservation[] = [];
    for (const hook of this.hooks.current()) {
      const seen = this.hooks.seenBy(hook, attributes);
      if (seen === undefined) continue;
      // All are heard, whoever refuses first: the others may warn and record.
      const denied = this.checkPolicy(hook, attributes, { seen, failures, observed, authorize });
      denial ??= denied;
    }
    for (const observation of observed) this.options.policyMetrics.validated(observation);
    if (failures.length > 0) attributes.audit(failureFact, JSON.stringify(failures));
    if (denial !== undefined) throw denial;
  }

  private checkPolicy(
    hook: Hook,
    attributes: AdmissionAttributes,
    {
      seen,
      failures,
      observed,
      authorize,
    }: Outcome & { readonly seen: SeenAs; readonly authorize: ImmediateAuthorizer },
  ): Error | undefined {
    let denial: Error | undefined;
    const { spec } = hook.compiled.policy;
    const problem = paramKindProblem(spec.paramKind, this.options.resourceOfKind);
    if (problem !== undefined) {
      const message = `ValidatingAdmissionPolicy '${hook.name}' denied request: ${problem}`;
      return spec.failurePolicy === 'Ignore'
        ? undefined
        : policyDenial(attributes, message, 'Invalid');
    }
    const facts = new Map<string, Set<string>>();
    for (const bound of hook.bindings) {
      if (!this.hooks.isBound(bound, attributes)) continue;
      const { binding } = bound;
      const told = { seen, attributes, facts, authorize, observed };
      for (const fault of this.faultsOf(hook, binding, told)) {
        const denied = this.act(hook, binding, { fault, attributes, failures, observed });
        denial ??= denied;
      }
    }
    for (const [key, values] of facts) {
      attributes.audit(`${hook.name}/${key}`, [...values].join(', '));
    }
    return denial;
  }

  /** Does what the binding says about a fault; gives the refusal where that is what it says. */
  private act(
    hook: Hook,
    binding: ValidatingAdmissionPolicyBinding,
    context: Outcome & { readonly fault: Fault; readonly attributes: AdmissionAttributes },
  ): Error | undefined {
    const actions: readonly string[] = binding.spec.validationActions;
    const { attributes, failures, observed } = context;
    const { message, reason, index, refuses = false, error, tookMs } = context.fault;
    const bindingName = binding.metadata.name;
    const observe = (action: ValidationObservation['action']): void => {
      observed.push({ policy: hook.name, binding: bindingName, error, tookMs, action });
    };
    const who = `ValidatingAdmissionPolicy '${hook.name}' with binding '${bindingName}'`;
    const denial = (): Error =>
      policyDenial(attributes, `${who} denied request: ${message}`, reason);
    if (refuses) {
      observe('deny');
      return denial();
    }
    if (actions.includes('Warn')) {
      observe('warn');
      attributes.warn(`Validation failed for ${who}: ${message}`);
    }
    if (actions.includes('Audit')) {
      observe('audit');
      failures.push({
        message,
        policy: hook.name,
        binding: bindingName,
        expressionIndex: index,
        validationActions: actions,
      });
    }
    if (!actions.includes('Deny')) return undefined;
    observe('deny');
    return denial();
  }

  private faultsOf(
    hook: Hook,
    binding: ValidatingAdmissionPolicyBinding,
    context: {
      readonly seen: SeenAs;
      readonly attributes: AdmissionAttributes;
      readonly authorize: ImmediateAuthorizer;
      readonly facts: Map<string, Set<string>>;
      readonly observed: ValidationObservation[];
    },
  ): readonly Fault[] {
    const { compiled, name } = hook;
    const { spec } = compiled.policy;
    const { attributes } = context;
    const fails = spec.failurePolicy !== 'Ignore';
    try {
      const params = paramsFor(
        {
          paramKind: spec.paramKind,
          paramRef: binding.spec.paramRef,
          namespace: attributes.namespace,
        },
        this.options.reader,
        this.options.resourceOfKind,
      );
      const passBy = (message: string, tookMs: number): void => {
        const error = expressionErrorOf(message);
        const bindingName = binding.metadata.name;
        const observation = { policy: name, binding: bindingName, error, tookMs };
        context.observed.push({ ...observation, action: 'allow' });
      };
      const told = { ...context, fails, passBy };
      return params.flatMap((param) => this.evaluate(compiled, param, told));
    } catch (cause) {
      if (!(cause instanceof ParamsError)) throw cause;
      const message = `failed to configure binding: ${cause.message}`;
      const error = 'invalid_error';
      return fails
        ? [{ message, reason: 'Invalid', index: 0, refuses: true, error, tookMs: 0 }]
        : [];
    }
  }

  private evaluate(
    compiled: CompiledPolicy,
    param: KubeObject | null,
    context: {
      readonly seen: SeenAs;
      readonly attributes: AdmissionAttributes;
      readonly authorize: ImmediateAuthorizer;
      readonly facts: Map<string, Set<string>>;
      readonly fails: boolean;
      /** Told of what fails and is passed by. */
      readonly passBy: (message: string, tookMs: number) => void;
    },
  ): readonly Fault[] {
    const { attributes, seen, fails, facts, authorize, passBy } = context;
    const { clock, reader } = this.options;
    const request = reviewRequest(attributes, seen, '');
    const bindings = {
      ...bindingsOf(() => request, attributes, { reader, authorize }),
      ...(compiled.policy.spec.paramKind === undefined ? {} : { params: param }),
    };
    const evaluation = new Evaluation(compiled.variables, bindings);
    let begun = clock.monotonicMs();
    const broken = (message: string, index: number): readonly Fault[] => {
      const tookMs = clock.monotonicMs() - begun;
      const error = expressionErrorOf(message);
      if (fails) return [{ message, reason: 'Invalid', index, error, tookMs }];
      passBy(message, tookMs);
      return [];
    };
    const matched = evaluateConditions(compiled.conditions, evaluation.environment);
    if (matched.matches === undefined) return broken(matched.error, 0);
    if (!matched.matches) return [];
    const faults = compiled.validations.flatMap((one, index): readonly Fault[] => {
      begun = clock.monotonicMs();
      const result = evaluation.evaluate(one.expression);
      if (!result.ok) return broken(result.error, index);
      if (result.value === true) return [];
      const reason = one.validation.reason ?? 'Invalid';
      const tookMs = clock.monotonicMs() - begun;
      const message = messageOf(one, evaluation);
      return [{ message, reason, index, error: 'no_error', tookMs }];
    });
    for (const { key, value } of compiled.annotations) {
      begun = clock.monotonicMs();
      const result = evaluation.evaluate(value);
      if (!result.ok) {
        faults.push(
          ...broken(result.error, 0).map((fault) => ({ ...fault, refuses: true as const })),
        );
        continue;
      }
      if (typeof result.value !== 'string' || result.value.trim() === '') continue;
      const text = Buffer.from(result.value.trim()).subarray(0, maxAuditValueBytes).toString();
      facts.set(key, (facts.get(key) ?? new Set()).add(text));
    }
    return faults;
  }
}

/** The plugin. */
export const validatingPolicies = (options: PolicyOptions): AdmissionPlugin =>
  new ValidatingPolicies(options);
