/** Checks of changes of a pod's status, with Kubernetes' texts. Called by `pods`. Pure. */
import { ipFamilyOf, legacyIPErrors } from '../../../validation/addresses.js';
import type { FieldError } from '../../../validation/field-error.js';
import {
  child,
  forbidden,
  index,
  invalid,
  invalidBecause,
} from '../../../validation/field-error.js';
import { dns1123SubdomainErrors, qualifiedNameErrors } from '../../../validation/names.js';
import type { Container, ContainerStatus, Pod, PodCondition, PodSpec } from '../types.js';
import { mayRestart, mayRestartAll } from './restarts.js';
import { validateAnnotationChanges, validatePodAnnotations } from './validate-annotations.js';
import {
  validateClaimStatuses,
  validateExtendedClaim,
  validateStatusResources,
  validateStatusUsers,
} from './validate-status-parts.js';
import { eachOf } from './validate-values.js';

/** Conditions that every pod has. */
const ownConditions: ReadonlySet<string> = new Set(['PodScheduled', 'Ready', 'Initialized']);

const generation = (value: number | undefined, field: string): FieldError[] =>
  value !== undefined && value < 0
    ? [invalid(child(field, 'observedGeneration'), value, 'must be a non-negative integer')]
    : [];

/** Types of conditions that others add; Kubernetes names their field as in Go. */
const validateConditions = (conditions: readonly PodCondition[] | undefined): FieldError[] =>
  eachOf('status.conditions', conditions, ({ type, observedGeneration }, path) => [
    ...generation(observedGeneration, path),
    ...(ownConditions.has(type)
      ? []
      : invalidBecause(child(path, 'Type'), type, qualifiedNameErrors(type))),
  ]);

interface Address {
  readonly ip?: string | undefined;
}

const textsOf = (addresses: readonly Address[] | undefined): string[] =>
  (addresses ?? []).map(({ ip = '' }) => ip);

/** At most one address of each family. Those of the stored status may stay as they are. */
function validateAddresses(
  addresses: readonly Address[] | undefined,
  stored: readonly Address[] | undefined,
  field: string,
): FieldError[] {
  const given = textsOf(addresses);
  const known = textsOf(stored);
  const errors = given.flatMap((ip, at) =>
    invalidBecause(index(field, at), ip, legacyIPErrors(ip, known)),
  );
  if (given.length < 2) return errors;
  const families = new Set(given.map((ip) => ipFamilyOf(ip)));
  if (given.length === 2 && families.size === 2) return errors;
  const shown = given.map((ip) => ({ IP: ip }));
  const detail = 'may specify no more than one IP for each IP family';
  return [...errors, invalid(field, shown, detail)];
}

function validateHostAddresses({ status }: Pod, stored: Pod): FieldError[] {
  const field = 'status.hostIPs';
  const first = status.hostIPs?.[0]?.ip;
  return [
    ...(first === undefined || first === (status.hostIP ?? '')
      ? []
      : [invalid(child(index(field, 0), 'ip'), first, 'must be equal to `hostIP`')]),
    ...validateAddresses(status.hostIPs, stored.status.hostIPs, field),
  ];
}

/** Where the stored status of a container stands among the others, and whether it may go on from there. */
interface Transition {
  readonly field: string;
  readonly mayGoOn: (status: ContainerStatus) => boolean;
}

/** A container that ended for good stays ended. */
const validateTransitions = (
  statuses: readonly ContainerStatus[] | undefined,
  stored: readonly ContainerStatus[] | undefined,
  { field, mayGoOn }: Transition,
): FieldError[] =>
  eachOf(field, stored, (old, path) => {
    if (old.state?.terminated === undefined) return [];
    const next = statuses?.find(({ name }) => name === old.name);
    if (next === undefined || next.state?.terminated !== undefined || mayGoOn(old)) return [];
    return [forbidden(child(path, 'state'), 'may not be transitioned to non-terminated state')];
  });

function validateAllTransitions({ status }: Pod, stored: Pod): FieldError[] {
  const { spec } = stored;
  const goesOn =
    (containers: readonly Container[] = []) =>
    ({ name, state }: ContainerStatus): boolean => {
      const container = containers.find((each) => each.name === name);
      const exitCode = state?.terminated?.exitCode ?? 0;
      return container !== undefined && mayRestart(container, spec, exitCode);
    };
  const of = (
    list: 'containerStatuses' | 'initContainerStatuses' | 'ephemeralContainerStatuses',
    mayGoOn: (status: ContainerStatus) => boolean,
  ): FieldError[] =>
    validateTransitions(status[list], stored.status[list], {
      field: child('status', list),
      mayGoOn,
    });
  return [
    ...(mayRestartAll(spec)
      ? []
      : [
          ...of('containerStatuses', goesOn(spec.containers)),
          ...of('initContainerStatuses', goesOn(spec.initContainers)),
        ]),
    ...of('ephemeralContainerStatuses', () => false),
  ];
}

/** Room is made on a node for a pod that is yet to come to one. */
function validateNomination(next: string, last: string, spec: PodSpec): FieldError[] {
  if (next === '' || next === last) return [];
  const field = 'status.nominatedNodeName';
  const isBound = (spec.nodeName ?? '') !== '';
  return [
    ...invalidBecause(field, next, dns1123SubdomainErrors(next)),
    ...(isBound
      ? [forbidden(field, 'may not be set on pods that are already bound to a node')]
      : []),
  ];
}

/** Checks an update of a pod's status against the stored one. */
export function validatePodStatusUpdate(pod: Pod, storedPod: Pod): readonly FieldError[] {
  const { status, spec } = pod;
  const stored = {
    ...storedPod,
    status: (storedPod.status as Pod['status'] | undefined) ?? {},
  };
  const { annotations } = pod.metadata;
  const isSameClass = (status.qosClass ?? '') === (stored.status.qosClass ?? '');
  return [
    ...validateAnnotationChanges(annotations, stored.metadata.annotations),
    ...validatePodAnnotations(annotations, spec, 'metadata.annotations'),
    ...validateConditions(status.conditions),
    ...validateNomination(
      status.nominatedNodeName ?? '',
      stored.status.nominatedNodeName ?? '',
      stored.spec,
    ),
    ...generation(status.observedGeneration, 'status'),
    ...(isSameClass
      ? []
      : [invalid('status.qosClass', status.qosClass ?? '', 'field is immutable')]),
    ...validateAllTransitions(pod, stored),
    ...validateClaimStatuses(status.resourceClaimStatuses, spec),
    ...validateExtendedClaim(status.extendedResourceClaimStatus, spec),
    ...validateAddresses(status.podIPs, stored.status.podIPs, 'status.podIPs'),
    ...validateHostAddresses(pod, stored),
    ...validateStatusUsers(pod),
    ...validateStatusResources(pod),
  ];
}
