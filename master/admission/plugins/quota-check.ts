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
import type { Scope } from '../../../api/core/v1/quota/pod-usage.js';
import { isInScope, scopesHolding } from '../../../api/core/v1/quota/usage.js';
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

/** Usage after the write, and what the write changes in it. */
interface UsageChange {
  readonly after: Amounts;
  readonly difference: Amounts;
}

function usageChange(
  attributes: AdmissionAttributes,
  evaluator: Evaluator,
  nowMs: number,
): UsageChange {
  const { object, stored, operation } = attributes;
  const after: Amounts = object === undefined ? new Map() : evaluator.usage(object, nowMs);
  const negative = negativeNames(after);
  if (negative.length > 0) {
    throw refusal(attributes, `quota usage is negative for resource(s): ${sortedText(negative)}`);
  }
  if (operation !== 'UPDATE' || stored === undefined) return { after, difference: after };
  return { after, difference: subtractAmounts(after, evaluator.usage(stored, nowMs)) };
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

/** What has to be covered by a quota where the configuration says so. */
export interface LimitedResource {
  readonly group: string;
  readonly plural: string;
  /** Parts of the names of what objects use up. */
  readonly contains: readonly string[];
  readonly scopes: readonly Scope[];
}

export interface QuotaContext {
  readonly quotas: readonly OpenQuota[];
  readonly limited: readonly LimitedResource[];
  readonly nowMs: number;
}

/** As Go writes a list of such structures. */
const scopesText = (scopes: readonly Scope[]): string =>
  `[${scopes
    .map(({ scopeName, operator, values }) => `{${scopeName} ${operator} [${values.join(' ')}]}`)
    .join(' ')}]`;

/** Refuses what may only be used where a quota is about it, and none is. */
function checkCovered(
  attributes: AdmissionAttributes,
  evaluator: Evaluator,
  open: QuotaContext & { readonly concerned: readonly OpenQuota[]; readonly after: Amounts },
): void {
  const { object } = attributes;
  const { quotas, limited, concerned, after } = open;
  if (object === undefined || limited.length === 0) return;
  const covered = new Set(concerned.flatMap((quota) => concernedNames(evaluator, quota)));
  const uncovered = [...after].filter(
    ([name, amount]) =>
      amount.nanos > 0n &&
      !covered.has(name) &&
      limited.some(
        ({ group, plural, contains }) =>
          group === evaluator.group &&
          plural === evaluator.plural &&
          contains.some((part) => name.includes(part)),
      ),
  );
  if (uncovered.length > 0) {
    const names = sortedText(uncovered.map(([name]) => name));
    throw refusal(attributes, `insufficient quota to consume: ${names}`);
  }
  const held = quotas.flatMap(({ quota }) => scopesHolding(evaluator, object, quota));
  const heldNames = new Set(held.map(({ scopeName }) => scopeName));
  const missing = limited
    .flatMap(({ scopes }) => scopes)
    .filter((scope) => evaluator.matchesScope(object, scope) && !heldNames.has(scope.scopeName));
  if (missing.length === 0) return;
  throw refusal(attributes, `insufficient quota to match these scopes: ${scopesText(missing)}`);
}

/** Refuses a request whose additions do not fit; what an update gives back always does. */
function checkFits(
  attributes: AdmissionAttributes,
  { quota, hard, used }: OpenQuota,
  requested: Amounts,
): void {
  const added = new Map([...requested].filter(([, { nanos }]) => nanos > 0n));
  const exceeded = exceededNames(maskAmounts(addAmounts(used, added), added.keys()), hard);
  if (exceeded.length === 0) return;
  const text = (amounts: Amounts): string => amountsText(maskAmounts(amounts, exceeded));
  throw refusal(
    attributes,
    `exceeded quota: ${quota.metadata.name}, requested: ${text(added)}, used: ${text(used)}, limited: ${text(hard)}`,
  );
}

/** What the request takes from each quota that is about it. Throws a refusal where one is exceeded or cannot tell. */
export function chargesOf(
  attributes: AdmissionAttributes,
  evaluator: Evaluator,
  context: QuotaContext,
): Charges {
  const { object, stored, subresource } = attributes;
  const { quotas, limited, nowMs } = context;
  if (object === undefined) return new Map();
  const concerned = quotas.filter((open) => {
    const names = concernedNames(evaluator, open);
    if (names.length === 0 || !isInScope(evaluator, object, open.quota)) return false;
    checkSaid(attributes, evaluator, { ...open, names, object });
    return true;
  });
  if (concerned.length + limited.length === 0) return new Map();
  const { after, difference } = usageChange(attributes, evaluator, nowMs);
  const changed = withoutZeros(difference);
  if (changed.size > 0) checkCovered(attributes, evaluator, { ...context, concerned, after });
  const charges = new Map<string, Amounts>();
  for (const open of concerned) {
    const { quota, hard } = open;
    // What comes into the scope of a quota by an update counts whole.
    const isNew = stored !== undefined && !isInScope(evaluator, stored, quota);
    const requested = maskAmounts(isNew ? withoutZeros(after) : changed, hard.keys());
    if (requested.size === 0) continue;
    // What a controller reports has happened.
    if (subresource !== 'status') checkFits(attributes, open, requested);
    charges.set(quota.metadata.name, requested);
  }
  return charges;
}
