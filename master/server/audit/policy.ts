/** Which requests are recorded and how much of them: an audit policy, `audit.k8s.io/v1`, in which the first rule that matches counts. */
import { trimmedEnd } from '../../../api/trimmed-end.js';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import type { ResourceRequest } from '../request-info.js';
import type { Requester } from '../../../api/schema/resource.js';
import { dns1123SubdomainErrors } from '../../../api/validation/names.js';
import { errorText } from '../../../machinery/error-text.js';

const levels = ['None', 'Metadata', 'Request', 'RequestResponse'] as const;
const stages = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'] as const;

/** How much of a request is recorded; each level holds what the one before has. */
export type AuditLevel = (typeof levels)[number];
/** When an event is made. */
export type AuditStage = (typeof stages)[number];

/** Whether a level records at least what another does. */
export const isAtLeast = (level: AuditLevel, wanted: AuditLevel): boolean =>
  levels.indexOf(level) >= levels.indexOf(wanted);

const texts = z.array(z.string()).optional();
const stageList = z.array(z.enum(stages)).optional();

const urlPattern = z
  .string()
  .refine(
    (url) => url === '*' || url.startsWith('/'),
    "non-resource URL rules must begin with a '/' character",
  )
  .refine(
    (url) => !url.slice(0, -1).includes('*'),
    "non-resource URL wildcards '*' must be the final character of the rule",
  );

const groupResources = z
  .strictObject({
    group: z
      .string()
      .refine((group) => group === '' || dns1123SubdomainErrors(group).length === 0, {
        error: 'an API group is a lower-case name without its version',
      })
      .optional(),
    resources: texts,
    resourceNames: texts,
  })
  .refine(
    ({ resources = [], resourceNames = [] }) => resourceNames.length === 0 || resources.length > 0,
    'using resourceNames requires at least one resource',
  );

const ruleSchema = z
  .strictObject({
    level: z.enum(levels),
    users: texts,
    userGroups: texts,
    verbs: texts,
    resources: z.array(groupResources).optional(),
    namespaces: texts,
    nonResourceURLs: z.array(urlPattern).optional(),
    omitStages: stageList,
    omitManagedFields: z.boolean().optional(),
  })
  .refine(
    ({ resources = [], namespaces = [], nonResourceURLs = [] }) =>
      nonResourceURLs.length === 0 || resources.length + namespaces.length === 0,
    'rules cannot apply to both regular resources and non-resource URLs',
  );

const policySchema = z.strictObject({
  apiVersion: z.literal('audit.k8s.io/v1'),
  kind: z.literal('Policy'),
  metadata: z.looseObject({}).optional(),
  omitStages: stageList,
  omitManagedFields: z.boolean().optional(),
  rules: z.array(ruleSchema).min(1, 'a policy needs a rule'),
});

export type AuditPolicy = z.infer<typeof policySchema>;
type AuditRule = z.infer<typeof ruleSchema>;

/** A policy file that cannot be used, in words for the person who wrote it. */
export class AuditPolicyError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AuditPolicyError';
  }
}

/** Reads a policy from YAML or JSON. Throws AuditPolicyError. */
export function parseAuditPolicy(text: string): AuditPolicy {
  let value: unknown;
  try {
    value = parseYaml(text);
  } catch (cause) {
    throw new AuditPolicyError(errorText(cause), { cause });
  }
  const parsed = policySchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join('.')}: ${message}`,
  );
  throw new AuditPolicyError(issues.join('; '));
}

/** A request as rules see it. */
export interface AuditedAttributes {
  /** Undefined for a sender who could not be authenticated. */
  readonly user: Requester | undefined;
  readonly verb: string;
  readonly path: string;
  readonly target: ResourceRequest | undefined;
}

export interface AuditDecision {
  readonly level: AuditLevel;
  readonly omitStages: ReadonlySet<AuditStage>;
  readonly omitManagedFields: boolean;
}

const has = (list: readonly string[] | undefined, value: string): boolean =>
  list === undefined || list.length === 0 || list.includes(value);

const pathMatches = (pattern: string, path: string): boolean =>
  pattern === '*' ||
  pattern === path ||
  (pattern.endsWith('*') && path.startsWith(trimmedEnd(pattern, '*')));

type RuleResources = NonNullable<AuditRule['resources']>[number];

function resourceMatches(rule: RuleResources, target: ResourceRequest): boolean {
  const { plural, subresource, name } = target;
  if ((rule.group ?? '') !== target.group) return false;
  if (rule.resources === undefined || rule.resources.length === 0) return true;
  if (!has(rule.resourceNames, name)) return false;
  const combined = subresource === '' ? plural : `${plural}/${subresource}`;
  return rule.resources.some(
    (pattern) =>
      pattern === '*' ||
      pattern === combined ||
      (subresource !== '' && pattern === `*/${subresource}`) ||
      pattern === `${plural}/*`,
  );
}

function ruleMatches(rule: AuditRule, { user, verb, path, target }: AuditedAttributes): boolean {
  const { users = [], userGroups = [], namespaces = [], resources = [] } = rule;
  if (users.length > 0 && (user === undefined || !users.includes(user.username))) return false;
  if (userGroups.length > 0 && user?.groups.some((group) => userGroups.includes(group)) !== true)
    return false;
  if (!has(rule.verbs, verb)) return false;
  if (namespaces.length > 0 || resources.length > 0) {
    if (target === undefined || !has(namespaces, target.namespace)) return false;
    return resources.length === 0 || resources.some((each) => resourceMatches(each, target));
  }
  const { nonResourceURLs = [] } = rule;
  if (nonResourceURLs.length === 0) return true;
  return target === undefined && nonResourceURLs.some((pattern) => pathMatches(pattern, path));
}

const nothing: AuditDecision = { level: 'None', omitStages: new Set(), omitManagedFields: false };

/** Makes the function that decides about a request. */
export function auditDecider(policy: AuditPolicy): (asked: AuditedAttributes) => AuditDecision {
  const decisions = policy.rules.map((rule): AuditDecision => ({
    level: rule.level,
    omitStages: new Set([...(policy.omitStages ?? []), ...(rule.omitStages ?? [])]),
    omitManagedFields: rule.omitManagedFields ?? policy.omitManagedFields ?? false,
  }));
  return (asked) => {
    const index = policy.rules.findIndex((rule) => ruleMatches(rule, asked));
    return decisions[index] ?? nothing;
  };
}
