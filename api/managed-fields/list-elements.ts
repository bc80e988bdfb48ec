/** How the elements of lists that merge are told apart. */
import { isJsonObject } from '../patch/json-value.js';
import { keyElement, valueElement } from './path-element.js';
import type { Shape } from './shape.js';

export type ListShape = Shape & { readonly type: 'list' };

/** Why an element of a list has no path, in Kubernetes' words. */
export class ElementError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ElementError';
  }
}

function keyedElement(keys: NonNullable<ListShape['keys']>, item: unknown): string {
  if (item === null || item === undefined) {
    throw new ElementError('associative list with keys may not have a null element');
  }
  if (!isJsonObject(item)) {
    throw new ElementError('associative list with keys may not have non-map elements');
  }
  const found: [string, unknown][] = [];
  for (const { name, fallback } of keys) {
    const value = item[name] ?? fallback;
    if (value !== undefined) found.push([name, value]);
    else {
      throw new ElementError(
        `associative list with keys has an element that omits key field ${JSON.stringify(name)} (and doesn't have default value)`,
      );
    }
  }
  return keyElement(found);
}

function setElement(item: unknown): string {
  if (item === null || item === undefined) {
    throw new ElementError("associative list without keys has an element that's an explicit null");
  }
  if (Array.isArray(item)) {
    throw new ElementError('not supported: associative list with lists as elements');
  }
  if (typeof item === 'object') {
    throw new ElementError("associative list without keys has an element that's a map type");
  }
  return valueElement(item);
}

/** The path element of a list's element. Throws ElementError where it has none. */
export const elementOf = (shape: ListShape, item: unknown): string =>
  shape.keys === undefined ? setElement(item) : keyedElement(shape.keys, item);

/** The elements of a list with their path elements; those that have none are passed over. */
export function indexed(
  shape: ListShape,
  list: readonly unknown[],
): (readonly [string, unknown])[] {
  const result: (readonly [string, unknown])[] = [];
  for (const item of list) {
    try {
      result.push([elementOf(shape, item), item]);
    } catch (error) {
      // Stored lists are valid; one that older rules let in is only not owned.
      if (!(error instanceof ElementError)) throw error;
    }
  }
  return result;
}

/** The same by path element; equal ones together. */
export function grouped(shape: ListShape, list: readonly unknown[]): Map<string, unknown[]> {
  const groups = new Map<string, unknown[]>();
  for (const [element, item] of indexed(shape, list)) {
    const group = groups.get(element);
    if (group === undefined) groups.set(element, [item]);
    else group.push(item);
  }
  return groups;
}
