/** Checks of what a pod's status says of claims, users and devices, with Kubernetes' texts. Called by `validate-status.ts`. Pure. */
import type { FieldError } from '../../../validation/field-error.js';
import {
  child,
  duplicate,
  forbidden,
  invalid,
  invalidBecause,
  required,
  tooLong,
} from '../../../validation/field-error.js';
import {
  byteLength,
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  unixIdErrors,
} from '../../../validation/names.js';
import { maxHealthMessageBytes } from '../limits.js';
import type {
  Container,
  ContainerStatus,
  Pod,
  PodExtendedResourceClaimStatus,
  PodResourceClaimStatus,
  PodSpec,
  ResourceHealth,
} from '../types.js';
import { anyOf, eachOf, requiredName } from './validate-values.js';

/** The claims made for the pod, each for an entry of its spec. */
export function validateClaimStatuses(
  statuses: readonly PodResourceClaimStatus[] | undefined,
  spec: PodSpec,
): FieldError[] {
  const names = new Set<string>();
  return eachOf('status.resourceClaimStatuses', statuses, (status, path) => {
    const { name, resourceClaimName: claimName } = status;
    const errors: FieldError[] = [];
    if (spec.resourceClaims?.some((claim) => claim.name === name) !== true) {
      const detail = 'must match the name of an entry in `spec.resourceClaims`';
      errors.push(invalid(child(path, 'name'), name, detail));
    }
    if (names.has(name)) errors.push(duplicate(child(path, 'name'), name));
    names.add(name);
    return claimName === undefined
      ? errors
      : [
          ...errors,
          ...invalidBecause(
            child(path, 'resourceClaimName'),
            claimName,
            dns1123SubdomainErrors(claimName),
          ),
        ];
  });
}

/** The claim made for extended resources, and for which of them in which containers. */
export function validateExtendedClaim(
  status: PodExtendedResourceClaimStatus | undefined,
  spec: PodSpec,
): FieldError[] {
  if (status === undefined) return [];
  const field = 'status.extendedResourceClaimStatus';
  const mappingsField = child(field, 'requestMappings');
  const containers = new Map(
    [...(spec.initContainers ?? []), ...spec.containers].map((each) => [each.name, each]),
  );
  const seen = new Set<string>();
  const errors = eachOf(mappingsField, status.requestMappings, (mapping, path) => {
    const { containerName, resourceName, requestName } = mapping;
    const container = containers.get(containerName);
    const place = 'spec.initContainers.resources.requests or spec.containers.resources.requests';
    const mismatch =
      container === undefined
        ? invalid(
            child(path, 'containerName'),
            containerName,
            'must match the name of an entry in spec.initContainers.name or spec.containers.name',
          )
        : container.resources?.requests?.[resourceName] === undefined
          ? invalid(
              child(path, 'resourceName'),
              resourceName,
              `must match the extended resource name of an entry in ${place}`,
            )
          : undefined;
    const entry = JSON.stringify([containerName, resourceName, requestName]);
    const isRepeated = seen.has(entry);
    seen.add(entry);
    return [
      ...(mismatch === undefined ? [] : [mismatch]),
      ...invalidBecause(child(field, 'requestName'), requestName, dns1123LabelErrors(requestName)),
      ...(isRepeated
        ? (['containerName', 'resourceName', 'requestName'] as const).map((name) =>
            duplicate(child(path, name), mapping[name]),
          )
        : []),
    ];
  });
  return [
    ...(status.requestMappings.length === 0
      ? [required(mappingsField, 'at least one request mapping is required')]
      : []),
    ...errors,
    ...requiredName(
      child(field, 'resourceClaimName'),
      status.resourceClaimName,
      dns1123SubdomainErrors,
    ),
  ];
}

const statusLists = [
  'containerStatuses',
  'initContainerStatuses',
  'ephemeralContainerStatuses',
] as const;

const unixId = (id: number, field: string): FieldError[] =>
  invalidBecause(field, id, unixIdErrors(id));

/** Whom the first processes were started as. */
export function validateStatusUsers({ spec, status }: Pod): FieldError[] {
  const os = spec.os?.name ?? 'linux';
  return statusLists.flatMap((list) =>
    eachOf(child('status', list), status[list], ({ user }, path) => {
      const field = child(path, 'user', 'linux');
      const linux = user?.linux;
      if (linux === undefined) return [];
      if (os === 'windows') return [forbidden(field, 'cannot be set for a windows pod')];
      return [
        ...unixId(linux.uid, child(field, 'uid')),
        ...unixId(linux.gid, child(field, 'gid')),
        ...eachOf(child(field, 'supplementalGroups'), linux.supplementalGroups, unixId),
      ];
    }),
  );
}

/** Claims are written as `claim:NAME/REQUEST`, anything else is a resource the container requests. */
function isAllocated(name: string, { resources }: Container): boolean {
  if (!name.startsWith('claim:')) return resources?.requests?.[name] !== undefined;
  const claims = resources?.claims ?? [];
  return claims.some(
    (claim) =>
      name ===
      `claim:${claim.name}${(claim.request ?? '') === '' ? '' : `/${claim.request ?? ''}`}`,
  );
}

function validateHealth(resources: readonly ResourceHealth[] | undefined, field: string) {
  const seen = new Set<string>();
  return eachOf(field, resources, ({ health, message, resourceID }, path) => {
    const errors = anyOf(child(path, 'health'), health ?? '', ['Healthy', 'Unhealthy', 'Unknown']);
    if (message === '') {
      errors.push(required(child(path, 'message'), 'must be non-empty if specified'));
    } else if (message !== undefined && byteLength(message) > maxHealthMessageBytes) {
      errors.push(tooLong(child(path, 'message'), maxHealthMessageBytes));
    }
    if (seen.has(resourceID)) errors.push(duplicate(child(path, 'resourceID'), resourceID));
    seen.add(resourceID);
    return errors;
  });
}

function validateAllocated(
  { name: containerName, allocatedResourcesStatus }: ContainerStatus,
  field: string,
  containers: readonly Container[],
): FieldError[] {
  const container = containers.find(({ name }) => name === containerName);
  const path = child(field, 'allocatedResourcesStatus');
  return eachOf(path, allocatedResourcesStatus, ({ name, resources }, at) => {
    const detail = name.startsWith('claim:')
      ? "must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty"
      : "must match one of the container's resource requests";
    return [
      ...(container === undefined || isAllocated(name, container)
        ? []
        : [invalid(child(at, 'name'), name, detail)]),
      ...validateHealth(resources, child(at, 'resources')),
    ];
  });
}

/** The health of what containers were given; ephemeral containers are given nothing. */
export const validateStatusResources = ({ spec, status }: Pod): FieldError[] => [
  ...eachOf('status.containerStatuses', status.containerStatuses, (each, path) =>
    validateAllocated(each, path, spec.containers),
  ),
  ...eachOf('status.initContainerStatuses', status.initContainerStatuses, (each, path) =>
    validateAllocated(each, path, spec.initContainers ?? []),
  ),
  ...eachOf('status.ephemeralContainerStatuses', status.ephemeralContainerStatuses, (each, path) =>
    (each.allocatedResourcesStatus ?? []).length === 0
      ? []
      : [
          forbidden(
            child(path, 'allocatedResourcesStatus'),
            'must not be specified in container status',
          ),
        ],
  ),
];
