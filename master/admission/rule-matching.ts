/**
 * Which requests rules and selectors of webhooks and policies mean. Pure; objects are looked up through the reader.
 */
import { labelMatcherFrom, matchesEverything, matchesLabels } from '../../api/selectors/label.js';
import type { LabelMatcher } from '../../api/selectors/label.js';
import { notFound } from '../../api/meta/status-error.js';
import type { KubeObject, LabelSelector } from '../../api/meta/v1/types.js';
import type { AdmissionAttributes, AdmissionReader } from './admission.js';

/** A rule of a webhook or a policy; defaulting has filled in its scope. */
export interface MatchRule {
  readonly operations?: readonly string[] | undefined;
  readonly apiGroups?: readonly string[] | undefined;
  readonly apiVersions?: readonly string[] | undefined;
  readonly resources?: readonly string[] | undefined;
  readonly scope?: string | undefined;
  readonly resourceNames?: readonly string[] | undefined;
}

/** A resource as rules name it. */
export interface MatchTarget {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
}

const has = (list: readonly string[] | undefined, value: string): boolean =>
  list !== undefined && (list.includes('*') || list.includes(value));

function hasResource(
  list: readonly string[] | undefined,
  plural: string,
  subresource: string,
): boolean {
  return (list ?? []).some((text) => {
    const slash = text.indexOf('/');
    const [resource, part] =
      slash === -1 ? [text, ''] : [text.slice(0, slash), text.slice(slash + 1)];
    return (resource === '*' || resource === plural) && (part === '*' || part === subresource);
  });
}

const isNamespaces = ({ group, plural }: MatchTarget): boolean =>
  group === '' && plural === 'namespaces';

function inScope(scope: string | undefined, target: MatchTarget, namespace: string): boolean {
  const clusterWide = namespace === '' || isNamespaces(target);
  return scope === 'Namespaced' ? !clusterWide : scope === 'Cluster' ? clusterWide : true;
}

/** Whether a rule means the request, were it made to the target. */
export function ruleMatches(
  rule: MatchRule,
  target: MatchTarget,
  attributes: AdmissionAttributes,
): boolean {
  const { operation, subresource, namespace, name } = attributes;
  const { resourceNames = [] } = rule;
  return (
    inScope(rule.scope, target, namespace) &&
    has(rule.apiGroups, target.group) &&
    has(rule.apiVersions, target.version) &&
    has(rule.operations, operation) &&
    hasResource(rule.resources, target.plural, subresource) &&
    (resourceNames.length === 0 || resourceNames.includes(name))
  );
}

/** Selectors turned into matchers once. */
export interface Selectors {
  readonly namespace: LabelMatcher;
  readonly object: LabelMatcher;
}

/** Both selectors, ready to match. */
export const selectorsFrom = (
  namespaceSelector: LabelSelector | undefined,
  objectSelector: LabelSelector | undefined,
): Selectors => ({
  namespace: labelMatcherFrom(namespaceSelector ?? {}),
  object: labelMatcherFrom(objectSelector ?? {}),
});

function namespaceLabels(
  attributes: AdmissionAttributes,
  reader: AdmissionReader,
): Readonly<Record<string, string>> {
  const { resource, subresource, operation, object, namespace } = attributes;
  const itself = isNamespaces(resource);
  if (itself && subresource === '' && object !== undefined && operation !== 'DELETE') {
    return object.metadata.labels ?? {};
  }
  const name = itself ? attributes.name : namespace;
  const found = reader.find('', 'namespaces', { namespace: '', name });
  if (found === undefined) throw notFound({ group: '', plural: 'namespaces' }, name);
  return found.metadata.labels ?? {};
}

const labelsOf = (object: KubeObject): Readonly<Record<string, string>> | undefined =>
  (object as Partial<KubeObject>).metadata?.labels;

/** Whether both selectors select the request. Other objects of the whole cluster are in every namespace selector. */
export function selectorsMatch(
  { namespace, object }: Selectors,
  attributes: AdmissionAttributes,
  reader: AdmissionReader,
): boolean {
  if (!matchesEverything(namespace)) {
    const { resource } = attributes;
    const inNamespace = attributes.namespace !== '' || isNamespaces(resource);
    if (inNamespace && !matchesLabels(namespace, namespaceLabels(attributes, reader))) return false;
  }
  if (matchesEverything(object)) return true;
  return [attributes.object, attributes.stored].some(
    (one) => one !== undefined && matchesLabels(object, labelsOf(one)),
  );
}

const configurationKinds = new Set([
  'mutatingadmissionpolicies',
  'mutatingadmissionpolicybindings',
  'mutatingwebhookconfigurations',
  'validatingadmissionpolicies',
  'validatingadmissionpolicybindings',
  'validatingwebhookconfigurations',
]);

/** What configures admission is admitted without it, so that a mistake can be mended. */
export const isAdmissionConfiguration = ({ group, plural }: MatchTarget): boolean =>
  group === 'admissionregistration.k8s.io' && configurationKinds.has(plural);
