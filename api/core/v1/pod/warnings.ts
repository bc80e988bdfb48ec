/** What the API tells the writer of a pod in `Warning` headers: mistakes that are allowed but hardly meant. Pure. */
import { jsonEqual } from '../../../patch/json-value.js';
import { child, index, key } from '../../../validation/field-error.js';
import { ipWarnings } from '../../../validation/addresses.js';
import { dns1123LabelErrors } from '../../../validation/names.js';
import { deprecatedNodeLabel, nodeTermWarnings } from '../node-label-warnings.js';
import type {
  Affinity,
  Pod,
  PodAffinity,
  PodSpec,
  PodTemplateSpec,
  TopologySpreadConstraint,
  Volume,
  WeightedPodAffinityTerm,
} from '../types.js';
import {
  appArmorAnnotation,
  appArmorReplacement,
  podSeccompAnnotation,
  seccompAnnotation,
} from './annotations.js';
import { claimWarnings } from '../volume-warnings.js';
import { overlapWarnings } from './overlap-warnings.js';
import { volumeSourceNames } from './volume-defaults.js';
import { containerWarnings, fractionalBytes } from './container-warnings.js';
import type { AnyContainer } from './containers.js';

/** Volume sources whose drivers are gone or going, with when they were deprecated. */
const deprecatedVolumes: Readonly<Record<string, string>> = {
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  flocker: 'deprecated in v1.22, non-functional in v1.25+',
  gitRepo: 'deprecated in v1.11, and disabled by default in v1.33+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  quobyte: 'deprecated in v1.22, non-functional in v1.25+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
};

/** Annotations that had an effect once. */
const deprecatedAnnotations: Readonly<Record<string, string>> = {
  'scheduler.alpha.kubernetes.io/critical-pod':
    'non-functional in v1.16+; use the "priorityClassName" field instead',
  'security.alpha.kubernetes.io/sysctls':
    'non-functional in v1.11+; use the "sysctls" field instead',
  'security.alpha.kubernetes.io/unsafe-sysctls':
    'non-functional in v1.11+; use the "sysctls" field instead',
};
const seccompText = 'non-functional in v1.27+; use the "seccompProfile" field instead';
const nullSelector = 'a null labelSelector results in matching no pod';

function volumeWarnings(volumes: readonly Volume[], field: string): string[] {
  return volumes.flatMap((volume, position) => {
    const path = index(field, position);
    const claim = volume.ephemeral?.volumeClaimTemplate?.spec;
    return [
      ...volumeSourceNames(volume).flatMap((source) => {
        const text = deprecatedVolumes[source];
        const spelled = source === 'storageos' ? 'storageOS' : source;
        return text === undefined ? [] : [`${child(path, spelled)}: ${text}`];
      }),
      ...(claim === undefined
        ? []
        : claimWarnings(claim, child(path, 'ephemeral', 'volumeClaimTemplate', 'spec'))),
    ];
  });
}

function podAffinityWarnings(affinity: PodAffinity | undefined, field: string): string[] {
  const required = affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const preferred = affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const [must, should] = [
    child(field, 'requiredDuringSchedulingIgnoredDuringExecution'),
    child(field, 'preferredDuringSchedulingIgnoredDuringExecution'),
  ];
  return [
    ...required.flatMap(({ labelSelector }, at) =>
      labelSelector === undefined
        ? [`${child(index(must, at), 'labelSelector')}: ${nullSelector}`]
        : [],
    ),
    ...preferred.flatMap(({ podAffinityTerm }: Partial<WeightedPodAffinityTerm>, at) =>
      podAffinityTerm?.labelSelector === undefined
        ? [`${child(index(should, at), 'podAffinityTerm', 'labelSelector')}: ${nullSelector}`]
        : [],
    ),
  ];
}

function nodeAffinityWarnings({ nodeAffinity }: Affinity, field: string): string[] {
  const nodeField = child(field, 'nodeAffinity');
  const must = child(nodeField, 'requiredDuringSchedulingIgnoredDuringExecution');
  const should = child(nodeField, 'preferredDuringSchedulingIgnoredDuringExecution');
  const terms =
    nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const preferred = nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return [
    ...terms.flatMap((term, at) =>
      nodeTermWarnings(term, index(child(must, 'nodeSelectorTerms'), at)),
    ),
    ...preferred.flatMap(({ preference = {} }, at) =>
      nodeTermWarnings(preference, child(index(should, at), 'preference')),
    ),
  ];
}

const spreadWarnings = (constraint: TopologySpreadConstraint, field: string): string[] => {
  const { topologyKey, labelSelector } = constraint;
  const text = deprecatedNodeLabel(topologyKey);
  return [
    ...(text === undefined ? [] : [`${child(field, 'topologyKey')}: ${topologyKey} is ${text}`]),
    ...(labelSelector === undefined ? [`${child(field, 'labelSelector')}: ${nullSelector}`] : []),
  ];
};

function schedulingWarnings(spec: PodSpec, field: string): string[] {
  const { nodeSelector, affinity, topologySpreadConstraints: constraints } = spec;
  if (nodeSelector === undefined && affinity === undefined && constraints === undefined) return [];
  const selectorField = child(field, 'nodeSelector');
  const spreadField = child(field, 'topologySpreadConstraints');
  return [
    ...Object.keys(nodeSelector ?? {}).flatMap((label) => {
      const text = deprecatedNodeLabel(label);
      return text === undefined ? [] : [`${key(selectorField, label)}: ${text}`];
    }),
    ...(affinity === undefined ? [] : nodeAffinityWarnings(affinity, child(field, 'affinity'))),
    ...(constraints ?? []).flatMap((constraint, at) =>
      spreadWarnings(constraint, index(spreadField, at)),
    ),
  ];
}

/** What is to be said of an annotation, if it is there. */
type OldAnnotation = (name: string, text: string) => string[];

function annotationsOf({ metadata }: PodTemplateSpec, parent: string): OldAnnotation {
  const annotations = metadata?.annotations;
  const field = child(parent, 'metadata', 'annotations');
  return (name, text) =>
    annotations !== undefined && Object.hasOwn(annotations, name)
      ? [`${key(field, name)}: ${text}`]
      : [];
}

/** Annotations of a container without the field that took their place. */
function profileWarnings(
  { name, securityContext }: AnyContainer,
  { hasAppArmor, old }: { readonly hasAppArmor: boolean; readonly old: OldAnnotation },
): string[] {
  return [
    ...(securityContext?.seccompProfile === undefined
      ? old(`${seccompAnnotation}${name}`, seccompText)
      : []),
    ...(hasAppArmor || securityContext?.appArmorProfile !== undefined
      ? []
      : old(`${appArmorAnnotation}${name}`, appArmorReplacement)),
  ];
}

/** Names that are there already, each with its place. */
const repeated = (names: readonly string[], told: (at: number, name: string) => string): string[] =>
  names.flatMap((name, at) => (names.indexOf(name) < at ? [told(at, name)] : []));

function listWarnings(spec: PodSpec, field: string): string[] {
  const { hostAliases, imagePullSecrets } = spec;
  if (hostAliases === undefined && imagePullSecrets === undefined) return [];
  const aliases = (hostAliases ?? []).map(({ ip }) => ip);
  const secrets = (imagePullSecrets ?? []).map(({ name = '' }) => name);
  const aliasPath = (at: number): string => child(index(child(field, 'hostAliases'), at), 'ip');
  const secretPath = (at: number): string =>
    child(index(child(field, 'imagePullSecrets'), at), 'name');
  return [
    ...repeated(aliases, (at, ip) => `${aliasPath(at)}: duplicate ip ${JSON.stringify(ip)}`),
    ...repeated(secrets, (at, name) => `${secretPath(at)}: duplicate name ${JSON.stringify(name)}`),
    ...secrets.flatMap((name, at) =>
      name === '' ? [`${secretPath(at)}: invalid empty name ""`] : [],
    ),
  ];
}

/** Addresses spelled as nobody should. */
function addressWarnings({ dnsConfig, hostAliases = [] }: PodSpec, field: string): string[] {
  const serverField = child(field, 'dnsConfig', 'nameservers');
  return [
    ...(dnsConfig?.nameservers ?? []).flatMap((server, at) =>
      ipWarnings(server, index(serverField, at)),
    ),
    ...hostAliases.flatMap(({ ip }, at) =>
      ipWarnings(ip, child(index(child(field, 'hostAliases'), at), 'ip')),
    ),
  ];
}

function graceWarnings({ terminationGracePeriodSeconds: grace = 0 }: PodSpec, field: string) {
  const path = child(field, 'terminationGracePeriodSeconds');
  return grace < 0
    ? [`${path}: must be >= 0; negative values are invalid and will be treated as 1`]
    : [];
}

/** The warnings for a new pod, or for the template at `parent`, in the order of Kubernetes. */
export function podWarnings(pod: PodTemplateSpec, parent: string): readonly string[] {
  const { spec } = pod;
  if (spec === undefined) return [];
  const field = child(parent, 'spec');
  const old = annotationsOf(pod, parent);
  const { securityContext = {}, volumes = [], affinity = {} } = spec;
  // Those of a pod have become fields by now, and are told of beside them.
  const hasAppArmor = parent === '' || securityContext.appArmorProfile !== undefined;
  const affinityField = child(field, 'affinity');
  return [
    ...schedulingWarnings(spec, field),
    ...Object.entries(deprecatedAnnotations).flatMap(([name, text]) => old(name, text)),
    ...volumeWarnings(volumes, child(field, 'volumes')),
    ...overlapWarnings(volumes),
    ...listWarnings(spec, field),
    ...fractionalBytes(spec.overhead, child(field, 'overhead')),
    ...(securityContext.seccompProfile === undefined ? old(podSeccompAnnotation, seccompText) : []),
    ...containerWarnings(spec, field, (container) =>
      profileWarnings(container, { hasAppArmor, old }),
    ),
    ...graceWarnings(spec, field),
    ...podAffinityWarnings(affinity.podAffinity, child(affinityField, 'podAffinity')),
    ...podAffinityWarnings(affinity.podAntiAffinity, child(affinityField, 'podAntiAffinity')),
    ...addressWarnings(spec, field),
  ];
}

/** The warnings for a template at `field` that is new or differs from the stored one. */
export function templateWarnings(
  template: PodTemplateSpec | undefined,
  stored: PodTemplateSpec | undefined,
  field: string,
): readonly string[] {
  if (template === undefined) return [];
  if (stored !== undefined && jsonEqual(template, stored)) return [];
  return podWarnings(template, field);
}

/** The warnings for a new pod whose name makes no clean hostname. */
export function hostnameWarnings({ metadata }: Pod): readonly string[] {
  const errors = dns1123LabelErrors(metadata.name);
  return errors.length === 0
    ? []
    : [
        `metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [${errors.join(' ')}]`,
      ];
}

/** The warnings for a workload whose pods are named after it and would not get a clean hostname. */
export function podNameWarnings(name: string): readonly string[] {
  const errors = dns1123LabelErrors(name);
  return errors.length === 0
    ? []
    : [
        `metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [${errors.join(' ')}]`,
      ];
}
