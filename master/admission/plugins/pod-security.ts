/**
 * PodSecurity: the labels of a namespace say which Pod Security Standard its pods have to meet (`enforce`), and which ones are
 * only told of (`warn`, `audit`). Workloads are never refused, but whoever makes one is warned of what its pods will violate.
 */
import type { Namespace, Pod, PodSpec } from '../../../api/core/v1/types.js';
import { invalidObject } from '../../../api/meta/status-error.js';
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
import type { NamespacePolicy, Standard } from '../pod-security/levels.js';
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

function tellViolations(
  attributes: AdmissionAttributes,
  pod: SecuredPod,
  policy: NamespacePolicy,
): void {
  const { audit, warn } = policy;
  const would = (standard: Standard): string | undefined => {
    const violations = violationsOf(pod, standard);
    return violations.length === 0
      ? undefined
      : `would violate PodSecurity ${JSON.stringify(standardText(standard))}: ${detailsText(violations)}`;
  };
  const audited = would(audit);
  if (audited !== undefined) {
    attributes.audit('pod-security.kubernetes.io/audit-violations', audited);
  }
  const warned = would(warn);
  if (warned !== undefined) attributes.warn(warned);
}

function checkPod(attributes: AdmissionAttributes, policy: NamespacePolicy): void {
  if (!isSignificant(attributes)) return;
  const pod = attributes.object as Pod;
  const { enforce } = policy;
  const name = standardText(enforce);
  attributes.audit('pod-security.kubernetes.io/enforce-policy', name);
  const violations = violationsOf(pod, enforce);
  if (violations.length > 0) {
    throw refusal(
      attributes,
      `violates PodSecurity ${JSON.stringify(name)}: ${detailsText(violations)}`,
    );
  }
  tellViolations(attributes, pod, policy);
}

/** Pods of one owner are alike, so one of them stands for all. */
function standIns(pods: readonly Pod[]): readonly Pod[] {
  const owners = new Set<string>();
  return pods.slice(0, maxPodsChecked).filter(({ metadata }) => {
    const owner = metadata.ownerReferences?.find(({ controller }) => controller === true)?.uid;
    if (owner === undefined) return true;
    if (owners.has(owner)) return false;
    owners.add(owner);
    return true;
  });
}

function warnOfPods(
  attributes: AdmissionAttributes,
  pods: readonly Pod[],
  enforce: Standard,
): void {
  const byReasons = new Map<string, string[]>();
  for (const pod of standIns(pods)) {
    const reasons = reasonsText(violationsOf(pod, enforce));
    if (reasons === '') continue;
    byReasons.set(reasons, [...(byReasons.get(reasons) ?? []), pod.metadata.name]);
  }
  if (byReasons.size === 0) return;
  const { name } = attributes;
  attributes.warn(
    `existing pods in namespace ${JSON.stringify(name)} violate the new PodSecurity enforce level ${JSON.stringify(standardText(enforce))}`,
  );
  const lines = [...byReasons].map(([reasons, [first = '', ...others]]) => {
    const more =
      others.length === 0
        ? ''
        : ` (and ${String(others.length)} other ${others.length === 1 ? 'pod' : 'pods'})`;
    return `${first}${more}: ${reasons}`;
  });
  for (const line of lines.sort()) attributes.warn(line);
}

type PolicyFrom = ReturnType<typeof namespacePolicies>;

function checkNamespace(
  attributes: AdmissionAttributes,
  reader: AdmissionReader,
  policyFrom: PolicyFrom,
): void {
  const { operation, object, stored } = attributes;
  const policy = policyFrom((object as Namespace).metadata.labels);
  const before =
    operation === 'CREATE' ? undefined : policyFrom((stored as Namespace).metadata.labels);
  const unchanged = JSON.stringify(before?.errors) === JSON.stringify(policy.errors);
  if (policy.errors.length > 0 && !unchanged) {
    const { kind, group } = attributes.resource;
    throw invalidObject({ group, kind }, attributes.name, policy.errors);
  }
  if (before === undefined || allowsEverything(policy.enforce)) return;
  const [now, was] = [policy.enforce, before.enforce];
  if (now.version === was.version && !isStricter(now.level, was.level)) return;
  warnOfPods(attributes, reader.list('', 'pods', attributes.name) as readonly Pod[], now);
}

/** Why a request is not looked at; undefined where it is. */
function exemptionOf(
  { user, namespace }: AdmissionAttributes,
  pod: SecuredPod | undefined,
  { usernames, namespaces, runtimeClasses }: PodSecuritySettings['exemptions'],
): string | undefined {
  if (namespaces.includes(namespace)) return 'namespace';
  if (usernames.includes(user.username)) return 'user';
  const { runtimeClassName } = (pod as Partial<Pod> | undefined)?.spec ?? {};
  const isExempt = runtimeClassName !== undefined && runtimeClasses.includes(runtimeClassName);
  return isExempt ? 'runtimeClass' : undefined;
}

export function podSecurity(
  reader: AdmissionReader,
  { defaults, exemptions }: PodSecuritySettings,
): AdmissionPlugin {
  const policyFrom = namespacePolicies(defaults);
  const validate = (attributes: AdmissionAttributes): void => {
    const name = nameOf(attributes);
    if (name === '/namespaces') {
      checkNamespace(attributes, reader, policyFrom);
      return;
    }
    const namespace = reader.find('', 'namespaces', { namespace: '', name: attributes.namespace });
    const policy = policyFrom(namespace?.metadata.labels);
    const modes = [policy.enforce, policy.audit, policy.warn];
    if (policy.errors.length === 0 && modes.every(allowsEverything)) return;
    const { object } = attributes;
    const isPod = name === '/pods';
    const pod = isPod ? (object as Pod) : object && templates[name]?.(object);
    const exemption = exemptionOf(attributes, pod, exemptions);
    if (exemption !== undefined) {
      attributes.audit('pod-security.kubernetes.io/exempt', exemption);
      return;
    }
    if (isPod) {
      checkPod(attributes, policy);
      return;
    }
    const spec = (pod as { spec?: Partial<PodSpec> } | undefined)?.spec;
    if (pod !== undefined && spec?.containers !== undefined) {
      tellViolations(attributes, pod, policy);
    }
  };
  return { name: 'PodSecurity', concerns, validate };
}
