/**
 * The books of resource quotas: requests of a namespace are checked one after another, in rounds; the quotas a round charges
 * are written once, by compare-and-swap, before any of it is let pass. What was charged for a write that did not come about
 * is given back. Part of the ResourceQuota plugin.
 *
 * A namespace has one round at a time; requests that come meanwhile wait for the next. So quotas hold exactly however many
 * requests come at once, for the price of one more write a round.
 */
import { addAmounts, maskAmounts, subtractAmounts } from '../../../api/core/v1/quota/amounts.js';
import type { Amounts } from '../../../api/core/v1/quota/amounts.js';
import { resourceTexts } from '../../../api/core/v1/pod/requests.js';
import type { Evaluator, QuotaShape } from '../../../api/core/v1/quota/usage.js';
import type { KubeObject } from '../../../api/meta/v1/types.js';
import { conflict } from '../../../api/meta/status-error.js';
import type { Clock } from '../../../machinery/clock/clock.js';
import type { AdmissionAttributes, AdmissionReader } from '../admission.js';
import { maxQuotaAttempts } from '../limits.js';
import { chargesOf, openQuota } from './quota-check.js';
import type { Charges, LimitedResource, OpenQuota } from './quota-check.js';

/** Writes `status.used` of a quota if it is still what was read; false where somebody was faster or it is gone. */
export type WriteUsed = (
  quota: KubeObject,
  used: Readonly<Record<string, string>>,
) => Promise<boolean>;

interface Waiting {
  readonly attributes: AdmissionAttributes;
  readonly evaluator: Evaluator;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Charged, and not yet known to be written. */
interface InFlight {
  readonly attributes: AdmissionAttributes;
  readonly charges: Charges;
}

interface Book {
  waiting: Waiting[];
  /** To be given back, by quota name. */
  refunds: Charges[];
  running: boolean;
  /** A round has been planned and what it charges is not yet in flight: the books do not add up for a moment. */
  charging: boolean;
  readonly inFlight: Set<InFlight>;
}

interface Round {
  readonly admitted: readonly (Waiting & { readonly charges: Charges })[];
  /** The quotas whose usage changes. */
  readonly changed: readonly OpenQuota[];
}

const notBelowZero = (amounts: Amounts): Amounts =>
  new Map(
    [...amounts].map(([name, amount]) => [
      name,
      amount.nanos < 0n ? { ...amount, nanos: 0n } : amount,
    ]),
  );

function charged(quotas: readonly OpenQuota[], charges: Charges): OpenQuota[] {
  return quotas.map((open) => {
    const amounts = charges.get(open.quota.metadata.name);
    return amounts === undefined ? open : { ...open, used: addAmounts(open.used, amounts) };
  });
}

function refunded(quotas: readonly OpenQuota[], refunds: readonly Charges[]): OpenQuota[] {
  return quotas.map((open) => {
    let { used } = open;
    for (const charges of refunds) {
      const amounts = maskAmounts(charges.get(open.quota.metadata.name) ?? new Map(), used.keys());
      if (amounts.size > 0) used = notBelowZero(subtractAmounts(used, amounts));
    }
    return used === open.used ? open : { ...open, used };
  });
}

export class QuotaLedger {
  private readonly books = new Map<string, Book>();
  private readonly reader: AdmissionReader;
  private readonly write: WriteUsed;
  private readonly clock: Clock;
  private readonly limited: readonly LimitedResource[];

  constructor(options: {
    readonly reader: AdmissionReader;
    readonly write: WriteUsed;
    readonly clock: Clock;
    readonly limited: readonly LimitedResource[];
  }) {
    this.reader = options.reader;
    this.write = options.write;
    this.clock = options.clock;
    this.limited = options.limited;
  }

  /** Resolves once the request is charged; rejects where it does not fit. A dry run is checked and charges nothing. */
  admit(attributes: AdmissionAttributes, evaluator: Evaluator): Promise<void> {
    const { namespace } = attributes;
    const book = this.bookOf(namespace);
    return new Promise((resolve, reject) => {
      book.waiting.push({ attributes, evaluator, resolve, reject });
      this.start(namespace, book);
    });
  }

  /** What was charged to a quota for objects that the reader does not show yet. */
  inFlight(quota: KubeObject): Amounts {
    const book = this.books.get(quota.metadata.namespace ?? '');
    let total: Amounts = new Map();
    for (const { attributes, charges } of book?.inFlight ?? []) {
      const amounts = charges.get(quota.metadata.name);
      if (amounts !== undefined && !this.isWritten(attributes)) total = addAmounts(total, amounts);
    }
    return total;
  }

  /** Whether a count made now would miss what is just being charged. */
  isCharging(namespace: string): boolean {
    return this.books.get(namespace)?.charging === true;
  }

  private isWritten({ resource, namespace, object, stored }: AdmissionAttributes): boolean {
    if (object === undefined) return false;
    const { name, uid } = object.metadata;
    const found = this.reader.find(resource.group, resource.plural, { namespace, name });
    if (stored !== undefined) return found !== stored;
    if (found === undefined) return false;
    return found.metadata.uid === uid;
  }

  private bookOf(namespace: string): Book {
    let book = this.books.get(namespace);
    if (book === undefined) {
      book = { waiting: [], refunds: [], running: false, charging: false, inFlight: new Set() };
      this.books.set(namespace, book);
    }
    return book;
  }

  private start(namespace: string, book: Book): void {
    if (book.running) return;
    book.running = true;
    void this.run(namespace, book).finally(() => {
      book.running = false;
      if (book.waiting.length + book.refunds.length > 0) this.start(namespace, book);
      else this.forget(namespace, book);
    });
  }

  private forget(namespace: string, book: Book): void {
    const busy = book.running || book.inFlight.size + book.waiting.length + book.refunds.length > 0;
    if (!busy && this.books.get(namespace) === book) this.books.delete(namespace);
  }

  private async run(namespace: string, book: Book): Promise<void> {
    // Whoever asks in the same turn of the loop is in the same round.
    await Promise.resolve();
    while (book.waiting.length + book.refunds.length > 0) {
      const { waiting, refunds } = book;
      book.waiting = [];
      book.refunds = [];
      book.charging = true;
      try {
        await this.round(namespace, { book, waiting, refunds });
      } catch (error) {
        for (const { reject } of waiting) reject(error);
      } finally {
        book.charging = false;
      }
    }
  }

  private async round(
    namespace: string,
    work: {
      readonly book: Book;
      readonly waiting: readonly Waiting[];
      readonly refunds: readonly Charges[];
    },
  ): Promise<void> {
    let { waiting } = work;
    for (let attempt = 1; attempt <= maxQuotaAttempts; attempt += 1) {
      const round = this.plan(namespace, waiting, work.refunds);
      const written = await this.writeAll(round.changed);
      if (written.failed.length === 0) {
        for (const one of round.admitted) this.pass(namespace, work.book, one);
        return;
      }
      // What was written is taken back, so that the next attempt starts from what is there.
      await this.takeBack(namespace, round, written.done);
      waiting = round.admitted;
    }
    for (const { attributes, reject } of waiting) {
      const { name } = attributes;
      const why = 'the quotas of its namespace are changed too often; please try again';
      reject(conflict(attributes.resource, name, why));
    }
  }

  /** Checks the requests one after another; whoever does not fit is refused at once. */
  private plan(namespace: string, waiting: readonly Waiting[], refunds: readonly Charges[]): Round {
    const nowMs = this.clock.now();
    const present = (
      this.reader.list('', 'resourcequotas', namespace) as readonly QuotaShape[]
    ).map(openQuota);
    let quotas = refunded(present, refunds);
    const admitted: (Waiting & { readonly charges: Charges })[] = [];
    for (const one of waiting) {
      try {
        const context = { quotas, nowMs, limited: this.limited };
        const charges = chargesOf(one.attributes, one.evaluator, context);
        if (!one.attributes.dryRun) quotas = charged(quotas, charges);
        admitted.push({ ...one, charges: one.attributes.dryRun ? new Map() : charges });
      } catch (error) {
        one.reject(error);
      }
    }
    return { admitted, changed: quotas.filter((open, at) => open.used !== present[at]?.used) };
  }

  private async writeAll(
    changed: readonly OpenQuota[],
  ): Promise<{ readonly done: readonly OpenQuota[]; readonly failed: readonly OpenQuota[] }> {
    const results = await Promise.all(
      changed.map((open) => this.write(open.quota, resourceTexts(open.used))),
    );
    return {
      done: changed.filter((_open, at) => results[at] === true),
      failed: changed.filter((_open, at) => results[at] !== true),
    };
  }

  private async takeBack(
    namespace: string,
    { admitted }: Round,
    done: readonly OpenQuota[],
  ): Promise<void> {
    const names = new Set(done.map(({ quota }) => quota.metadata.name));
    if (names.size === 0) return;
    const charges = admitted.map((one) => ({
      charges: new Map([...one.charges].filter(([name]) => names.has(name))),
    }));
    const refunds = charges.map((one) => one.charges);
    for (let attempt = 1; attempt <= maxQuotaAttempts; attempt += 1) {
      const { changed } = this.plan(namespace, [], refunds);
      const mine = changed.filter(({ quota }) => names.has(quota.metadata.name));
      const { failed } = await this.writeAll(mine);
      if (failed.length === 0) return;
    }
  }

  private pass(
    namespace: string,
    book: Book,
    { attributes, charges, resolve }: Waiting & { readonly charges: Charges },
  ): void {
    if (charges.size > 0) {
      const entry = { attributes, charges };
      book.inFlight.add(entry);
      attributes.onSettled((written) => {
        book.inFlight.delete(entry);
        if (written) {
          this.forget(namespace, book);
          return;
        }
        this.books.set(namespace, book);
        book.refunds.push(charges);
        this.start(namespace, book);
      });
    }
    resolve();
  }
}
