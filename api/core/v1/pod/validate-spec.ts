/** Checks of pod specs as Kubernetes makes them, with its texts. Called by `pods` and by every kind with a template. */
import { ipErrors } from '../../../validation/addresses.js';
import type { FieldError } from '../../../validation/field-error.js';
import {
  child,
  forbidden,
  invalid,
  key,
  required,
  tooLong,
  invalidBecause,
} from '../../../validation/field-error.js';
import { validateAnnotations, validateLabels } from '../../../validation/labels.js';
import {
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  inclusiveRangeError,
} from '../../../validation/names.js';
import type { Pod, PodDNSConfig, PodSpec, PodTemplateSpec } from '../types.js';
import { validateContainers } from './validate-container.js';
import { validateOs } from './validate-os.js';
import { validatePodResources } from './validate-resources.js';
import { validateScheduling } from './validate-scheduling.js';
import { validatePodSecurityContext } from './validate-security.js';
import {
  eachOf,
  oneOf,
  optionalName,
  requiredName,
  requiredOneOf,
  requiredText,
} from './validate-values.js';
import { validateVolumes } from './validate-volume.js';
import { mirrorAnnotation } from './mirror-pod.js';

const deletionCostAnnotation = 'controller.kubernetes.io/pod-deletion-cost';
const maxInt32 = 2 ** 31 - 1;
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
      invalidBecause(path, server, ipErrors(server)),
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
      return invalidBecause(path, name, name === '' ? [] : dns1123SubdomainErrors(name));
    }),
    ...eachOf(child(field, 'options'), options, ({ name }, path) =>
      requiredText(path, name, 'must not be empty'),
    ),
  ];
}

function validateDns(spec: PodSpec, field: string): FieldError[] {
  const { dnsPolicy, dnsConfig } = spec;
  const path = child(field, 'dnsConfig');
  const errors: FieldError[] = [];
  if (dnsPolicy === 'None') {
    if (dnsConfig === undefined) {
      errors.push(required(path, 'must provide `dnsConfig` when `dnsPolicy` is None'));
    } else if ((dnsConfig.nameservers ?? []).length === 0) {
      errors.push(
        required(
          child(path, 'nameservers'),
          'must provide at least one DNS nameserver when `dnsPolicy` is None',
        ),
      );
    }
  }
  return dnsConfig === undefined ? errors : [...errors, ...validateDnsConfig(dnsConfig, path)];
}

/** On the host's network, ports are the host's; and the host's namespaces exclude a user namespace of the pod's own. */
function validateHostNamespaces(spec: PodSpec, field: string): FieldError[] {
  const errors: FieldError[] = [];
  if (spec.hostNetwork === true) {
    for (const [list, containers] of [
      ['containers', spec.containers],
      ['initContainers', spec.initContainers ?? []],
    ] as const) {
      errors.push(
        ...eachOf(child(field, list), containers, ({ ports }, path) =>
          eachOf(child(path, 'ports'), ports, ({ containerPort, hostPort }, portPath) =>
            hostPort === containerPort
              ? []
              : [
                  invalid(
                    child(portPath, 'containerPort'),
                    containerPort,
                    'must match `hostPort` when `hostNetwork` is true',
                  ),
                ],
          ),
        ),
      );
    }
  }
  if (spec.shareProcessNamespace === true && spec.hostPID === true) {
    errors.push(
      invalid(
        child(field, 'shareProcessNamespace'),
        true,
        'ShareProcessNamespace and HostPID cannot both be enabled',
      ),
    );
  }
  if (spec.hostUsers === false) {
    for (const name of ['hostNetwork', 'hostPID', 'hostIPC'] as const) {
      if (spec[name] !== true) continue;
      errors.push(forbidden(child(field, name), 'when `hostUsers` is false'));
    }
  }
  return errors;
}

function validateResourceClaims(spec: PodSpec, field: string): FieldError[] {
  return eachOf(child(field, 'resourceClaims'), spec.resourceClaims, (claim, path) => {
    const sources = [claim.resourceClaimName, claim.resourceClaimTemplateName];
    const given = sources.filter((name) => name !== undefined).length;
    const errors = requiredName(child(path, 'name'), claim.name, dns1123LabelErrors);
    if (given === 1) return errors;
    const detail =
      given === 0
        ? 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'
        : 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified';
    return [...errors, invalid(path, claim, detail)];
  });
}

/** A host name of its own, which the host's or the one in DNS would contradict. */
function validateHostnameOverride(spec: PodSpec, field: string): FieldError[] {
  const { hostnameOverride: name } = spec;
  if (name === undefined) return [];
  const path = child(field, 'hostnameOverride');
  const errors = invalidBecause(path, name, dns1123SubdomainErrors(name));
  if (name.length > maxHostnameLength) errors.push(tooLong(path, maxHostnameLength));
  if (spec.hostNetwork === true) {
    errors.push(forbidden(path, 'may not be specified when `hostNetwork` is true'));
  }
  if (spec.setHostnameAsFQDN === true) {
    errors.push(forbidden(path, 'may not be specified when `setHostnameAsFQDN` is true'));
  }
  return errors;
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
    ...validateHostnameOverride(spec, field),
  ];
}

function validateAliases(spec: PodSpec, field: string): FieldError[] {
  return eachOf(child(field, 'hostAliases'), spec.hostAliases, ({ ip, hostnames }, path) => [
    ...invalidBecause(child(path, 'ip'), ip, ipErrors(ip)),
    ...(hostnames ?? []).flatMap((name) =>
      invalidBecause(child(path, 'hostnames'), name, dns1123SubdomainErrors(name)),
    ),
  ]);
}

/** Checks a pod's spec at `field`. */
export function validatePodSpec(spec: PodSpec, field: string): FieldError[] {
  const policies = ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'];
  return [
    ...validateVolumes(spec.volumes, child(field, 'volumes')),
    ...validateResourceClaims(spec, field),
    ...validateContainers(spec, field),
    ...validatePodResources(spec, child(field, 'resources')),
    ...validateHostNamespaces(spec, field),
    ...requiredOneOf(child(field, 'restartPolicy'), spec.restartPolicy, [
      'Always',
      'Never',
      'OnFailure',
    ]),
    ...requiredOneOf(child(field, 'dnsPolicy'), spec.dnsPolicy, policies),
    ...validateLabels(spec.nodeSelector, child(field, 'nodeSelector')),
    ...validatePodSecurityContext(spec, child(field, 'securityContext')),
    ...validateDns(spec, field),
    ...validateScheduling(spec, field),
    ...validateNames(spec, field),
    ...validateAliases(spec, field),
    ...optionalName(
      child(field, 'priorityClassName'),
      spec.priorityClassName,
      dns1123SubdomainErrors,
    ),
    ...optionalName(
      child(field, 'runtimeClassName'),
      spec.runtimeClassName,
      dns1123SubdomainErrors,
    ),
    ...oneOf(child(field, 'preemptionPolicy'), spec.preemptionPolicy, [
      'Never',
      'PreemptLowerPriority',
    ]),
    ...validateOs(spec, field),
  ];
}

/** What only a pod that is yet to be stored has to keep to. */
function validateNew({ metadata, spec }: Pod): FieldError[] {
  const errors: FieldError[] = [];
  const mirror = metadata.annotations?.[mirrorAnnotation];
  if (mirror !== undefined && (spec.nodeName ?? '') === '') {
    const detail = 'must set spec.nodeName if mirror pod annotation is set';
    errors.push(invalid(key('metadata.annotations', mirrorAnnotation), mirror, detail));
  }
  if ((spec.ephemeralContainers ?? []).length > 0) {
    errors.push(forbidden('spec.ephemeralContainers', 'cannot be set on create'));
  }
  if ((spec.nodeName ?? '') !== '' && (spec.schedulingGates ?? []).length > 0) {
    const detail = 'cannot be set until all schedulingGates have been cleared';
    errors.push(forbidden('spec.nodeName', detail));
  }
  return errors;
}

function validateDeletionCost({ metadata }: Pod): FieldError[] {
  const cost = metadata.annotations?.[deletionCostAnnotation];
  if (cost === undefined) return [];
  const number = /^(0|-?[1-9][0-9]*)$/.test(cost) ? Number(cost) : Number.NaN;
  return number >= -maxInt32 - 1 && number <= maxInt32
    ? []
    : [
        invalid(
          key('metadata.annotations', deletionCostAnnotation),
          cost,
          'must be a 32bit integer',
        ),
      ];
}

/** Checks a pod; its metadata is checked by the registry. A pod without a resourceVersion is taken for a new one. */
export function validatePod(pod: Pod): readonly FieldError[] {
  const { resourceVersion } = pod.metadata as Partial<Pod['metadata']>;
  const isNew = resourceVersion === undefined || resourceVersion === '';
  return [
    ...validateDeletionCost(pod),
    ...validatePodSpec(pod.spec, 'spec'),
    ...(isNew ? validateNew(pod) : []),
  ];
}

/** Checks a pod template at `field`. Labels and annotations are reported without `metadata`, as Kubernetes does. */
export function validatePodTemplate(
  template: PodTemplateSpec | undefined,
  field: string,
): FieldError[] {
  const spec = template?.spec ?? { containers: [] };
  const specField = child(field, 'spec');
  const errors = [
    ...validateLabels(template?.metadata?.labels, child(field, 'labels')),
    ...validateAnnotations(template?.metadata?.annotations, child(field, 'annotations')),
    ...validatePodSpec(spec, specField),
  ];
  if ((spec.ephemeralContainers ?? []).length > 0) {
    const detail = 'ephemeral containers not allowed in pod template';
    errors.push(forbidden(child(specField, 'ephemeralContainers'), detail));
  }
  return errors;
}
