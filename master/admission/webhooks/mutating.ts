/**
 * MutatingAdmissionWebhook: asks webhooks one after another, each about the object as the one before left it. A webhook that
 * wants to is asked again when others changed the object after it.
 */
import { internalError } from '../../../api/meta/status-error.js';
import type { KubeObject } from '../../../api/meta/v1/types.js';
import { applyJsonPatch } from '../../../api/patch/json.js';
import type { JsonObject } from '../../../api/patch/json-value.js';
import { jsonEqual } from '../../../api/patch/json-value.js';
import { writtenFormOf, writtenObject } from '../../../api/schema/unset-fields.js';
import type { AdmissionAttributes, AdmissionPlugin } from '../admission.js';
import { Hooks } from './hooks.js';
import type { HookOptions, Invocation } from './hooks.js';
import { WebhookFailure, review } from './review.js';
import type { ReviewOptions } from './review.js';
import { TripsOfRequests } from '../reinvocation.js';
import { errorText } from '../../../machinery/error-text.js';

/**
 * Makes the typed object of a kind from what a patch made of it, pruned and defaulted. Where it is to be strict, it throws where
 * there is something to prune.
 */
export type Redecode = (
  attributes: AdmissionAttributes,
  patched: unknown,
  options?: { readonly strict: boolean },
) => KubeObject;

export type MutatingOptions = Omit<HookOptions, 'kind'> &
  ReviewOptions & { readonly redecode: Redecode };

/** Throws WebhookFailure for what is no patch. */
function patchFrom(text: string, webhook: string): readonly unknown[] {
  const failure = (why: string, options?: ErrorOptions): Error =>
    new WebhookFailure(webhook, `received undecodable patch in webhook response: ${why}`, options);
  let operations: unknown;
  try {
    operations = JSON.parse(Buffer.from(text, 'base64').toString('utf8'));
  } catch (cause) {
    throw failure(errorText(cause), { cause });
  }
  if (!Array.isArray(operations)) throw failure('it is no list of operations');
  return operations as readonly unknown[];
}

/** Puts another content into the same draft, which others hold. */
export function replaceContent(draft: KubeObject, content: KubeObject): void {
  for (const field of Object.keys(draft)) Reflect.deleteProperty(draft, field);
  Object.assign(draft, content);
}

class MutatingWebhooks implements AdmissionPlugin {
  readonly name = 'MutatingAdmissionWebhook';
  private readonly options: MutatingOptions;
  private readonly hooks: Hooks;
  private readonly trips = new TripsOfRequests();

  constructor(options: MutatingOptions) {
    this.options = options;
    this.hooks = new Hooks({ ...options, kind: 'mutatingwebhookconfigurations' });
  }

  readonly concerns = (): boolean => true;
  readonly idle = (): boolean => this.hooks.isEmpty();

  readonly mutate = (attributes: AdmissionAttributes): Promise<void> | undefined => {
    if (attributes.pass.isReinvocation) return this.askAll(attributes);
    const all = this.hooks.invocations(attributes);
    if (!(all instanceof Promise)) return all.length === 0 ? undefined : this.askAll(attributes);
    return all.then((late) => (late.length === 0 ? undefined : this.askAll(attributes)));
  };

  private async askAll(attributes: AdmissionAttributes): Promise<void> {
    const { pass, object } = attributes;
    const trips = this.trips.of(pass);
    trips.begin(pass, object);
    for (const [index, hook] of this.hooks.current().entries()) {
      if (!trips.isDue(pass, hook.id)) continue;
      // Matched anew each time: the one before may have changed what selectors and conditions look at.
      const invocation = await this.hooks.invocationOf(hook, attributes);
      if (invocation === undefined) continue;
      const place = `round_${pass.isReinvocation ? '1' : '0'}_index_${String(index)}`;
      const changed = await this.askOne(attributes, invocation, (prefix, value) => {
        attributes.audit(`${prefix}.webhook.admission.k8s.io/${place}`, value);
      });
      const isWilling = hook.webhook.reinvocationPolicy === 'IfNeeded';
      trips.asked(pass, hook.id, { changed, isWilling });
    }
    trips.end(object);
  }

  /** Whether the object is another one now. */
  private async askOne(
    attributes: AdmissionAttributes,
    invocation: Invocation,
    tell: (prefix: string, value: string) => void,
  ): Promise<boolean> {
    const { configuration, webhook } = invocation.hook;
    let changed = false;
    try {
      const answered = await review(invocation, attributes, {
        ...this.options,
        mutating: true,
        use: ({ patch = '' }) => this.patched(attributes, invocation, patch),
      });
      if (answered === undefined) tell('failed-open.mutation', webhook.name);
      else if (answered.used !== undefined) {
        changed = answered.used.changed;
        if (changed && attributes.auditsBodies) {
          const { operations: patch } = answered.used;
          const told = { configuration, webhook: webhook.name, patch, patchType: 'JSONPatch' };
          tell('patch', JSON.stringify(told));
        }
      }
    } finally {
      tell('mutation', JSON.stringify({ configuration, webhook: webhook.name, mutated: changed }));
    }
    return changed;
  }

  /** Makes of the draft what a webhook wants; undefined where it wants nothing. */
  private patched(
    attributes: AdmissionAttributes,
    { hook, seen }: Invocation,
    patch: string,
  ): { readonly changed: boolean; readonly operations: unknown } | undefined {
    if (patch === '') return undefined;
    const { object, operation } = attributes;
    const { name } = hook.webhook;
    const operations = patchFrom(patch, name);
    if (operations.length === 0) return undefined;
    if (object === undefined || operation === 'DELETE') {
      const why = `admission webhook ${JSON.stringify(name)} attempted to modify the object, which is not supported for this operation`;
      throw internalError(new Error(why));
    }
    const before = writtenObject(seen.to(object), seen.resource) as unknown as JsonObject;
    let patched: unknown;
    try {
      patched = applyJsonPatch(before, operations);
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      throw internalError(cause);
    }
    const read = writtenFormOf(seen.resource.schema).read(patched as KubeObject);
    const made = this.options.redecode(attributes, seen.from(read));
    if (jsonEqual(made, object)) return { changed: false, operations };
    replaceContent(object, made);
    return { changed: true, operations };
  }
}

/** The plugin. */
export const mutatingWebhooks = (options: MutatingOptions): AdmissionPlugin =>
  new MutatingWebhooks(options);
