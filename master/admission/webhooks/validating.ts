/** ValidatingAdmissionWebhook: asks all webhooks at once about the object as it will be stored; the first that refuses is heard. */
import type { AdmissionAttributes, AdmissionPlugin } from '../admission.js';
import { Hooks } from './hooks.js';
import type { HookOptions, Invocation } from './hooks.js';
import { checkTime, review } from './review.js';
import type { ReviewOptions } from './review.js';

export type ValidatingOptions = Omit<HookOptions, 'kind'> & ReviewOptions;

/** A webhook that could not be asked was done without. */
function tellFailure(attributes: AdmissionAttributes, { hook }: Invocation, index: number): void {
  const key = `failed-open.validating.webhook.admission.k8s.io/round_0_index_${String(index)}`;
  attributes.audit(key, hook.webhook.name);
}

async function askAll(
  matching: readonly Invocation[] | Promise<readonly Invocation[]>,
  attributes: AdmissionAttributes,
  options: ValidatingOptions,
): Promise<void> {
  const invocations = await matching;
  if (invocations.length > 0) checkTime(attributes, options);
  const results = await Promise.allSettled(
    invocations.map(async (invocation, index) => {
      const use = (): true => true;
      const answered = await review(invocation, attributes, { ...options, mutating: false, use });
      if (answered === undefined) tellFailure(attributes, invocation, index);
    }),
  );
  for (const result of results) {
    if (result.status === 'rejected') throw result.reason;
  }
}

export function validatingWebhooks(options: ValidatingOptions): AdmissionPlugin {
  const hooks = new Hooks({ ...options, kind: 'validatingwebhookconfigurations' });
  return {
    name: 'ValidatingAdmissionWebhook',
    concerns: () => true,
    idle: () => hooks.isEmpty(),
    validate: (attributes) => {
      const invocations = hooks.invocations(attributes);
      const isNone = !(invocations instanceof Promise) && invocations.length === 0;
      return isNone ? undefined : askAll(invocations, attributes, options);
    },
  };
}
