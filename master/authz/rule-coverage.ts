/**
 * Whether a set of rules grants everything another set does, and how what is missing is told: the arithmetic behind “nobody
 * may grant what they do not have”. Pure.
 */
import { coversPath, namesOf } from './rules.js';
import type { Rule } from './rules.js';

const all = '*';

/** The smallest rules that grant the same: one verb on one resource or path each. */
function brokenDown(rule: Rule): Rule[] {
  const { verbs, apiGroups = [], resources = [], nonResourceURLs = [] } = rule;
  const names = namesOf(rule)?.map((name) => ({ resourceNames: [name] })) ?? [{}];
  const parts: Rule[] = [];
  for (const group of apiGroups) {
    for (const resource of resources) {
      for (const verb of verbs) {
        for (const named of names) {
          parts.push({ apiGroups: [group], resources: [resource], ...named, verbs: [verb] });
        }
      }
    }
  }
  for (const url of nonResourceURLs) {
    for (const verb of verbs) parts.push({ nonResourceURLs: [url], verbs: [verb] });
  }
  return parts;
}

const coversAll = (owned: readonly string[] = [], wanted: readonly string[] = []): boolean =>
  owned.includes(all) || wanted.every((value) => owned.includes(value));

function coversResources(owned: readonly string[] = [], wanted: readonly string[] = []): boolean {
  if (coversAll(owned, wanted)) return true;
  return wanted.every((resource) => {
    if (owned.includes(resource)) return true;
    const slash = resource.indexOf('/');
    return slash >= 0 && owned.includes(`*${resource.slice(slash)}`);
  });
}

const coversPaths = (owned: readonly string[] = [], wanted: readonly string[] = []): boolean =>
  wanted.every((path) => owned.some((pattern) => coversPath(pattern, path)));

function coversNames(owned: Rule, wanted: Rule): boolean {
  const names = namesOf(owned);
  const asked = namesOf(wanted);
  return names === undefined || asked?.every((name) => names.includes(name)) === true;
}

const covers = (owned: Rule, part: Rule): boolean =>
  coversAll(owned.verbs, part.verbs) &&
  coversAll(owned.apiGroups, part.apiGroups) &&
  coversResources(owned.resources, part.resources) &&
  coversPaths(owned.nonResourceURLs, part.nonResourceURLs) &&
  coversNames(owned, part);

/** The parts of `wanted` that none of the owned rules covers. */
export const missingRules = (owned: readonly Rule[], wanted: readonly Rule[]): readonly Rule[] =>
  wanted.flatMap(brokenDown).filter((part) => !owned.some((rule) => covers(rule, part)));

/** Parts for one resource, or one object of it, as one rule with all their verbs; other rules as they are. */
export function compacted(rules: readonly Rule[]): readonly Rule[] {
  const simple = new Map<string, Rule>();
  const others: Rule[] = [];
  for (const rule of rules) {
    const { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
    const isSimple =
      nonResourceURLs.length === 0 &&
      apiGroups.length === 1 &&
      resources.length === 1 &&
      resourceNames.length <= 1;
    if (!isSimple) {
      others.push(rule);
      continue;
    }
    const key = JSON.stringify([apiGroups, resources, resourceNames]);
    const known = simple.get(key);
    simple.set(
      key,
      known === undefined ? rule : { ...rule, verbs: [...known.verbs, ...rule.verbs] },
    );
  }
  return [...others, ...simple.values()];
}

/** A list of texts as Go's `%q` prints one. */
export const quotedList = (values: readonly string[]): string =>
  `[${values.map((value) => JSON.stringify(value)).join(' ')}]`;

function describe(rule: Rule): string {
  const parts = (
    [
      ['APIGroups', rule.apiGroups],
      ['Resources', rule.resources],
      ['NonResourceURLs', rule.nonResourceURLs],
      ['ResourceNames', rule.resourceNames],
      ['Verbs', rule.verbs],
    ] as const
  ).flatMap(([name, values]) =>
    values === undefined || values.length === 0 ? [] : [`${name}:${quotedList(values)}`],
  );
  return `{${parts.join(', ')}}`;
}

/** What is missing, a line a resource, sorted, as Kubernetes shows it. */
export const missingText = (missing: readonly Rule[]): string =>
  [...new Set(compacted(missing).map(describe))].sort().join('\n');
