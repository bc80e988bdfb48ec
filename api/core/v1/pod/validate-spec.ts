/** Checks of pod specs as Kubernetes makes them, with its texts. Called by `pods` and by every kind with a template. */
import { maxInt32 } from '../../../integers.js';
import { legacyIPErrors } from '../../../validation/addresses.js';
import type { FieldError } from '../../../validation/field-error.js';
import {
  child,
  duplicate,
  forbidden,
  invalid,
  invalidBecause,
  notFound,
  required,
  tooLong,
  withoutKnown,
} from '../../../validation/field-error.js';
import { validateAnnotations, validateLabels } from '../../../validation/labels.js';
import {
  byteLength,
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  inclusiveRangeError,
  searchDomainErrors,
} from '../../../validation/names.js';
import type { Pod, PodDNSConfig, PodSpec, PodTemplateSpec } from '../types.js';
import { allContainers, placedContainers, type AnyContainer } from './containers.js';
import { isMirrorPod } from './mirror-pod.js';
import { validatePodAnnotations, validateProfileAnnotations } from './validate-annotations.js';
import { validateContainers, validateImages } from './validate-container.js';
import { validateOs } from './validate-os.js';
import { validateOverhead, validatePodResources } from './validate-resources.js';
import {
  validatePlacement,
  validateScheduling,
  validateTolerations,
} from './validate-scheduling.js';
import { validatePodSecurityContext } from './validate-security.js';
import {
  eachOf,
  optionalName,
  requiredName,
  requiredOneOf,
  requiredText,
} from './validate-values.js';
import { checkVolumes } from './validate-volume.js';
import { validateHostProcesses } from './validate-windows.js';

const maxHostnameLength = 64;
const maxNameservers = 3;
const maxSearchPaths = 32;
const maxSearchCharacters = 2048;

function validateDnsConfig(config: PodDNSConfig, field: string): FieldError[] {
  const { nameservers = [], searches = [], options = [] } = config;
  const errors: FieldError[] = [];
  const serversPath = child(field, 'nameservers');
  if (nameservers.length > maxNameservers) {
    const detail = `must not have more than ${String(maxNameservers)} nameservers`;
    errors.push(invalid(serversPath, nameservers, detail));
  }
  errors.push(
    ...eachOf(serversPath, nameservers, (server, path) =>
      invalidBecause(path, server, legacyIPErrors(server)),
    ),
  );
  const searchesPath = child(field, 'searches');
  if (searches.length > maxSearchPaths) {
    const detail = `must not have more than ${String(maxSearchPaths)} search paths`;
    errors.push(invalid(searchesPath, searches, detail));
  }
  if (searches.join(' ').length > maxSearchCharacters) {
    const detail = `must not have more than ${String(maxSearchCharacters)} characters (including spaces) in the search list`;
    errors.push(invalid(searchesPath, searches, detail));
  }
  return [
    ...errors,
    ...eachOf(searchesPath, searches, (search, path) => {
      const name = search.endsWith('.') ? search.slice(0, -1) : search;
      return search === '.' ? [] : invalidBecause(path, name, searchDomainErrors(name));
    }),
    ...eachOf(child(field, 'options'), options, ({ name }, path) =>
      requiredText(path, name, 'must not be empty'),
    ),
  ];
}

function validateDns({ dnsPolicy, dnsConfig }: PodSpec, field: string): FieldError[] {
  if (dnsPolicy === 'None') {
    if (dnsConfig === undefined) {
      return [required(field, 'must provide `dnsConfig` when `dnsPolicy` is None')];
    }
    if ((dnsConfig.nameservers ?? []).length === 0) {
      const detail = 'must provide at least one DNS nameserver when `dnsPolicy` is None';
      return [required(child(field, 'nameservers'), detail)];
    }
  }
  return dnsConfig === undefined ? [] : validateDnsConfig(dnsConfig, field);
}

/** On the host's network, ports are the host's. A template may leave them to its pods. */
function validateHostPorts(spec: PodSpec, field: string, isPod: boolean): FieldError[] {
  if (spec.hostNetwork !== true) return [];
  return eachOf(child(field, 'containers'), spec.containers, ({ ports }, path) =>
    eachOf(child(path, 'ports'), ports, ({ containerPort, hostPort = 0 }, portPath) =>
      hostPort === containerPort || (hostPort === 0 && !isPod)
        ? []
        : [
            invalid(
              child(portPath, 'hostPort'),
              hostPort,
              'must match `containerPort` when `hostNetwork` is true',
            ),
          ],
    ),
  );
}

/** The host's namespaces exclude a user namespace of the pod's own, and so do block devices. */
function validateHostUsers(spec: PodSpec, field: string): FieldError[] {
  if (spec.hostUsers !== false) return [];
  const refused = (path: string): FieldError => forbidden(path, 'when `hostUsers` is false');
  return [
    ...(spec.hostNetwork === true ? [refused(child(field, 'hostNetwork'))] : []),
    ...(spec.hostPID === true ? [refused(child(field, 'HostPID'))] : []),
    ...(spec.hostIPC === true ? [refused(child(field, 'HostIPC'))] : []),
    ...placedContainers(spec, field).flatMap(({ container, path }) =>
      (container.volumeDevices ?? []).length > 0 ? [refused(child(path, 'volumeDevices'))] : [],
    ),
  ];
}

function validateResourceClaims(spec: PodSpec, field: string, isMirror: boolean): FieldError[] {
  const names = new Set<string>();
  return eachOf(field, spec.resourceClaims, (claim, path) => {
    if (isMirror) return [forbidden('[]', 'static pods do not support resource claims')];
    const { name, resourceClaimName: claimName, resourceClaimTemplateName: templateName } = claim;
    const errors = names.has(name)
      ? [duplicate(child(path, 'name'), name)]
      : requiredName(child(path, 'name'), name, dns1123LabelErrors);
    names.add(name);
    const detail =
      claimName !== undefined && templateName !== undefined
        ? 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified'
        : claimName === undefined && templateName === undefined
          ? 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'
          : undefined;
    if (detail !== undefined) {
      // Kubernetes shows the claim in the names it has inside.
      const shown = {
        Name: name,
        ResourceClaimName: claimName ?? null,
        ResourceClaimTemplateName: templateName ?? null,
      };
      errors.push(invalid(path, shown, detail));
    }
    return [
      ...errors,
      ...givenSubdomain(child(path, 'resourceClaimName'), claimName),
      ...givenSubdomain(child(path, 'resourceClaimTemplateName'), templateName),
    ];
  });
}

/** A DNS name that may be absent, but not empty. */
const givenSubdomain = (field: string, name: string | undefined): FieldError[] =>
  name === undefined ? [] : invalidBecause(field, name, dns1123SubdomainErrors(name));

/** A host name of its own, which the host's or the one in DNS would contradict. */
function validateHostnameOverride(spec: PodSpec, field: string): FieldError[] {
  const { hostnameOverride: name } = spec;
  if (name === undefined) return [];
  const contradicts = (what: 'setHostnameAsFQDN' | 'hostNetwork'): FieldError[] =>
    spec[what] === true ? [forbidden(field, `may not be specified when ${what} is true`)] : [];
  return [
    ...contradicts('setHostnameAsFQDN'),
    ...contradicts('hostNetwork'),
    ...(byteLength(name) > maxHostnameLength ? [tooLong(field, maxHostnameLength)] : []),
    ...invalidBecause(field, name, dns1123SubdomainErrors(name)),
  ];
}

/** Names of other objects and of the pod's own place in DNS. */
function validateNames(spec: PodSpec, field: string): FieldError[] {
  const subdomain = (name: 'serviceAccountName' | 'nodeName'): FieldError[] =>
    optionalName(child(field, name), spec[name], dns1123SubdomainErrors);
  const { activeDeadlineSeconds: deadline } = spec;
  return [
    ...subdomain('serviceAccountName'),
    ...subdomain('nodeName'),
    ...(deadline !== undefined && (deadline < 1 || deadline > maxInt32)
      ? [invalid(child(field, 'activeDeadlineSeconds'), deadline, inclusiveRangeError(1, maxInt32))]
      : []),
    ...optionalName(child(field, 'hostname'), spec.hostname, dns1123LabelErrors),
    ...optionalName(child(field, 'subdomain'), spec.subdomain, dns1123LabelErrors),
  ];
}

function validateAliases(spec: PodSpec, field: string): FieldError[] {
  return eachOf(field, spec.hostAliases, ({ ip, hostnames }, path) => [
    ...invalidBecause(child(path, 'ip'), ip, legacyIPErrors(ip)),
    ...eachOf(child(path, 'hostnames'), hostnames, (name, namePath) =>
      invalidBecause(namePath, name, dns1123SubdomainErrors(name)),
    ),
  ]);
}

const readsFiles = ({ env }: AnyContainer): boolean =>
  env?.some(({ valueFrom }) => valueFrom?.fileKeyRef !== undefined) ?? false;

/** Variables that come from files come from a volume the pod has for just itself. */
function validateEnvFiles(spec: PodSpec, field: string): FieldError[] {
  if (!allContainers(spec).some(readsFiles)) return [];
  return placedContainers(spec, field).flatMap(({ container, path }) =>
    eachOf(child(path, 'env'), container.env, ({ valueFrom }, envPath) => {
      const name = valueFrom?.fileKeyRef?.volumeName;
      if (name === undefined) return [];
      const nameField = child(envPath, 'valueFrom', 'fileKeyRef', 'volumeName');
      const volume = spec.volumes?.findLast((each) => each.name === name);
      if (volume === undefined) return [notFound(nameField, name)];
      return volume.emptyDir === undefined
        ? [invalid(nameField, name, 'referenced volume must be of type emptyDir')]
        : [];
    }),
  );
}

/** What is known of a pod beside its spec. Templates know nothing of the kind. */
export interface PodIdentity {
  /** Empty where the name is missing, which is reported elsewhere. */
  readonly name: string;
  readonly isMirror: boolean;
}

const dnsPolicies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
const restartPolicies = ['Always', 'OnFailure', 'Never'];
const preemptionPolicies = ['PreemptLowerPriority', 'Never'];

/** Checks the spec at `field` of a pod, or of a template where there is no pod yet. */
export function validatePodSpec(spec: PodSpec, field: string, pod?: PodIdentity): FieldError[] {
  const { volumes, errors } = checkVolumes(spec.volumes, child(field, 'volumes'), pod?.name ?? '');
  const isPod = pod !== undefined;
  const claimNames = new Set((spec.resourceClaims ?? []).map(({ name }) => name));
  claimNames.delete('');
  return [
    ...errors,
    ...validateResourceClaims(spec, child(field, 'resourceClaims'), pod?.isMirror ?? false),
    ...validateContainers(spec, field, { volumes, claimNames }),
    ...validatePodResources(spec, child(field, 'resources'), claimNames),
    ...validateHostPorts(spec, field, isPod),
    ...requiredOneOf(child(field, 'restartPolicy'), spec.restartPolicy, restartPolicies),
    ...requiredOneOf(child(field, 'dnsPolicy'), spec.dnsPolicy, dnsPolicies),
    ...validateLabels(spec.nodeSelector, child(field, 'nodeSelector')),
    ...validatePodSecurityContext(spec, child(field, 'securityContext')),
    ...validatePlacement(spec, field),
    ...validateDns(spec, child(field, 'dnsConfig')),
    ...validateScheduling(spec, field),
    ...validateHostProcesses(spec, field),
    ...validateHostUsers(spec, field),
    ...validateHostnameOverride(spec, child(field, 'hostnameOverride')),
    ...validateNames(spec, field),
    ...validateTolerations(spec, field),
    ...validateAliases(spec, child(field, 'hostAliases')),
    ...optionalName(
      child(field, 'priorityClassName'),
      spec.priorityClassName,
      dns1123SubdomainErrors,
    ),
    ...givenSubdomain(child(field, 'runtimeClassName'), spec.runtimeClassName),
    ...(spec.preemptionPolicy === undefined
      ? []
      : requiredOneOf(child(field, 'preemptionPolicy'), spec.preemptionPolicy, preemptionPolicies)),
    ...validateOverhead(spec.overhead, child(field, 'overhead')),
    ...validateOs(spec, field),
    ...validateEnvFiles(spec, field),
  ];
}

/** What only a pod that is yet to be stored has to keep to. */
function validateNew({ metadata, spec }: Pod): FieldError[] {
  const errors: FieldError[] = [];
  if ((spec.ephemeralContainers ?? []).length > 0) {
    errors.push(forbidden('spec.ephemeralContainers', 'cannot be set on create'));
  }
  if ((spec.nodeName ?? '') !== '' && (spec.schedulingGates ?? []).length > 0) {
    const detail = 'cannot be set until all schedulingGates have been cleared';
    errors.push(forbidden('spec.nodeName', detail));
  }
  return [...errors, ...validateProfileAnnotations(metadata.annotations, spec, 'spec')];
}

/** A token is one of the pod's service account, so there has to be one. */
function validateTokens({ serviceAccountName = '', volumes }: PodSpec): FieldError[] {
  if (serviceAccountName !== '') return [];
  return eachOf('spec.volumes', volumes, ({ projected }, path) =>
    eachOf(child(path, 'projected', 'sources'), projected?.sources, (source, sourcePath) =>
      source.serviceAccountToken === undefined
        ? []
        : [
            forbidden(
              child(sourcePath, 'serviceAccountToken'),
              'must not be specified when serviceAccountName is not set',
            ),
          ],
    ),
  );
}

function validateWhole(pod: Pod): FieldError[] {
  const { metadata, spec } = pod;
  const { name = '' } = metadata as Partial<Pod['metadata']>;
  return [
    ...validatePodAnnotations(metadata.annotations, spec, 'metadata.annotations'),
    ...validatePodSpec(spec, 'spec', { name, isMirror: isMirrorPod(pod) }),
    ...validateTokens(spec),
    ...validateImages(spec, 'spec'),
  ];
}

/**
 * Checks a pod; its metadata is checked by the registry. A pod without a resourceVersion is taken for a new one. What was
 * wrong with the stored pod already, by the rules of today, may stay as it is.
 */
export function validatePod(pod: Pod, stored?: Pod): readonly FieldError[] {
  const { resourceVersion } = pod.metadata as Partial<Pod['metadata']>;
  const isNew = resourceVersion === undefined || resourceVersion === '';
  const errors = validateWhole(pod);
  if (isNew) return [...errors, ...validateNew(pod)];
  if (errors.length === 0 || stored === undefined) return errors;
  return withoutKnown(errors, validateWhole(stored));
}

function validateWholeTemplate(template: PodTemplateSpec | undefined, field: string): FieldError[] {
  const spec = template?.spec ?? { containers: [] };
  const annotations = template?.metadata?.annotations;
  const specField = child(field, 'spec');
  const errors = [
    ...validateLabels(template?.metadata?.labels, child(field, 'labels')),
    ...validateAnnotations(annotations, child(field, 'annotations')),
    ...validatePodAnnotations(annotations, spec, child(field, 'annotations')),
    ...validatePodSpec(spec, specField),
    ...validateProfileAnnotations(annotations, spec, specField),
  ];
  if ((spec.ephemeralContainers ?? []).length > 0) {
    const detail = 'ephemeral containers not allowed in pod template';
    errors.push(forbidden(child(specField, 'ephemeralContainers'), detail));
  }
  return errors;
}

/**
 * Checks a pod template at `field`. Labels and annotations are reported without `metadata`, as Kubernetes does. What was
 * wrong with the stored template already may stay as it is.
 */
export function validatePodTemplate(
  template: PodTemplateSpec | undefined,
  field: string,
  stored?: PodTemplateSpec,
): FieldError[] {
  const errors = validateWholeTemplate(template, field);
  return errors.length === 0 || stored === undefined
    ? errors
    : withoutKnown(errors, validateWholeTemplate(stored, field));
}
