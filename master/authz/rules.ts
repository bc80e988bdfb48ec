/** Whether one rule of a role allows a request, as RBAC reads it. Pure. */
import { trimmedEnd } from '../../api/trimmed-end.js';
import type { PolicyRule } from '../../api/rbac/v1/types.js';

/** A rule as roles hold it. */
export type Rule = Readonly<PolicyRule>;

const all = '*';

const holds = (list: readonly string[] | undefined, wanted: string): boolean =>
  list !== undefined && (list.includes(all) || list.includes(wanted));

/** Whether one of a rule's resources covers a resource; subresources are covered by name or by `*` before the slash. */
function coversResource(rule: Rule, plural: string, subresource: string): boolean {
  const combined = subresource === '' ? plural : `${plural}/${subresource}`;
  return (rule.resources ?? []).some(
    (own) => own === all || own === combined || (subresource !== '' && own === `*/${subresource}`),
  );
}

/** Whether a rule allows a verb on a resource, for the objects it names, if it names any. */
export const allowsResource = (
  rule: Rule,
  request: {
    readonly verb: string;
    readonly group: string;
    readonly plural: string;
    readonly subresource: string;
  },
): boolean =>
  holds(rule.verbs, request.verb) &&
  holds(rule.apiGroups, request.group) &&
  coversResource(rule, request.plural, request.subresource);

/** The only names a rule is for; undefined when it is for all. */
export const namesOf = ({ resourceNames }: Rule): readonly string[] | undefined =>
  resourceNames === undefined || resourceNames.length === 0 ? undefined : resourceNames;

/** Whether the pattern of a rule, which may end in `*`, covers a path or another such pattern. */
export const coversPath = (pattern: string, path: string): boolean =>
  pattern === all ||
  pattern === path ||
  (pattern.endsWith(all) && path.startsWith(trimmedEnd(pattern, all)));

/** Whether a rule allows a verb on a path that is no resource. */
export const allowsPath = (rule: Rule, verb: string, path: string): boolean =>
  holds(rule.verbs, verb) &&
  (rule.nonResourceURLs ?? []).some((pattern) => coversPath(pattern, path));
