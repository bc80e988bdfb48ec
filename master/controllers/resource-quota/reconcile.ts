/** What the status of a quota has to say, from the quota and a count of what there is. Pure. */
import { compareQuantities, canonicalQuantity } from '../../../api/quantity.js';
import type { QuotaShape } from '../../../api/core/v1/quota/usage.js';
import type { ResourceRef } from '../../../api/schema/resource.js';
import type { ReconcileResult } from '../../../machinery/controller/controller.js';
import { resyncMs } from './limits.js';

type Texts = Readonly<Record<string, string>>;

export interface QuotaSnapshot {
  readonly quota: QuotaShape;
  /** By resource of `spec.hard`. */
  readonly used: Texts;
}

/** Quotas, as loosely typed as counting takes them. */
export const resourceQuotasRef: ResourceRef<QuotaShape> = {
  group: '',
  version: 'v1',
  kind: 'ResourceQuota',
  plural: 'resourcequotas',
  scope: 'Namespaced',
};

function sameTexts(left: Texts | undefined, right: Texts): boolean {
  const names = Object.keys(right);
  if (left === undefined || Object.keys(left).length !== names.length) return false;
  return names.every((name) => {
    const [a, b] = [left[name], right[name]];
    return a !== undefined && b !== undefined && compareQuantities(a, b) === 0;
  });
}

const canonical = (texts: Texts): Texts =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, canonicalQuantity(text)]));

/** Writes the status where it says something else. */
export function reconcile({ quota, used }: QuotaSnapshot): ReconcileResult {
  const hard = canonical(quota.spec?.hard ?? {});
  const { status } = quota;
  if (sameTexts(status?.hard, hard) && sameTexts(status?.used, used)) {
    return { actions: [], requeueAfterMs: resyncMs };
  }
  return {
    actions: [
      {
        type: 'updateStatus',
        resource: resourceQuotasRef,
        object: { ...quota, status: { ...status, hard, used } } as QuotaShape,
        reason: 'what is used, or what is allowed, is not what the status says',
      },
    ],
    requeueAfterMs: resyncMs,
  };
}
