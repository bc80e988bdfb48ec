/**
 * Merges an applied configuration into the live object: what the configuration names wins, everything else stays. Neither is
 * changed; parts that do not change are shared. Lists come out in the order of the configuration, with the live list's other
 * elements where they stood.
 */
import { isJsonObject, setOwn } from '../patch/json-value.js';
import type { JsonObject } from '../patch/json-value.js';
import { isNothing, isOpen } from './compare.js';
import { indexed } from './list-elements.js';
import type { ListShape } from './list-elements.js';
import { memberShape, resolved } from './shape.js';
import type { KnownShape, Shape, StructShape } from './shape.js';

/** A list as its elements by path; null stands for one that occurs twice and so has no single value. */
interface Indexed {
  readonly elements: readonly string[];
  readonly items: readonly unknown[];
  readonly byElement: ReadonlyMap<string, unknown>;
}

function indexOf(shape: ListShape, list: readonly unknown[]): Indexed {
  const pairs = indexed(shape, list);
  const byElement = new Map<string, unknown>();
  for (const [element, item] of pairs) {
    byElement.set(element, byElement.has(element) ? undefined : item);
  }
  return {
    elements: pairs.map(([element]) => element),
    items: pairs.map(([, item]) => item),
    byElement,
  };
}

/** Interleaves two lists: elements that both have in the configuration's order, the others next to their neighbours. */
function mergeLists(
  shape: ListShape,
  liveList: readonly unknown[],
  configList: readonly unknown[],
): unknown[] {
  const [live, config] = [indexOf(shape, liveList), indexOf(shape, configList)];
  const shared = config.elements.filter((element) => live.byElement.has(element));
  const result: unknown[] = [];
  const taken = new Set<string>();
  let [at, next] = [0, 0];
  let sharedAt = 0;
  const takeFromConfig = (): void => {
    const element = config.elements[next] ?? '';
    taken.add(element);
    const below = live.byElement.get(element);
    result.push(mergeValues(shape.items, below, config.byElement.get(element)));
    if (shared[sharedAt] === element) sharedAt += 1;
    next += 1;
  };
  while (at < live.elements.length || next < config.elements.length) {
    const element = live.elements[at];
    if (element !== undefined && element === config.elements[next]) {
      takeFromConfig();
      at += 1;
    } else if (element !== undefined && !config.byElement.has(element)) {
      result.push(live.items[at]);
      at += 1;
    } else if (
      element !== undefined &&
      (taken.has(element) || next >= config.elements.length || element !== shared[sharedAt])
    ) {
      // The configuration has put it elsewhere.
      at += 1;
    } else takeFromConfig();
  }
  return result;
}

function mergeMembers(
  shape: KnownShape & { readonly type: 'struct' | 'map' },
  live: JsonObject,
  config: JsonObject,
): JsonObject {
  const result: Record<string, unknown> = { ...live };
  for (const [name, value] of Object.entries(config)) {
    if (value === undefined) continue;
    const inner = memberShape(shape, name);
    const before = Object.hasOwn(live, name) ? live[name] : undefined;
    setOwn(result, name, inner === undefined ? value : mergeValues(inner, before, value));
  }
  return result;
}

/** Whether a value is made of parts that have owners of their own. */
const holdsParts = (shape: Shape, value: unknown): boolean =>
  isOpen(resolved(shape, value), value) && !isNothing(value);

function mergeValues(shape: Shape, live: unknown, config: unknown): unknown {
  if (config === undefined) return live;
  // A null names the field and nothing below it: what others have there stays.
  if (config === null && holdsParts(shape, live)) return live;
  const known = resolved(shape, config);
  if (live === undefined || live === null || known.type === 'leaf' || known.atomic) return config;
  if (known.type === 'list') {
    return Array.isArray(live) && Array.isArray(config) && live.length + config.length > 0
      ? mergeLists(known, live, config)
      : config;
  }
  return isJsonObject(live) && isJsonObject(config) ? mergeMembers(known, live, config) : config;
}

/** The live object with a configuration merged into it. */
export const mergeConfiguration = (
  shape: StructShape,
  live: JsonObject,
  config: JsonObject,
): JsonObject => mergeMembers(shape, live, config);
