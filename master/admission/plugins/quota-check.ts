/** Whether one request fits into the quotas of its namespace, in Kubernetes' words. Part of the ResourceQuota plugin. Pure. */
import {
  addAmounts,
  amountsText,
  exceededNames,
  maskAmounts,
  negativeNames,
  subtractAmounts,
  withoutZeros,
} from '../../../api/core/v1/quota/amounts.js';
import type { Amounts } from '../../../api/core/v1/quota/amounts.js';
import { isInScope } from '../../../api/core/v1/quota/usage.js';
import type { Evaluator, QuotaShape } from '../../../api/core/v1/quota/usage.js';
import { totalsFrom } from '../../../api/core/v1/pod/requests.js';
import type { KubeObject } from '../../../api/meta/v1/types.js';
import type { AdmissionAttributes } from '../admission.js';
import { refusal } from '../refusals.js';

/** A quota with what is used of it so far, requests before this one in the same round included. */
export interface OpenQuota {
  readonly quota: QuotaShape;
  readonly hard: Amounts;
  readonly used: Amounts;
}

/** A quota with its amounts read. */
export const openQuota = (quota: QuotaShape): OpenQuota => ({
  quota,
  hard: totalsFrom(quota.status?.hard),
  used: totalsFrom(quota.status?.used),
});

/** What a request adds to each quota, by its name; empty where it adds nothing. */
export type Charges = ReadonlyMap<string, Amounts>;

const sortedText = (names: readonly string[]): string => [...names].sort().join(',');

function concernedNames(evaluator: Evaluator, { hard }: OpenQuota): readonly string[] {
  return [...hard.keys()].filter(evaluator.isResource);
}

/** What the write changes in usage. */
function deltaOf(attributes: AdmissionAttributes, evaluator: Evaluator, nowMs: number): Amounts {
  const { object, stored, operation } = attributes;
  if (object === undefined) return new Map();
  const usage = evaluator.usage(object, nowMs);
  const negative = negativeNames(usage);
  if (negative.length > 0) {
    throw refusal(attributes, `quota usage is negative for resource(s): ${sortedText(negative)}`);
  }
  const before =
    operation === 'UPDATE' && stored !== undefined ? evaluator.usage(stored, nowMs) : new Map();
  return withoutZeros(subtractAmounts(usage, before));
}

function checkSaid(
  attributes: AdmissionAttributes,
  evaluator: Evaluator,
  open: OpenQuota & { readonly names: readonly string[]; readonly object: KubeObject },
): void {
  const { quota, names, object, used } = open;
  const { name } = quota.metadata;
  const unsaid = evaluator.constraint(object, names);
  if (unsaid !== undefined) throw refusal(attributes, `failed quota: ${name}: ${unsaid}`);
  if (names.some((resource) => !used.has(resource))) {
    throw refusal(attributes, `status unknown for quota: ${name}, resources: ${sortedText(names)}`);
  }
}

/** What the request takes from each quota that is about it. Throws a refusal where one is exceeded or cannot tell. */
export function chargesOf(
  attributes: AdmissionAttributes,
  evaluator: Evaluator,
  context: { readonly quotas: readonly OpenQuota[]; readonly nowMs: number },
): Charges {
  const { object } = attributes;
  if (object === undefined) return new Map();
  const concerned = context.quotas.filter((open) => {
    const names = concernedNames(evaluator, open);
    if (names.length === 0 || !isInScope(evaluator, object, open.quota)) return false;
    checkSaid(attributes, evaluator, { ...open, names, object });
    return true;
  });
  if (concerned.length === 0) return new Map();
  const delta = deltaOf(attributes, evaluator, context.nowMs);
  const charges = new Map<string, Amounts>();
  for (const { quota, hard, used } of concerned) {
    const requested = maskAmounts(delta, hard.keys());
    if (requested.size === 0) continue;
    const after = maskAmounts(addAmounts(used, requested), requested.keys());
    const exceeded = exceededNames(after, hard);
    if (exceeded.length > 0) {
      const text = (amounts: Amounts): string => amountsText(maskAmounts(amounts, exceeded));
      throw refusal(
        attributes,
        `exceeded quota: ${quota.metadata.name}, requested: ${text(requested)}, used: ${text(used)}, limited: ${text(hard)}`,
      );
    }
    charges.set(quota.metadata.name, requested);
  }
  return charges;
}
