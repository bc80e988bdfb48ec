/** Semantic versions, after semver.org 2.0. */
import { compareSemanticVersions, parseSemanticVersion } from '../../semantic-version.js';
import type { SemanticVersion } from '../../semantic-version.js';
import { fn, method, traversalCost } from '../overload.js';
import type { Overload } from '../overload.js';
import { CelError, Opaque } from '../values.js';

class VersionValue extends Opaque implements SemanticVersion {
  readonly typeName = 'kubernetes.Semver';
  readonly numbers: readonly [bigint, bigint, bigint];
  readonly pre: readonly string[];
  constructor(numbers: readonly [bigint, bigint, bigint], pre: readonly string[]) {
    super();
    this.numbers = numbers;
    this.pre = pre;
  }
  override equals(other: Opaque): boolean {
    return other instanceof VersionValue && compareSemanticVersions(this, other) === 0;
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
  const version = parseSemanticVersion(text);
  return version && new VersionValue(version.numbers, version.pre);
}

function versionFrom(text: string): VersionValue {
  const version = parse(text);
  if (version === undefined)
    throw new CelError(`Invalid character(s) found in semantic version ${JSON.stringify(text)}`);
  return version;
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
    (a: VersionValue, b: VersionValue) => compareSemanticVersions(a, b) > 0,
  ),
  method(
    type,
    `isLessThan(${type}): bool`,
    (a: VersionValue, b: VersionValue) => compareSemanticVersions(a, b) < 0,
  ),
  method(type, `compareTo(${type}): int`, (a: VersionValue, b: VersionValue) =>
    BigInt(compareSemanticVersions(a, b)),
  ),
];
