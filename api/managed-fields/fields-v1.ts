/** Reads field sets that clients wrote. */
import { isJsonObject } from '../patch/json-value.js';
import type { FieldSet, FieldSetDraft } from './field-set.js';
import { member, union } from './field-set.js';
import { maxFieldSetDepth } from './limits.js';
import { normalElement, unknownElement } from './path-element.js';

function nodeFrom(value: unknown, depth: number): FieldSet | undefined {
  if (!isJsonObject(value) || depth > maxFieldSetDepth) return undefined;
  const result: FieldSetDraft = {};
  for (const text of Object.keys(value)) {
    const element = text === '.' ? text : normalElement(text);
    if (element === unknownElement) continue;
    const below = element === '.' ? member : nodeFrom(value[text], depth + 1);
    if (element === undefined || below === undefined) return undefined;
    const known = result[element];
    result[element] = known === undefined ? below : union(known, below);
  }
  // An element that stands alone with its own mark is written shorter.
  return Object.keys(result).join() === '.' ? member : result;
}

/** The set a client wrote, in normal form; undefined where it is broken. Elements of kinds nobody knows are left out. */
export function fieldSetFrom(value: unknown): FieldSet | undefined {
  const set = nodeFrom(value ?? {}, 0);
  if (set?.['.'] === undefined) return set;
  const { '.': _root, ...rest } = set;
  return rest;
}
