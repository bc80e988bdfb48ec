/** Semantic versions, after semver.org 2.0: what is one, and which of two comes first. Pure. */
import { compareText } from './compare-text.js';
import { maxUint64 } from './integers.js';

const pattern =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?$/;

export interface SemanticVersion {
  /** Major, minor and patch. */
  readonly numbers: readonly [bigint, bigint, bigint];
  /** The parts of what follows a hyphen; none for a release. */
  readonly pre: readonly string[];
}

/** Undefined for a text that is no version. */
export function parseSemanticVersion(text: string): SemanticVersion | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const [, major = '0', minor = '0', patch = '0', pre = ''] = match;
  const numbers = [BigInt(major), BigInt(minor), BigInt(patch)] as const;
  // Kubernetes holds them in 64 bits.
  if (numbers.some((number) => number > maxUint64)) return undefined;
  return { numbers, pre: pre === '' ? [] : pre.split('.') };
}

function comparePre(left: string, right: string): number {
  const [a, b] = [/^\d+$/.test(left), /^\d+$/.test(right)];
  if (a && b) return Math.sign(Number(BigInt(left) - BigInt(right)));
  if (a !== b) return a ? -1 : 1;
  return compareText(left, right);
}

/** Negative where the left one comes first, 0 where both are equal; builds of one version are. */
export function compareSemanticVersions(left: SemanticVersion, right: SemanticVersion): number {
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
