/**
 * Places in a JSON document after RFC 6901. Only what the document itself holds is ever found: not what objects and lists
 * inherit, so that no pointer reaches a prototype.
 *
 * Called by `json.ts` only, which owns the document and changes it in place.
 */
import { setOwn } from './json-value.js';

/** A pointer that is malformed, or leads nowhere. */
export class PointerError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PointerError';
  }
}

/** What a pointer names: the last token, in the object or list that the others lead to. */
export interface Place {
  readonly parent: Record<string, unknown> | unknown[];
  readonly token: string;
}

/** The names and positions of a pointer; none for the whole document. */
function tokensOf(pointer: string): readonly string[] {
  if (pointer === '') return [];
  if (!pointer.startsWith('/')) throw new PointerError(`${pointer} does not begin with a slash`);
  return pointer
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** A position in a list of that length; negative ones count from its end, as in Kubernetes. */
function positionOf(token: string, length: number): number {
  if (!/^-?(?:0|[1-9]\d{0,9})$/.test(token)) throw new PointerError(`${token} is no position`);
  const position = Number(token);
  const at = position < 0 ? position + length : position;
  if (at < 0 || at >= length) {
    throw new PointerError(`Unable to access invalid index: ${token}: invalid index referenced`);
  }
  return at;
}

const isContainer = (value: unknown): value is Record<string, unknown> | unknown[] =>
  typeof value === 'object' && value !== null;

/** The value at a place; undefined where an object has no such member. Throws where a list has no such position. */
function valueAt({ parent, token }: Place): unknown {
  if (Array.isArray(parent)) return parent[positionOf(token, parent.length)];
  return Object.hasOwn(parent, token) ? parent[token] : undefined;
}

/** Where a pointer leads; its parent has to be there. Throws PointerError. */
export function placeOf(document: unknown, pointer: string): Place {
  const tokens = tokensOf(pointer);
  const last = tokens.at(-1);
  if (last === undefined) throw new PointerError('the whole document is no place in it');
  let parent = document;
  for (const token of tokens.slice(0, -1)) {
    if (!isContainer(parent)) break;
    parent = valueAt({ parent, token });
  }
  if (!isContainer(parent)) throw new PointerError(`the parent of ${pointer} is missing`);
  return { parent, token: last };
}

/** Adds a member or replaces it; in a list, inserts before the position or, with `-`, at the end. */
export function insertAt({ parent, token }: Place, value: unknown): void {
  if (!Array.isArray(parent)) setOwn(parent, token, value);
  else if (token === '-') parent.push(value);
  else parent.splice(positionOf(token, parent.length + 1), 0, value);
}

/** Puts a value in place of what is there; an absent member is added. */
export function replaceAt({ parent, token }: Place, value: unknown): void {
  if (Array.isArray(parent)) parent[positionOf(token, parent.length)] = value;
  else setOwn(parent, token, value);
}

/** Takes out what is there and returns it. Throws where nothing is. */
export function removeAt({ parent, token }: Place): unknown {
  if (Array.isArray(parent)) {
    return parent.splice(positionOf(token, parent.length), 1)[0];
  }
  if (!Object.hasOwn(parent, token)) {
    throw new PointerError(`Unable to remove nonexistent key: ${token}: missing value`);
  }
  const value = parent[token];
  Reflect.deleteProperty(parent, token);
  return value;
}

/** The value a pointer names, the whole document included; undefined where an object has no such member. */
export function lookUp(document: unknown, pointer: string): unknown {
  if (pointer === '') return document;
  return valueAt(placeOf(document, pointer));
}

/** Whether the first pointer names what the second lies in. */
export const isWithin = (outer: string, inner: string): boolean => inner.startsWith(`${outer}/`);
