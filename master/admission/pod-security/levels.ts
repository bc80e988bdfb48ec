/** Which standard a namespace's labels ask for, and what of it a pod violates. Pure. */
import type { FieldError } from '../../../api/validation/field-error.js';
import { invalid, key } from '../../../api/validation/field-error.js';
import { baselineChecks } from './baseline-checks.js';
import type { PodCheck, SecuredPod, Violation } from './check.js';
import { restrictedChecks } from './restricted-checks.js';

export type Level = 'privileged' | 'baseline' | 'restricted';
export type Mode = 'enforce' | 'audit' | 'warn';

/** A level of the standard as of a version of Kubernetes. */
export interface Standard {
  readonly level: Level;
  /** `latest` or `v1.N`, as messages say it. */
  readonly version: string;
}

export type NamespacePolicy = Readonly<Record<Mode, Standard>> & {
  readonly errors: readonly FieldError[];
};

const prefix = 'pod-security.kubernetes.io/';
const levels: readonly Level[] = ['privileged', 'baseline', 'restricted'];

type Labels = Readonly<Record<string, string>>;

export const isLevel = (text: string): text is Level => levels.some((level) => level === text);

export const isStandardVersion = (text: string): boolean =>
  text === 'latest' || /^v1\.(0|[1-9][0-9]*)$/.test(text);

/** What holds for namespaces whose labels do not say. */
export type PodSecurityDefaults = Readonly<Record<Mode, Standard>>;

const errorAt = (label: string, value: string, why: string): FieldError =>
  invalid(key('metadata.labels', label), value, why);

/** What is not to be understood enforces the strictest level, and neither audits nor warns. */
function standardOf(
  labels: Labels,
  mode: Mode,
  context: { readonly defaults: PodSecurityDefaults; readonly errors: FieldError[] },
): Standard {
  const { defaults, errors } = context;
  const levelLabel = prefix + mode;
  const versionLabel = `${levelLabel}-version`;
  const level = labels[levelLabel] ?? defaults[mode].level;
  const version = labels[versionLabel] ?? defaults[mode].version;
  if (!isLevel(level)) {
    errors.push(errorAt(levelLabel, level, 'must be one of privileged, baseline, restricted'));
  }
  const readable = isStandardVersion(version);
  if (!readable) errors.push(errorAt(versionLabel, version, 'must be "latest" or "v1.x"'));
  return {
    level: isLevel(level) ? level : mode === 'enforce' ? 'restricted' : 'privileged',
    version: readable ? version : 'latest',
  };
}

/** Whether the first level asks for more than the second. */
export const isStricter = (left: Level, right: Level): boolean =>
  levels.indexOf(left) > levels.indexOf(right);

/** Where a namespace only asks for enforcing, it is warned of at that level too. */
function policyOf(labels: Labels, defaults: PodSecurityDefaults): NamespacePolicy {
  const errors: FieldError[] = [];
  const context = { defaults, errors };
  const enforce = standardOf(labels, 'enforce', context);
  const audit = standardOf(labels, 'audit', context);
  const asked = standardOf(labels, 'warn', context);
  const only = labels[`${prefix}enforce`] !== undefined && labels[`${prefix}warn`] === undefined;
  const warn = only && isStricter(enforce.level, asked.level) ? enforce : asked;
  return { enforce, audit, warn, errors };
}

/** Says which policy a namespace with given labels has; the answer for the same labels object is kept. */
export function namespacePolicies(
  defaults: PodSecurityDefaults,
): (labels: Labels | undefined) => NamespacePolicy {
  const known = new WeakMap<object, NamespacePolicy>();
  const unlabelled = policyOf({}, defaults);
  return (labels) => {
    if (labels === undefined) return unlabelled;
    let policy = known.get(labels);
    if (policy === undefined) known.set(labels, (policy = policyOf(labels, defaults)));
    return policy;
  };
}

/** A standard as messages name it. */
export const standardText = ({ level, version }: Standard): string => `${level}:${version}`;

/** Whether the standard asks for nothing. */
export const allowsEverything = ({ level }: Standard): boolean => level === 'privileged';

const minorOf = (version: string): number =>
  version === 'latest' ? Infinity : Number(version.slice('v1.'.length));

function checksOf({ level, version }: Standard): readonly PodCheck[] {
  const minor = minorOf(version);
  const isIn = ({ since }: PodCheck): boolean => since <= minor;
  const basic = baselineChecks.filter(isIn);
  if (level === 'baseline') return basic;
  const strict = restrictedChecks.filter(isIn);
  const overridden = new Set(strict.map(({ overrides }) => overrides));
  return [...basic.filter(({ id }) => !overridden.has(id)), ...strict];
}

/** Everything a pod violates, in the order it is told. */
export function violationsOf(pod: SecuredPod, standard: Standard): readonly Violation[] {
  if (allowsEverything(standard)) return [];
  const minor = minorOf(standard.version);
  return checksOf(standard)
    .map((check) => check.violation(pod, minor))
    .filter((violation) => violation !== undefined);
}

/** The violations with their details, for people. */
export const detailsText = (violations: readonly Violation[]): string =>
  violations
    .map(({ reason, detail }) => (detail === '' ? reason : `${reason} (${detail})`))
    .join(', ');

/** The violations in short. */
export const reasonsText = (violations: readonly Violation[]): string =>
  violations.map(({ reason }) => reason).join(', ');
