/** ResourceQuota, last in the chain: what a request adds must fit into the quotas of its namespace, and is charged to them. */
import { addAmounts, maskAmounts } from '../../../api/core/v1/quota/amounts.js';
import { evaluatorOf, isCounted, usedOf } from '../../../api/core/v1/quota/usage.js';
import type { Evaluator, QuotaShape } from '../../../api/core/v1/quota/usage.js';
import { conflict } from '../../../api/meta/status-error.js';
import { resourceTexts } from '../../../api/core/v1/pod/requests.js';
import { accountUsername } from '../../../api/user-names.js';
import type { Clock } from '../../../machinery/clock/clock.js';
import type {
  AdmissionAttributes,
  AdmissionPlugin,
  AdmissionReader,
  RequestSort,
} from '../admission.js';
import type { LimitedResource } from './quota-check.js';
import { QuotaLedger } from './quota-ledger.js';
import type { WriteUsed } from './quota-ledger.js';

/** Who counts anew what is used. Others may write the status too, and are taken at their word. */
const counters = new Set([
  'system:kube-controller-manager',
  accountUsername('kube-system', 'resourcequota-controller'),
]);

const isQuotaStatus = ({ resource, subresource }: RequestSort): boolean =>
  resource.group === '' && resource.plural === 'resourcequotas' && subresource === 'status';

function counts(sort: RequestSort): boolean {
  const { resource, subresource, operation } = sort;
  if (resource.scope !== 'Namespaced' || !isCounted(resource.group, resource.plural)) return false;
  // Reviews and bindings are answered and never stored.
  if (!resource.verbs.includes('get')) return false;
  if (operation === 'CREATE') return subresource === '';
  if (operation !== 'UPDATE') return false;
  return evaluatorOf(resource.group, resource.plural).countsUpdatesOf.includes(subresource);
}

/** Whether the write can change what its object counts as. */
function mayChange(attributes: AdmissionAttributes, evaluator: Evaluator): boolean {
  const { operation, object, stored, subresource } = attributes;
  if (operation !== 'UPDATE' || object === undefined || stored === undefined) return true;
  return evaluator.mayChange?.({ object, stored, subresource }) !== false;
}

export interface QuotaOptions {
  readonly reader: AdmissionReader;
  readonly write: WriteUsed;
  readonly clock: Clock;
  /** What may be used only where a quota is about it. */
  readonly limited: readonly LimitedResource[];
}

class ResourceQuotaAdmission implements AdmissionPlugin {
  readonly name = 'ResourceQuota';
  readonly concerns = (sort: RequestSort): boolean =>
    counts(sort) || (isQuotaStatus(sort) && sort.operation === 'UPDATE');
  private readonly options: QuotaOptions;
  private readonly ledger: QuotaLedger;
  private readonly evaluators = new Map<string, Evaluator>();

  constructor(options: QuotaOptions) {
    this.options = options;
    this.ledger = new QuotaLedger(options);
  }

  readonly idle = (): boolean =>
    this.options.limited.length === 0 && this.options.reader.count('', 'resourcequotas') === 0;

  /**
   * The controller counts from a cache that may be behind. What it writes is counted anew here, where nothing is behind, with
   * what has been admitted and is still being written.
   */
  readonly mutate = (attributes: AdmissionAttributes): void => {
    if (!isQuotaStatus(attributes) || !counters.has(attributes.user.username)) return;
    if (this.ledger.isCharging(attributes.namespace)) {
      const { resource, name } = attributes;
      throw conflict(resource, name, 'requests are being charged to it; please try again');
    }
    const draft = attributes.object as QuotaShape;
    const quota = attributes.stored as QuotaShape;
    const { reader, clock } = this.options;
    const list = (group: string, plural: string) =>
      reader.list(group, plural, attributes.namespace);
    const names = Object.keys(quota.spec?.hard ?? {});
    const used = addAmounts(
      usedOf(quota, list, clock.now()),
      maskAmounts(this.ledger.inFlight(quota), names),
    );
    Object.assign(draft, { status: { ...draft.status, used: resourceTexts(used) } });
  };

  readonly validate = (attributes: AdmissionAttributes): Promise<void> | undefined => {
    if (!counts(attributes)) return undefined;
    const { namespace, resource } = attributes;
    const { reader, limited } = this.options;
    const evaluator = this.evaluatorFor(resource.group, resource.plural);
    if (!mayChange(attributes, evaluator)) return undefined;
    if (limited.length + reader.list('', 'resourcequotas', namespace).length === 0) {
      return undefined;
    }
    return this.ledger.admit(attributes, evaluator);
  };

  private evaluatorFor(group: string, plural: string): Evaluator {
    const key = `${group}/${plural}`;
    let evaluator = this.evaluators.get(key);
    if (evaluator === undefined) {
      evaluator = evaluatorOf(group, plural);
      this.evaluators.set(key, evaluator);
    }
    return evaluator;
  }
}

export const resourceQuota = (options: QuotaOptions): AdmissionPlugin =>
  new ResourceQuotaAdmission(options);
