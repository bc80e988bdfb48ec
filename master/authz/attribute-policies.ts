/**
 * ABAC: a file of policies, one JSON object a line, each of which lets a user or group do something. As Kubernetes has it, for
 * those who bring such a file along; RBAC is the better way. Pure: whoever reads the file hands its text in.
 */
import { z } from 'zod';
import type { Requester } from '../../api/schema/resource.js';
import { authenticatedGroup } from '../../api/user-names.js';
import { errorText } from '../../machinery/error-text.js';
import type { AuthorizationRequest, Authorizer, Decision } from './authorizer.js';
import type { Rule } from './rules.js';

/** A policy file that cannot be used, with the line. */
export class PolicyFileError extends Error {
  constructor(line: number, why: string, options?: ErrorOptions) {
    super(`line ${String(line)}: ${why}`, options);
    this.name = 'PolicyFileError';
  }
}

const text = z.string().default('');
const fields = {
  user: text,
  group: text,
  readonly: z.boolean().default(false),
  resource: text,
  namespace: text,
};

const policySchema = z
  .strictObject({
    apiVersion: z.literal('abac.authorization.kubernetes.io/v1beta1'),
    kind: z.literal('Policy'),
    spec: z.strictObject({ ...fields, apiGroup: text, nonResourcePath: text }),
  })
  .transform(({ spec }) => spec);

const all = '*';

/** How policies were written at first: what is missing means all of it. */
const oldSchema = z
  .strictObject(fields)
  .transform(({ user, group, readonly, resource, namespace }) => ({
    user,
    group: user === '' && group === '' ? authenticatedGroup : group,
    readonly,
    resource: resource === '' ? all : resource,
    namespace: namespace === '' ? all : namespace,
    apiGroup: all,
    nonResourcePath: namespace === '' && resource === '' ? all : '',
  }));

export type AttributePolicy = z.infer<typeof policySchema>;

function policyFrom(line: string, number: number): AttributePolicy {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new PolicyFileError(number, errorText(cause), { cause });
  }
  const isVersioned = typeof value === 'object' && value !== null && 'apiVersion' in value;
  const parsed = (isVersioned ? policySchema : oldSchema).safeParse(value);
  if (!parsed.success) throw new PolicyFileError(number, z.prettifyError(parsed.error));
  const { user, group } = parsed.data;
  return user === all || group === all
    ? { ...parsed.data, user: '', group: authenticatedGroup }
    : parsed.data;
}

/** Lines that are empty or begin with # say nothing. Throws PolicyFileError. */
export const parseAttributePolicies = (file: string): readonly AttributePolicy[] =>
  file.split('\n').flatMap((line, index) => {
    const content = line.trim();
    return content === '' || content.startsWith('#') ? [] : [policyFrom(content, index + 1)];
  });

const isFor = ({ user, group }: AttributePolicy, { username, groups }: Requester): boolean =>
  (user !== '' || group !== '') &&
  (user === '' || user === username) &&
  (group === '' || groups.includes(group));

const fits = (own: string, asked: string): boolean => own === all || own === asked;
const reading = ['get', 'list', 'watch'];

function allows(
  policy: AttributePolicy,
  { user, verb, resource, path = '' }: AuthorizationRequest,
) {
  if (!isFor(policy, user)) return false;
  if (policy.readonly && !reading.includes(verb)) return false;
  if (resource === undefined) {
    const { nonResourcePath: own } = policy;
    if (own === '') return false;
    return fits(own, path) || (own.endsWith(all) && path.startsWith(own.slice(0, -1)));
  }
  return (
    fits(policy.namespace, resource.namespace) &&
    fits(policy.resource, resource.plural) &&
    fits(policy.apiGroup, resource.group)
  );
}

const allowed: Decision = { allowed: true, reason: '' };
const unmatched: Decision = { allowed: false, reason: 'No policy matched.' };

/** Allows what any policy allows. */
export const attributeAuthorizer =
  (policies: readonly AttributePolicy[]): Authorizer =>
  (request) =>
    policies.some((policy) => allows(policy, request)) ? allowed : unmatched;

/** What the policies let a user do in a namespace, as rules of roles say it. */
export const attributeRules = (
  policies: readonly AttributePolicy[],
  user: Requester,
  namespace: string,
): readonly Rule[] =>
  policies
    .filter((policy) => isFor(policy, user))
    .flatMap((policy): Rule[] => {
      const verbs = policy.readonly ? [...reading] : [all];
      const { resource, apiGroup, nonResourcePath } = policy;
      return [
        ...(resource !== '' && fits(policy.namespace, namespace)
          ? [{ verbs, apiGroups: [apiGroup], resources: [resource] }]
          : []),
        ...(nonResourcePath === '' ? [] : [{ verbs, nonResourceURLs: [nonResourcePath] }]),
      ];
    });
