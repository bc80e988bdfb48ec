/**
 * The steps of a path to a field, in the text form of FieldsV1: `f:NAME` for a member of an object, `k:{"KEY":VALUE}` for an
 * element of a keyed list, `v:VALUE` for a member of a set, `i:POSITION` for a position.
 */
import { isJsonObject } from '../patch/json-value.js';

/** The step to a member of an object. */
export const fieldElement = (name: string): string => `f:${name}`;

/** `keys` must be in the order of their names. */
export const keyElement = (keys: readonly (readonly [name: string, value: unknown])[]): string =>
  `k:{${keys.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join()}}`;

/** The step to an element of a set. */
export const valueElement = (value: unknown): string => `v:${JSON.stringify(value)}`;

const byName = ([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number =>
  left < right ? -1 : 1;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Stands for an element of a kind that a later version may know; it is left out. */
export const unknownElement = Symbol('unknown element');

/**
 * An element as a client wrote it in the one form we compare; `unknownElement` for a kind of element that nobody knows, undefined for
 * one that is broken.
 */
export function normalElement(text: string): string | typeof unknownElement | undefined {
  switch (text.slice(0, 2)) {
    case 'f:':
      return text;
    case 'v:': {
      const value = parsed(text.slice(2));
      return value === undefined ? undefined : valueElement(value);
    }
    case 'k:': {
      const keys = parsed(text.slice(2));
      return isJsonObject(keys) ? keyElement(Object.entries(keys).sort(byName)) : undefined;
    }
    case 'i:':
      return /^i:\d+$/.test(text) ? text : undefined;
    default:
      return text.charAt(1) === ':' ? unknownElement : undefined;
  }
}

function shownElement(element: string): string {
  const rest = element.slice(2);
  switch (element.slice(0, 2)) {
    case 'k:': {
      const keys = Object.entries(parsed(rest) ?? {});
      return `[${keys.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join()}]`;
    }
    case 'v:':
      return `[=${rest}]`;
    case 'i:':
      return `[${rest}]`;
    default:
      return `.${rest}`;
  }
}

/** A path as Kubernetes shows it to people: `.spec.containers[name="web"].image`. */
export const shownPath = (path: readonly string[]): string => path.map(shownElement).join('');
