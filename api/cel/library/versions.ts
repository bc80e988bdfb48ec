/** Semantic versions, after semver.org 2.0. */
import { fn, method, traversalCost } from '../overload.js';
import type { Overload } from '../overload.js';
import { CelError, Opaque } from '../values.js';

const pattern =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?$/;

class VersionValue extends Opaque {
  readonly typeName = 'kubernetes.Semver';
  readonly numbers: readonly [bigint, bigint, bigint];
  readonly pre: readonly string[];
  constructor(numbers: readonly [bigint, bigint, bigint], pre: readonly string[]) {
    super();
    this.numbers = numbers;
    this.pre = pre;
  }
  override equals(other: Opaque): boolean {
    return other instanceof VersionValue && compare(this, other) === 0;
  }
}

/** Drops a leading `v`, fills in missing parts and drops leading zeroes. */
function normalized(text: string): string {
  const [, core = text, rest = ''] = /^v?([0-9.]+)(.*)$/s.exec(text) ?? [];
  const parts = core.split('.').map((part) => part.replace(/^0+(?=\d)/, ''));
  while (parts.length < 3) parts.push('0');
  return parts.join('.') + rest;
}

function parse(text: string): VersionValue | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const [, major = '0', minor = '0', patch = '0', pre = ''] = match;
  const numbers = [BigInt(major), BigInt(minor), BigInt(patch)] as const;
  if (numbers.some((number) => number >= 2n ** 64n)) return undefined;
  return new VersionValue(numbers, pre === '' ? [] : pre.split('.'));
}

function versionFrom(text: string): VersionValue {
  const version = parse(text);
  if (version === undefined)
    throw new CelError(`Invalid character(s) found in semantic version ${JSON.stringify(text)}`);
  return version;
}

function comparePre(left: string, right: string): number {
  const [a, b] = [/^\d+$/.test(left), /^\d+$/.test(right)];
  if (a && b) return Math.sign(Number(BigInt(left) - BigInt(right)));
  if (a !== b) return a ? -1 : 1;
  return left < right ? -1 : left > right ? 1 : 0;
}

function compare(left: VersionValue, right: VersionValue): number {
  for (const [position, number] of left.numbers.entries()) {
    const other = right.numbers[position] ?? 0n;
    if (number !== other) return number < other ? -1 : 1;
  }
  if (left.pre.length === 0 || right.pre.length === 0) {
    return Math.sign(Number(left.pre.length === 0) - Number(right.pre.length === 0));
  }
  for (let position = 0; position < Math.min(left.pre.length, right.pre.length); position += 1) {
    const order = comparePre(left.pre[position] ?? '', right.pre[position] ?? '');
    if (order !== 0) return order;
  }
  return Math.sign(left.pre.length - right.pre.length);
}

const type = 'kubernetes.Semver';

export const semverLibrary: readonly Overload[] = [
  fn(`semver(string): ${type}`, versionFrom, traversalCost),
  fn(
    `semver(string, bool): ${type}`,
    (text: string, normalize: boolean) => versionFrom(normalize ? normalized(text) : text),
    traversalCost,
  ),
  fn('isSemver(string): bool', (text: string) => parse(text) !== undefined, traversalCost),
  fn(
    'isSemver(string, bool): bool',
    (text: string, normalize: boolean) => parse(normalize ? normalized(text) : text) !== undefined,
    traversalCost,
  ),
  method(type, 'major(): int', ({ numbers }: VersionValue) => numbers[0]),
  method(type, 'minor(): int', ({ numbers }: VersionValue) => numbers[1]),
  method(type, 'patch(): int', ({ numbers }: VersionValue) => numbers[2]),
  method(
    type,
    `isGreaterThan(${type}): bool`,
    (a: VersionValue, b: VersionValue) => compare(a, b) > 0,
  ),
  method(
    type,
    `isLessThan(${type}): bool`,
    (a: VersionValue, b: VersionValue) => compare(a, b) < 0,
  ),
  method(type, `compareTo(${type}): int`, (a: VersionValue, b: VersionValue) =>
    BigInt(compare(a, b)),
  ),
];
