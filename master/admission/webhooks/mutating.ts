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
import { review } from './review.js';
import type { ReviewOptions } from './review.js';
import { TripsOfRequests } from '../reinvocation.js';

/** Makes the typed object of a kind from what a patch made of it, pruned and defaulted. */
export type Redecode = (attributes: AdmissionAttributes, patched: unknown) => KubeObject;

export type MutatingOptions = Omit<HookOptions, 'kind'> &
  ReviewOptions & { readonly redecode: Redecode };

function patchFrom(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64').toString('utf8')) as unknown;
  } catch (error) {
    throw internalError(error);
  }
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
      const changed = await this.askOne(attributes, invocation);
      this.tellMutation(attributes, invocation, { index, changed });
      const isWilling = hook.webhook.reinvocationPolicy === 'IfNeeded';
      trips.asked(pass, hook.id, { changed, isWilling });
    }
    trips.end(object);
  }

  /** Whether the object is another one now. */
  private async askOne(attributes: AdmissionAttributes, invocation: Invocation): Promise<boolean> {
    const response = await review(invocation, attributes, { ...this.options, mutating: true });
    const { patch = '' } = response ?? {};
    if (patch === '') return false;
    const { object, operation } = attributes;
    const { name } = invocation.hook.webhook;
    const operations = patchFrom(patch);
    if (Array.isArray(operations) && operations.length === 0) return false;
    if (object === undefined || operation === 'DELETE') {
      const why = `admission webhook ${JSON.stringify(name)} attempted to modify the object, which is not supported for this operation`;
      throw internalError(new Error(why));
    }
    const { seen } = invocation;
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
    if (jsonEqual(made, object)) return false;
    replaceContent(object, made);
    return true;
  }

  private tellMutation(
    attributes: AdmissionAttributes,
    { hook }: Invocation,
    { index, changed }: { readonly index: number; readonly changed: boolean },
  ): void {
    const round = attributes.pass.isReinvocation ? 1 : 0;
    const { configuration, webhook } = hook;
    attributes.audit(
      `mutation.webhook.admission.k8s.io/round_${String(round)}_index_${String(index)}`,
      JSON.stringify({ configuration, webhook: webhook.name, mutated: changed }),
    );
  }
}

/** The plugin. */
export const mutatingWebhooks = (options: MutatingOptions): AdmissionPlugin =>
  new MutatingWebhooks(options);
