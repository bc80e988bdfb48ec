/** Checks of changes of a pod's status, with Kubernetes' texts. Called by `pods`. Pure. */
import { ipErrors, ipFamilyOf } from '../../../validation/addresses.js';
import type { FieldError } from '../../../validation/field-error.js';
import {
  child,
  duplicate,
  forbidden,
  index,
  invalid,
  invalidBecause,
} from '../../../validation/field-error.js';
import { dns1123SubdomainErrors, qualifiedNameErrors } from '../../../validation/names.js';
import type { ContainerStatus, Pod, PodCondition, PodStatus } from '../types.js';
import { isRestartableInit } from './conditions.js';
import { eachOf, optionalName } from './validate-values.js';

/** Conditions that every pod has. */
const ownConditions: ReadonlySet<string> = new Set(['PodScheduled', 'Ready', 'Initialized']);

/** Types of conditions that others add; their errors are reported below the metadata, as in Kubernetes. */
const validateConditions = (conditions: readonly PodCondition[] | undefined): FieldError[] =>
  eachOf('metadata.conditions', conditions, ({ type }, path) =>
    ownConditions.has(type)
      ? []
      : invalidBecause(child(path, 'Type'), type, qualifiedNameErrors(type)),
  );

interface Address {
  readonly ip?: string | undefined;
}

/** At most one address of each family. */
function validateAddresses(addresses: readonly Address[] | undefined, field: string): FieldError[] {
  const given = (addresses ?? []).map(({ ip = '' }) => ip);
  const errors = given.flatMap((ip, at) => invalidBecause(index(field, at), ip, ipErrors(ip)));
  if (given.length < 2) return errors;
  const families = new Set(given.map((ip) => ipFamilyOf(ip)));
  if (given.length > 2 || families.size < 2) {
    const detail = 'may specify no more than one IP for each IP family';
    errors.push(invalid(field, addresses, detail));
  }
  given.forEach((ip, at) => {
    if (given.indexOf(ip) < at) errors.push(duplicate(index(field, at), { ip }));
  });
  return errors;
}

function validateHostAddresses({ hostIP, hostIPs }: PodStatus): FieldError[] {
  const field = 'status.hostIPs';
  const first = hostIPs?.[0]?.ip;
  const errors = validateAddresses(hostIPs, field);
  return first === undefined || first === hostIP
    ? errors
    : [...errors, invalid(child(index(field, 0), 'ip'), first, 'must be equal to `hostIP`')];
}

/** A container that ended for good stays ended. */
function validateTransitions(
  statuses: readonly ContainerStatus[] | undefined,
  stored: readonly ContainerStatus[] | undefined,
  field: string,
  mayRestart: (status: ContainerStatus) => boolean,
): FieldError[] {
  return (stored ?? []).flatMap((old) => {
    const position = (statuses ?? []).findIndex(({ name }) => name === old.name);
    const next = statuses?.[position];
    if (old.state?.terminated === undefined || next === undefined) return [];
    if (next.state?.terminated !== undefined || mayRestart(old)) return [];
    const path = child(index(field, position), 'state');
    return [forbidden(path, 'may not be transitioned to non-terminated state')];
  });
}

/** Checks an update of a pod's status against the stored one. */
export function validatePodStatusUpdate(pod: Pod, storedPod: Pod): readonly FieldError[] {
  const { status } = pod;
  const stored = (storedPod.status as Pod['status'] | undefined) ?? {};
  const policy = storedPod.spec.restartPolicy ?? 'Always';
  const rules = new Set(
    storedPod.spec.containers
      .filter(({ restartPolicy }) => restartPolicy !== undefined)
      .map(({ name }) => name),
  );
  const sidecars = new Set(
    (storedPod.spec.initContainers ?? [])
      .filter((container) => isRestartableInit(container) || container.restartPolicy !== undefined)
      .map(({ name }) => name),
  );
  const failed = (old: ContainerStatus): boolean => old.state?.terminated?.exitCode !== 0;
  const errors = [
    ...validateConditions(status.conditions),
    ...optionalName('status.nominatedNodeName', status.nominatedNodeName, dns1123SubdomainErrors),
    ...validateAddresses(status.podIPs, 'status.podIPs'),
    ...validateHostAddresses(status),
  ];
  if (stored.qosClass !== undefined && status.qosClass !== stored.qosClass) {
    errors.push(invalid('status.qosClass', status.qosClass, 'field is immutable'));
  }
  if (policy !== 'Always') {
    errors.push(
      ...validateTransitions(
        status.containerStatuses,
        stored.containerStatuses,
        'status.containerStatuses',
        (old) => rules.has(old.name) || (policy === 'OnFailure' && failed(old)),
      ),
      ...validateTransitions(
        status.initContainerStatuses,
        stored.initContainerStatuses,
        'status.initContainerStatuses',
        (old) => sidecars.has(old.name) || (policy === 'OnFailure' && failed(old)),
      ),
    );
  }
  return errors;
}
