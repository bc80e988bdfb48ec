/**
 * Objects of a kind that one manager writes mostly own the same fields: their entries share one set then. Ownership of a pod
 * takes a fifth of what it holds in memory. What is not known yet is put in the order that clients see.
 *
 * Asked by the registry on the path of every write.
 */
import type { ManagedFieldsEntry } from '../meta/v1/types.js';
import { equalSets, ordered } from './field-set.js';
import type { FieldSet } from './field-set.js';
import { maxRecentSets, maxRememberedMembers } from './limits.js';
import { hasMoreMembers } from './size.js';

/** The sets of one kind that were written last. */
export class SharedSets {
  /** The last one used comes first. */
  private recent: FieldSet[] = [];
  /** Sets that more than one object has. */
  private readonly known = new WeakSet<object>();

  /** Puts the shared set in place of an equal one in each entry. The entries must not be in use yet. */
  shareIn(entries: readonly ManagedFieldsEntry[]): void {
    for (const entry of entries) {
      const { fieldsV1 } = entry;
      if (fieldsV1 === undefined || this.known.has(fieldsV1)) continue;
      entry.fieldsV1 = this.shared(fieldsV1 as FieldSet);
    }
  }

  /** Whether more than one object has the set. */
  isShared(set: object): boolean {
    return this.known.has(set);
  }

  private shared(set: FieldSet): FieldSet {
    const at = this.recent.findIndex((other) => equalSets(other, set));
    const known = this.recent[at];
    if (known === undefined) {
      const fresh = ordered(set);
      if (hasMoreMembers(fresh, maxRememberedMembers)) return fresh;
      this.recent = [fresh, ...this.recent.slice(0, maxRecentSets - 1)];
      return fresh;
    }
    this.known.add(known);
    if (at > 0) this.recent = [known, ...this.recent.filter((other) => other !== known)];
    return known;
  }
}
