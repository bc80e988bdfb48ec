/**
 * Whoever creates many objects of a kind mostly creates them with the same fields. Finding that they are the same takes a
 * tenth of what finding out which fields those are takes.
 *
 * Asked by the registry on the path of every creation.
 */
import type { FieldSet } from './field-set.js';
import { maxRecentCreations, maxRememberedMembers, maxRememberedText } from './limits.js';
import { haveSameFields } from './same-fields.js';
import type { StructShape } from './shape.js';
import { hasMoreMembers } from './size.js';

interface Creation {
  readonly example: object;
  readonly fields: FieldSet;
}

/** Stands for a text too long to be remembered; equal to none. */
const longText = Symbol('a long text');

/** A copy that later changes do not reach. */
function exampleOf(value: unknown): unknown {
  if (typeof value === 'string') return value.length > maxRememberedText ? longText : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(exampleOf);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, exampleOf(inner)]));
}

/** Objects of one kind that were created lately, with what their creators came to own. */
export class RecentCreations {
  private readonly shape: StructShape;
  /** The last one that served comes first. */
  private creations: Creation[] = [];

  constructor(shape: StructShape) {
    this.shape = shape;
  }

  /** What the creator of an object owns of it; undefined where it is like none that is remembered. */
  fieldsOf(object: object): FieldSet | undefined {
    // The example comes first, because it is never large: what has not its fields is told by the first of them.
    const at = this.creations.findIndex(({ example }) =>
      haveSameFields(this.shape, example, object),
    );
    const found = this.creations[at];
    if (found !== undefined && at > 0) {
      this.creations = [found, ...this.creations.filter((other) => other !== found)];
    }
    return found?.fields;
  }

  /** Of objects with equal fields one is enough. */
  remember(object: object, fields: FieldSet): void {
    if (
      this.creations.some((known) => known.fields === fields) ||
      hasMoreMembers(object, maxRememberedMembers)
    )
      return;
    const creation = { example: exampleOf(object) as object, fields };
    this.creations = [creation, ...this.creations.slice(0, maxRecentCreations - 1)];
  }
}
