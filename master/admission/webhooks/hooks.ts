/** The webhooks that are configured, made ready to be matched: kept until a configuration changes. */
import { webhookScope } from '../../../api/admissionregistration/cel/environment.js';
import type {
  MutatingWebhook,
  MutatingWebhookConfiguration,
} from '../../../api/admissionregistration/v1/types.js';
import { withAnswers } from '../../../machinery/with-answers.js';
import { forbiddenRequest } from '../../../api/meta/status-error.js';
import type {
  AdmissionAttributes,
  AdmissionAuthorizer,
  AdmissionReader,
  ImmediateAuthorizer,
} from '../admission.js';
import { seenThrough } from '../equivalents.js';
import type { EquivalentsOf, SeenAs } from '../equivalents.js';
import { bindingsOf } from '../expression-bindings.js';
import type { ExpressionContext } from '../expression-bindings.js';
import { compileConditions, evaluateConditions } from '../match-conditions.js';
import type { CompiledCondition } from '../match-conditions.js';
import { reviewRequest } from '../review-request.js';
import { isAdmissionConfiguration, selectorsFrom, selectorsMatch } from '../rule-matching.js';
import type { Selectors } from '../rule-matching.js';

const group = 'admissionregistration.k8s.io';

/** A webhook of either kind; only mutating ones have a reinvocation policy. */
export interface Hook {
  /** Of the configuration and of its place in it; the same for as long as both are. */
  readonly id: string;
  readonly configuration: string;
  readonly webhook: MutatingWebhook;
  readonly selectors: Selectors;
  readonly conditions: readonly CompiledCondition[];
}

/** A webhook to be called, and what it is to be shown. */
export interface Invocation {
  readonly hook: Hook;
  readonly seen: SeenAs;
}

export type HookKind = 'mutatingwebhookconfigurations' | 'validatingwebhookconfigurations';

export interface HookOptions extends Omit<ExpressionContext, 'authorize'> {
  readonly authorize: AdmissionAuthorizer;
  readonly kind: HookKind;
  readonly equivalentsOf: EquivalentsOf;
}

export class Hooks {
  private readonly options: HookOptions;
  private readonly reader: AdmissionReader;
  private knownAt = -1;
  private known: readonly Hook[] = [];

  constructor(options: HookOptions) {
    this.options = options;
    this.reader = options.reader;
  }

  isEmpty(): boolean {
    return this.reader.count(group, this.options.kind) === 0;
  }

  /** The webhooks that are to be called, in order. Throws where a condition fails and the request with it. */
  invocations(
    attributes: AdmissionAttributes,
  ): readonly Invocation[] | Promise<readonly Invocation[]> {
    if (isAdmissionConfiguration(attributes.resource)) return [];
    return withAnswers(this.options.authorize, (authorize) => {
      const found: Invocation[] = [];
      for (const hook of this.current()) {
        const invocation = this.match(hook, attributes, authorize);
        if (invocation !== undefined) found.push(invocation);
      }
      return found;
    });
  }

  /** Of one webhook, as the request stands now. */
  invocationOf(
    hook: Hook,
    attributes: AdmissionAttributes,
  ): Invocation | undefined | Promise<Invocation | undefined> {
    return withAnswers(this.options.authorize, (authorize) =>
      this.match(hook, attributes, authorize),
    );
  }

  private match(
    hook: Hook,
    attributes: AdmissionAttributes,
    authorize: ImmediateAuthorizer,
  ): Invocation | undefined {
    const { webhook, selectors, conditions } = hook;
    const rules = webhook.rules ?? [];
    const seen = seenThrough(rules, webhook.matchPolicy, attributes, this.options.equivalentsOf);
    if (seen === undefined || !selectorsMatch(selectors, attributes, this.reader)) return undefined;
    if (conditions.length === 0) return { hook, seen };
    const request = reviewRequest(attributes, seen, '');
    const bindings = bindingsOf(() => request, attributes, { reader: this.reader, authorize });
    const result = evaluateConditions(conditions, bindings);
    if (result.matches === undefined) {
      if (webhook.failurePolicy === 'Ignore') return undefined;
      throw forbiddenRequest(attributes.resource, attributes.name, result.error);
    }
    return result.matches ? { hook, seen } : undefined;
  }

  /** Of all configurations, by their names. */
  current(): readonly Hook[] {
    const changedAt = this.reader.changedAt(group, this.options.kind);
    if (changedAt === this.knownAt) return this.known;
    const list = this.reader.list(group, this.options.kind);
    this.known = (list as readonly MutatingWebhookConfiguration[]).flatMap(
      ({ metadata, webhooks = [] }) =>
        webhooks.map((webhook, position) => ({
          id: `${metadata.name}/${webhook.name}/${String(position)}`,
          configuration: metadata.name,
          webhook,
          selectors: selectorsFrom(webhook.namespaceSelector, webhook.objectSelector),
          conditions: compileConditions(webhook.matchConditions, webhookScope),
        })),
    );
    this.knownAt = changedAt;
    return this.known;
  }
}
