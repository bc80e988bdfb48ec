/**
 * PodSecurity: the labels of a namespace say which Pod Security Standard its pods have to meet (`enforce`), and which ones are
 * only told of (`warn`, `audit`). Workloads are never refused, but whoever makes one is warned of what its pods will violate.
 */
import type { Namespace, Pod, PodSpec } from '../../../api/core/v1/types.js';
import { fieldErrorsText, invalidObject } from '../../../api/meta/status-error.js';
import type { KubeObject } from '../../../api/meta/v1/types.js';
import type {
  AdmissionAttributes,
  AdmissionPlugin,
  AdmissionReader,
  RequestSort,
} from '../admission.js';
import type { PodSecuritySettings } from '../configuration.js';
import { maxPodsChecked } from '../limits.js';
import type { SecuredPod } from '../pod-security/check.js';
import {
  allowsEverything,
  detailsText,
  isStricter,
  namespacePolicies,
  reasonsText,
  standardText,
  violationsOf,
} from '../pod-security/levels.js';
import type { Mode, NamespacePolicy, Standard } from '../pod-security/levels.js';
import { refusal } from '../refusals.js';

/** How to find the pod in each kind that makes pods. */
const templates: Readonly<Record<string, (object: KubeObject) => SecuredPod | undefined>> = {
  '/podtemplates': (object) => (object as { template?: SecuredPod }).template,
  '/replicationcontrollers': templateOf,
  'apps/replicasets': templateOf,
  'apps/deployments': templateOf,
  'apps/statefulsets': templateOf,
  'apps/daemonsets': templateOf,
  'batch/jobs': templateOf,
  'batch/cronjobs': (object) => templateOf(specOf(object)?.jobTemplate),
};

interface WorkloadSpec {
  readonly template?: SecuredPod;
  readonly jobTemplate?: object;
}

function specOf(object: object | undefined): WorkloadSpec | undefined {
  return (object as { readonly spec?: WorkloadSpec } | undefined)?.spec;
}

function templateOf(object: object | undefined): SecuredPod | undefined {
  return specOf(object)?.template;
}

const prefix = 'pod-security.kubernetes.io/';
const privilegedText = 'privileged:latest';

const nameOf = ({ resource }: RequestSort): string => `${resource.group}/${resource.plural}`;

function concerns(sort: RequestSort): boolean {
  if (sort.operation !== 'CREATE' && sort.operation !== 'UPDATE') return false;
  const name = nameOf(sort);
  if (name === '/pods') return ['', 'ephemeralcontainers', 'resize'].includes(sort.subresource);
  return sort.subresource === '' && (name === '/namespaces' || templates[name] !== undefined);
}

const imagesOf = ({ spec }: Pod): string =>
  JSON.stringify(
    ([spec.containers, spec.initContainers ?? [], spec.ephemeralContainers ?? []] as const).map(
      (list) => list.map(({ image }) => image),
    ),
  );

/** Updates that bring no other program are not looked at. */
const isSignificant = ({ operation, object, stored }: AdmissionAttributes): boolean =>
  operation === 'CREATE' || imagesOf(object as Pod) !== imagesOf(stored as Pod);

/** What a pod violates of a standard it is not held to; undefined where nothing. */
function wouldViolate(pod: SecuredPod, standard: Standard): string | undefined {
  const violations = violationsOf(pod, standard);
  return violations.length === 0
    ? undefined
    : `would violate PodSecurity ${JSON.stringify(standardText(standard))}: ${detailsText(violations)}`;
}

/** What holds whether the pod comes to be or not: the labels that are not understood, and what is to be audited. */
function auditPod(attributes: AdmissionAttributes, pod: SecuredPod, policy: NamespacePolicy): void {
  const { audit, errors } = policy;
  if (errors.length > 0) {
    attributes.audit(`${prefix}error`, `Failed to parse policy: ${fieldErrorsText(errors)}`);
  }
  const audited = wouldViolate(pod, audit);
  if (audited !== undefined) attributes.audit(`${prefix}audit-violations`, audited);
}

function warnOfPod(
  attributes: AdmissionAttributes,
  pod: SecuredPod,
  { warn }: NamespacePolicy,
): void {
  const warned = wouldViolate(pod, warn);
  if (warned !== undefined) attributes.warn(warned);
}

/** Throws a 403 for a pod that violates what its namespace enforces. */
function enforcePolicy(attributes: AdmissionAttributes, policy: NamespacePolicy): void {
  const pod = attributes.object as Pod;
  const { enforce } = policy;
  const name = standardText(enforce);
  attributes.audit(`${prefix}enforce-policy`, name);
  auditPod(attributes, pod, policy);
  const violations = violationsOf(pod, enforce);
  if (violations.length > 0) {
    throw refusal(
      attributes,
      `violates PodSecurity ${JSON.stringify(name)}: ${detailsText(violations)}`,
    );
  }
  warnOfPod(attributes, pod, policy);
}

/** Pods of one owner are alike: one of each comes first, where not all can be looked at. */
function byOwners(pods: readonly Pod[]): readonly Pod[] {
  const owners = new Set<string>();
  const alike: Pod[] = [];
  const first = pods.filter((pod) => {
    const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller === true)?.uid;
    if (owner === undefined) return true;
    if (owners.has(owner)) {
      alike.push(pod);
      return false;
    }
    owners.add(owner);
    return true;
  });
  return [...first, ...alike];
}

/** Tells who raises the level of a namespace which pods in it would not have been let in. */
function warnOfPods(
  attributes: AdmissionAttributes,
  pods: readonly Pod[],
  enforce: Standard,
): void {
  const checked = byOwners(pods).slice(0, maxPodsChecked);
  if (checked.length < pods.length) {
    attributes.warn(
      `new PodSecurity enforce level only checked against the first ${String(checked.length)} of ${String(pods.length)} existing pods`,
    );
  }
  const byReasons = new Map<string, string[]>();
  for (const pod of checked) {
    const reasons = reasonsText(violationsOf(pod, enforce));
    if (reasons === '') continue;
    byReasons.set(reasons, [...(byReasons.get(reasons) ?? []), pod.metadata.name]);
  }
  if (byReasons.size === 0) return;
  const { name } = attributes;
  attributes.warn(
    `existing pods in namespace ${JSON.stringify(name)} violate the new PodSecurity enforce level ${JSON.stringify(standardText(enforce))}`,
  );
  const lines = [...byReasons].map(([reasons, names]) => {
    const [first = '', ...others] = names.sort();
    const more =
      others.length === 0
        ? ''
        : ` (and ${String(others.length)} other ${others.length === 1 ? 'pod' : 'pods'})`;
    return `${first}${more}: ${reasons}`;
  });
  for (const line of lines.sort()) attributes.warn(line);
}

const modes: readonly Mode[] = ['enforce', 'audit', 'warn'];

/** Says that labels have no effect, where the namespace is exempt. */
function warnOfExemption(
  attributes: AdmissionAttributes,
  policy: NamespacePolicy,
  defaults: PodSecuritySettings['defaults'],
): void {
  const { name, labels = {} } = (attributes.object as Namespace).metadata;
  const isDefault = modes.every(
    (mode) => standardText(policy[mode]) === standardText(defaults[mode]),
  );
  if (isDefault || modes.every((mode) => allowsEverything(policy[mode]))) return;
  const asked = modes.filter(
    (mode) =>
      !allowsEverything(policy[mode]) &&
      [`${prefix}${mode}`, `${prefix}${mode}-version`].some((label) => labels[label] !== undefined),
  );
  const texts = asked.map((mode) => `${mode}=${standardText(policy[mode])}`);
  attributes.warn(
    `namespace ${JSON.stringify(name)} is exempt from Pod Security, and the policy (${texts.join(', ')}) will be ignored`,
  );
}

/** The plugin's state: whom it lets pass, and what namespaces say. */
class PodSecurity {
  private readonly reader: AdmissionReader;
  private readonly settings: PodSecuritySettings;
  private readonly policyFrom: ReturnType<typeof namespacePolicies>;

  constructor(reader: AdmissionReader, settings: PodSecuritySettings) {
    this.reader = reader;
    this.settings = settings;
    this.policyFrom = namespacePolicies(settings.defaults);
  }

  readonly validate = (attributes: AdmissionAttributes): void => {
    const name = nameOf(attributes);
    if (name === '/namespaces') {
      this.checkNamespace(attributes);
      return;
    }
    const { namespace, user, object } = attributes;
    const { namespaces, usernames } = this.settings.exemptions;
    const isExempt = namespaces.includes(namespace) || usernames.includes(user.username);
    if (isExempt) {
      attributes.audit(`${prefix}exempt`, namespaces.includes(namespace) ? 'namespace' : 'user');
      return;
    }
    const found = this.reader.find('', 'namespaces', { namespace: '', name: namespace });
    const policy = this.policyFrom(found?.metadata.labels);
    if (name === '/pods') {
      this.checkPod(attributes, policy);
      return;
    }
    const isLenient = allowsEverything(policy.warn) && allowsEverything(policy.audit);
    if (policy.errors.length === 0 && isLenient) return;
    const pod = object && templates[name]?.(object);
    const spec = (pod as { spec?: Partial<PodSpec> } | undefined)?.spec;
    if (pod === undefined || spec?.containers === undefined) return;
    if (this.isExemptRuntime(attributes, pod)) return;
    auditPod(attributes, pod, policy);
    warnOfPod(attributes, pod, policy);
  };

  private checkPod(attributes: AdmissionAttributes, policy: NamespacePolicy): void {
    const allowsAll = modes.every((mode) => allowsEverything(policy[mode]));
    if (policy.errors.length === 0 && allowsAll) {
      attributes.audit(`${prefix}enforce-policy`, privilegedText);
      return;
    }
    if (!isSignificant(attributes)) return;
    if (this.isExemptRuntime(attributes, attributes.object as Pod)) return;
    enforcePolicy(attributes, policy);
  }

  private isExemptRuntime(attributes: AdmissionAttributes, pod: SecuredPod): boolean {
    const isExempt = this.isOfExemptRuntime(pod);
    if (isExempt) attributes.audit(`${prefix}exempt`, 'runtimeClass');
    return isExempt;
  }

  private isOfExemptRuntime({ spec: { runtimeClassName = '' } }: SecuredPod): boolean {
    return (
      runtimeClassName !== '' && this.settings.exemptions.runtimeClasses.includes(runtimeClassName)
    );
  }

  private checkNamespace(attributes: AdmissionAttributes): void {
    const { operation, object, stored, name } = attributes;
    const { policyFrom, settings } = this;
    const policy = policyFrom((object as Namespace).metadata.labels);
    const before =
      operation === 'CREATE' ? undefined : policyFrom((stored as Namespace).metadata.labels);
    const unchanged = JSON.stringify(before?.errors) === JSON.stringify(policy.errors);
    if (policy.errors.length > 0 && !unchanged) {
      const { kind, group } = attributes.resource;
      throw invalidObject({ group, kind }, name, policy.errors);
    }
    const isExempt = settings.exemptions.namespaces.includes(name);
    if (before === undefined) {
      if (isExempt) warnOfExemption(attributes, policy, settings.defaults);
      return;
    }
    const [now, was] = [policy.enforce, before.enforce];
    if (allowsEverything(now)) return;
    if (now.version === was.version && !isStricter(now.level, was.level)) return;
    if (isExempt) {
      warnOfExemption(attributes, policy, settings.defaults);
      return;
    }
    const pods = this.reader.list('', 'pods', name) as readonly Pod[];
    const looked = pods.filter((pod) => !this.isOfExemptRuntime(pod));
    warnOfPods(attributes, looked, now);
  }
}

export const podSecurity = (
  reader: AdmissionReader,
  settings: PodSecuritySettings,
): AdmissionPlugin => ({
  name: 'PodSecurity',
  concerns,
  validate: new PodSecurity(reader, settings).validate,
});
