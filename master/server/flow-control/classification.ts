/** Which FlowSchema a request belongs to: the first, by precedence, that has a rule for its sender and what it asks for. */
import type {
  FlowSchema,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  Subject,
} from '../../../api/flowcontrol/v1/types.js';
import { accountUsername } from '../../../api/user-names.js';
import type { ResourceRequest } from '../request-info.js';
import type { Requester } from '../../../api/schema/resource.js';

/** What of a request decides where it belongs. */
export interface ClassifiedRequest {
  readonly user: Requester;
  readonly verb: string;
  readonly path: string;
  readonly target: ResourceRequest | undefined;
}

const everything = '*';
const covers = (list: readonly string[] | undefined, value: string): boolean =>
  list !== undefined && (list.includes(value) || list.includes(everything));

function isSubject({ kind, user, group, serviceAccount }: Subject, sender: Requester): boolean {
  switch (kind) {
    case 'User':
      return user?.name === everything || user?.name === sender.username;
    case 'Group':
      return group?.name === everything || sender.groups.includes(group?.name ?? '');
    case 'ServiceAccount': {
      const { namespace = '', name = '' } = serviceAccount ?? {};
      return name === everything
        ? sender.username.startsWith(accountUsername(namespace, ''))
        : sender.username === accountUsername(namespace, name);
    }
  }
}

function coversResource(rule: ResourcePolicyRule, verb: string, target: ResourceRequest): boolean {
  const { group, plural, subresource, namespace } = target;
  const resource = subresource === '' ? plural : `${plural}/${subresource}`;
  return (
    covers(rule.verbs, verb) &&
    covers(rule.apiGroups, group) &&
    covers(rule.resources, resource) &&
    (namespace === '' ? rule.clusterScope === true : covers(rule.namespaces, namespace))
  );
}

const coversPath = (rule: NonResourcePolicyRule, verb: string, path: string): boolean =>
  covers(rule.verbs, verb) &&
  rule.nonResourceURLs.some(
    (pattern) =>
      pattern === everything ||
      pattern === path ||
      (pattern.endsWith('*') && path.startsWith(pattern.slice(0, -1))),
  );

function covered(rules: PolicyRulesWithSubjects, request: ClassifiedRequest): boolean {
  const { verb, path, target } = request;
  return target === undefined
    ? rules.nonResourceRules?.some((rule) => coversPath(rule, verb, path)) === true
    : rules.resourceRules?.some((rule) => coversResource(rule, verb, target)) === true;
}

/** A FlowSchema with those of its rules that are for one user. */
interface Candidate {
  readonly schema: FlowSchema;
  readonly rules: readonly PolicyRulesWithSubjects[];
}

const byPrecedence = (a: FlowSchema, b: FlowSchema): number =>
  (a.spec.matchingPrecedence ?? 0) - (b.spec.matchingPrecedence ?? 0) ||
  (a.metadata.name < b.metadata.name ? -1 : 1);

/** Looks requests up in FlowSchemas that do not change. Who is a subject of what is remembered as long as the user's object lives. */
export class Classifier {
  private readonly schemas: readonly FlowSchema[];
  private readonly fallback: FlowSchema;
  private readonly candidates = new WeakMap<Requester, readonly Candidate[]>();

  /** `fallback` takes what no schema matches. */
  constructor(schemas: readonly FlowSchema[], fallback: FlowSchema) {
    this.schemas = [...schemas].sort(byPrecedence);
    this.fallback = fallback;
  }

  schemaOf(request: ClassifiedRequest): FlowSchema {
    for (const { schema, rules } of this.candidatesOf(request.user)) {
      for (const rule of rules) if (covered(rule, request)) return schema;
    }
    return this.fallback;
  }

  private candidatesOf(user: Requester): readonly Candidate[] {
    const known = this.candidates.get(user);
    if (known !== undefined) return known;
    const found = this.schemas
      .map((schema) => ({
        schema,
        rules: (schema.spec.rules ?? []).filter(({ subjects }) =>
          subjects.some((subject) => isSubject(subject, user)),
        ),
      }))
      .filter(({ rules }) => rules.length > 0);
    this.candidates.set(user, found);
    return found;
  }
}

/** What tells flows of a schema apart: the user, the namespace, or nothing. */
export function flowOf({ spec }: FlowSchema, { user, target }: ClassifiedRequest): string {
  switch (spec.distinguisherMethod?.type) {
    case 'ByUser':
      return user.username;
    case 'ByNamespace':
      return target?.namespace ?? '';
    case undefined:
      return '';
  }
}
