/** What the API tells the writer of a pod in `Warning` headers: mistakes that are allowed but hardly meant. Pure. */
import { jsonEqual } from '../../../patch/json-value.js';
import { child, index } from '../../../validation/field-error.js';
import { dns1123LabelErrors } from '../../../validation/names.js';
import type { Container, PodSpec, PodTemplateSpec } from '../types.js';

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

function envWarnings(container: Container, field: string): string[] {
  const seen = new Set<string>();
  return (container.env ?? []).flatMap(({ name }, position) => {
    if (seen.has(name)) {
      const path = index(child(field, 'env'), position);
      return [
        `${path}: hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`,
      ];
    }
    seen.add(name);
    return [];
  });
}

function portWarnings(container: Container, field: string): string[] {
  const seen = new Map<string, string>();
  return (container.ports ?? []).flatMap((port, position) => {
    const path = index(child(field, 'ports'), position);
    const { protocol = 'TCP', containerPort, hostPort = 0, hostIP = '' } = port;
    const identity = [protocol, containerPort, hostPort, hostIP].join('/');
    const first = seen.get(identity);
    if (first !== undefined) return [`${path}: duplicate port definition with ${first}`];
    seen.set(identity, path);
    return [];
  });
}

function volumeWarnings(spec: PodSpec, field: string): string[] {
  return (spec.volumes ?? []).flatMap((volume, position) =>
    Object.entries(deprecatedVolumes)
      .filter(([source]) => volume[source as keyof typeof volume] !== undefined)
      .map(
        ([source, text]) => `${child(index(child(field, 'volumes'), position), source)}: ${text}`,
      ),
  );
}

/** The warnings for a new pod or template whose spec is at `field`. */
export function podWarnings(spec: PodSpec, field: string): readonly string[] {
  const warnings = volumeWarnings(spec, field);
  for (const [list, containers] of [
    ['initContainers', spec.initContainers ?? []],
    ['containers', spec.containers],
  ] as const) {
    containers.forEach((container, position) => {
      const path = index(child(field, list), position);
      warnings.push(...envWarnings(container, path), ...portWarnings(container, path));
    });
  }
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) {
    warnings.push(
      `${child(field, 'terminationGracePeriodSeconds')}: must be >= 0; negative values are invalid and will be treated as 1`,
    );
  }
  return warnings;
}

/** The warnings for a template at `field` that is new or differs from the stored one. */
export function templateWarnings(
  template: PodTemplateSpec | undefined,
  stored: PodTemplateSpec | undefined,
  field: string,
): readonly string[] {
  if (template?.spec === undefined) return [];
  if (stored !== undefined && jsonEqual(template, stored)) return [];
  return podWarnings(template.spec, child(field, 'spec'));
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
