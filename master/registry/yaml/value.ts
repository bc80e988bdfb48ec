/**
 * From a parsed YAML document to the JSON value it means. Goes through each node once, so that aliases cost what they expand to,
 * which is bounded as Go's reader bounds it.
 */
import { isAlias, isMap, isPair, isScalar, isSeq } from 'yaml';
import type { Document, Pair, Scalar } from 'yaml';
import { maxStrictErrors } from '../limits.js';
import { ScalarError, scalarValue } from './scalars.js';
import type { ScalarValue } from './scalars.js';

/** A document that is well-formed but means nothing. `message` is in the words of Go's reader. */
export class YamlValueError extends Error {
  /** Where in the text, where that is known. */
  readonly position: number | undefined;

  constructor(message: string, position?: number) {
    super(message);
    this.name = 'YamlValueError';
    this.position = position;
  }
}

/** A key that a map writes twice, and where. */
export interface DoubledKey {
  readonly key: string;
  readonly position: number;
}

type JsonMap = Record<string, unknown>;

/** Fewer values than these may all come of aliases; Go's figures. */
const freeValues = 100;
const freeAliasedValues = 1_000;
const manyValues = 400_000;
const mostValues = 4_000_000;

/** The share of values that may come of aliases, by how many there are. */
function allowedShare(values: number): number {
  if (values <= manyValues) return 0.99;
  if (values >= mostValues) return 0.1;
  return 0.99 - (0.89 * (values - manyValues)) / (mostValues - manyValues);
}

/** Turns one document into a value. */
export class DocumentReader {
  readonly doubled: DoubledKey[] = [];
  private readonly anchors = new Map<string, unknown>();
  /** Anchors whose value is being made. */
  private readonly open = new Set<unknown>();
  private values = 0;
  private aliased = 0;
  private aliasDepth = 0;

  /** Throws YamlValueError and, where the value nests too deeply, RangeError. */
  read(document: Document): unknown {
    return this.node(document.contents);
  }

  private count(): void {
    this.values += 1;
    if (this.aliasDepth > 0) this.aliased += 1;
    if (this.values <= freeValues || this.aliased <= freeAliasedValues) return;
    if (this.aliased / this.values > allowedShare(this.values)) {
      throw new YamlValueError('document contains excessive aliasing');
    }
  }

  private node(node: unknown): unknown {
    if (node === null || node === undefined) return null;
    if (isAlias(node)) return this.alias(node.source);
    this.count();
    if (isScalar(node)) {
      if (node.anchor !== undefined) this.anchors.set(node.anchor, node);
      return this.scalar(node);
    }
    if (!isMap(node) && !isSeq(node)) throw new YamlValueError('unknown node');
    if (node.anchor !== undefined) this.anchors.set(node.anchor, node);
    this.open.add(node);
    const value = isMap(node) ? this.map(node.items) : this.list(node.items);
    this.open.delete(node);
    return value;
  }

  /** The node an alias stands for. */
  private anchored(name: string): unknown {
    const node = this.anchors.get(name);
    if (node === undefined) throw new YamlValueError(`unknown anchor '${name}' referenced`);
    if (this.open.has(node)) throw new YamlValueError(`anchor '${name}' value contains itself`);
    return node;
  }

  private alias(name: string): unknown {
    const node = this.anchored(name);
    this.aliasDepth += 1;
    const value = this.node(node);
    this.aliasDepth -= 1;
    return value;
  }

  private scalar({ value, source, tag, type, range }: Scalar): ScalarValue {
    const plain = type === undefined || type === 'PLAIN';
    const text = typeof value === 'string' ? value : (source ?? '');
    try {
      const meant = scalarValue(text, tag, plain);
      if (typeof meant !== 'number' || Number.isFinite(meant)) return meant;
      throw new ScalarError(`unsupported value: ${goInfinity(meant)}`);
    } catch (error) {
      if (error instanceof ScalarError) throw new YamlValueError(error.message, range?.[0]);
      throw error;
    }
  }

  private list(items: readonly unknown[]): unknown[] {
    return items.map((item) => (isPair(item) ? this.map([item]) : this.node(item)));
  }

  private map(pairs: readonly Pair[]): JsonMap {
    const map: JsonMap = {};
    const written = new Set<string>();
    const merges: unknown[] = [];
    for (const { key, value } of pairs) {
      if (isMergeKey(key)) {
        merges.push(value);
        continue;
      }
      const name = this.key(key);
      if (written.has(name)) this.noteDoubled(name, key);
      written.add(name);
      assign(map, name, this.node(value));
    }
    // Of those merged, the one that comes first counts.
    for (const merged of merges) this.merge(map, written, merged);
    return map;
  }

  private noteDoubled(key: string, node: unknown): void {
    if (this.doubled.length >= maxStrictErrors || this.aliasDepth > 0) return;
    this.doubled.push({ key, position: (isScalar(node) ? node.range?.[0] : undefined) ?? 0 });
  }

  private key(node: unknown): string {
    const value = this.node(node) as ScalarValue | object;
    if (value === null) throw new YamlValueError('unsupported map key of type: nil');
    if (typeof value !== 'object') return String(value);
    throw new YamlValueError(`invalid map key: ${JSON.stringify(value)}`);
  }

  private merge(map: JsonMap, written: Set<string>, value: unknown): void {
    const isAliased = isAlias(value);
    const node = isAliased ? this.anchored(value.source) : value;
    if (isAliased) this.aliasDepth += 1;
    if (isSeq(node)) {
      for (const item of node.items) {
        if (isSeq(item)) throw notMergeable();
        this.merge(map, written, item);
      }
    } else if (isMap(node)) {
      const other = this.node(node) as JsonMap;
      for (const name of Object.keys(other)) {
        if (written.has(name)) continue;
        written.add(name);
        assign(map, name, other[name]);
      }
    } else throw notMergeable();
    if (isAliased) this.aliasDepth -= 1;
  }
}

const notMergeable = (): YamlValueError =>
  new YamlValueError('map merge requires map or sequence of maps as the value');

const isMergeKey = (key: unknown): boolean =>
  isScalar(key) && key.value === '<<' && key.type === 'PLAIN' && key.tag === undefined;

const goInfinity = (value: number): string => {
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '+Inf' : '-Inf';
};

/** Plain assignment would set the prototype. */
function assign(map: JsonMap, name: string, value: unknown): void {
  if (name !== '__proto__') map[name] = value;
  else
    Object.defineProperty(map, name, {
      value,
      enumerable: true,
      writable: true,
      configurable: true,
    });
}
