/** The order of versions by stability, as discovery prefers them: v2, v1, v1beta2, v1beta1, v1alpha1, then others by name. */
import { compareText } from '../../../api/compare-text.js';

interface Parsed {
  readonly major: number;
  /** 2 stable, 1 beta, 0 alpha. */
  readonly level: number;
  readonly minor: number;
}

function parse(version: string): Parsed | undefined {
  const match = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/.exec(version);
  if (match === null) return undefined;
  const level = match[2] === undefined ? 2 : match[2] === 'beta' ? 1 : 0;
  return { major: Number(match[1]), level, minor: Number(match[3] ?? 0) };
}

/** Negative where `left` is preferred. */
export function compareVersions(left: string, right: string): number {
  const [a, b] = [parse(left), parse(right)];
  if (a === undefined || b === undefined) {
    if (a !== undefined || b !== undefined) return a === undefined ? 1 : -1;
    return compareText(left, right);
  }
  return b.level - a.level || b.major - a.major || b.minor - a.minor;
}
