/** What is allowed in the status of a claim. Called by the `resourceClaims` resource. */
import { validateNodeSelector } from '../../core/v1/pod/validate-scheduling.js';
import { jsonEqual } from '../../patch/json-value.js';
import { canonicalAddress, ipToBigInt, parseCidr } from '../../validation/addresses.js';
import { validateConditions } from '../../validation/conditions.js';
import type { FieldError } from '../../validation/field-error.js';
import {
  child,
  invalidBecause,
  forbidden,
  invalid,
  notSupported,
  required,
  tooLong,
  tooMany,
} from '../../validation/field-error.js';
import { byteLength } from '../../validation/names.js';
import { immutable } from '../../validation/object-meta.js';
import {
  requestNames,
  validateRequestReference,
  validateRequestReferences,
} from './claim-validation.js';
import {
  maxAllocationConfigs,
  maxClaimEntries,
  maxConsumers,
  maxDeviceConditions,
  maxHardwareAddressBytes,
  maxInterfaceAddresses,
  maxInterfaceNameBytes,
} from './limits.js';
import {
  validateBindingConditions,
  validateConfiguration,
  validateFreeObject,
  validateLabelText,
  validateList,
  validatePoolName,
  validateSet,
  validateShareId,
  validateTolerations,
} from './resource-checks.js';
import type {
  AllocatedDeviceStatus,
  AllocationResult,
  DeviceAllocationConfiguration,
  DeviceRequestAllocationResult,
  NetworkDeviceData,
  ResourceClaim,
  ResourceClaimConsumerReference,
} from './types.js';
import { validateDriverName } from '../../validation/driver-name.js';

const configSources = ['FromClaim', 'FromClass'] as const;

const identityOf = (device: {
  readonly driver: string;
  readonly pool: string;
  readonly device: string;
  readonly shareID?: string | undefined;
}): string =>
  [
    device.driver,
    device.pool,
    device.device,
    ...(device.shareID === undefined ? [] : [device.shareID]),
  ].join('/');

const validateConsumer = (consumer: ResourceClaimConsumerReference, field: string): FieldError[] =>
  (['resource', 'name', 'uid'] as const).flatMap((part) =>
    consumer[part] === '' ? [required(child(field, part))] : [],
  );

/** An address with the length of its network, in the one form Kubernetes writes. */
function interfaceAddressErrors(value: string): string[] {
  const cidr = parseCidr(value);
  if (cidr === undefined) {
    return ['must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)'];
  }
  const { address, family, prefixLength } = cidr;
  const canonical = `${canonicalAddress(ipToBigInt(address) ?? 0n, family)}/${String(prefixLength)}`;
  return value === canonical ? [] : [`must be in canonical form (${JSON.stringify(canonical)})`];
}

function validateNetworkData(data: NetworkDeviceData, field: string): FieldError[] {
  const errors: FieldError[] = [];
  if (byteLength(data.interfaceName ?? '') > maxInterfaceNameBytes) {
    errors.push(tooLong(child(field, 'interfaceName'), maxInterfaceNameBytes));
  }
  if (byteLength(data.hardwareAddress ?? '') > maxHardwareAddressBytes) {
    errors.push(tooLong(child(field, 'hardwareAddress'), maxHardwareAddressBytes));
  }
  return [
    ...errors,
    ...validateSet(data.ips, child(field, 'ips'), maxInterfaceAddresses, {
      check: (address, path) => invalidBecause(path, address, interfaceAddressErrors(address)),
      keyOf: (address) => address,
    }),
  ];
}

function validateDeviceStatus(
  device: AllocatedDeviceStatus,
  field: string,
  allocated: ReadonlySet<string>,
): FieldError[] {
  const { conditions = [], data, networkData } = device;
  const identity = identityOf(device);
  const conditionsPath = child(field, 'conditions');
  return [
    ...validateDriverName(device.driver, child(field, 'driver')),
    ...validatePoolName(device.pool, child(field, 'pool')),
    ...validateLabelText(device.device, child(field, 'device')),
    ...validateShareId(device.shareID, child(field, 'shareID')),
    ...(allocated.has(identity)
      ? []
      : [invalid(field, identity, 'must be an allocated device in the claim')]),
    ...(conditions.length > maxDeviceConditions
      ? [tooMany(conditionsPath, conditions.length, maxDeviceConditions)]
      : []),
    ...validateConditions(conditions, conditionsPath),
    ...(data === undefined ? [] : validateFreeObject(data, child(field, 'data'))),
    ...(networkData === undefined
      ? []
      : validateNetworkData(networkData, child(field, 'networkData'))),
  ];
}

function validateResult(
  result: DeviceRequestAllocationResult,
  field: string,
  names: ReadonlySet<string>,
): FieldError[] {
  return [
    ...validateRequestReference(result.request, child(field, 'request'), names),
    ...validateDriverName(result.driver, child(field, 'driver')),
    ...validatePoolName(result.pool, child(field, 'pool')),
    ...validateLabelText(result.device, child(field, 'device')),
    ...validateBindingConditions(result, field),
    ...validateTolerations(result.tolerations, child(field, 'tolerations')),
    ...validateShareId(result.shareID, child(field, 'shareID')),
  ];
}

function validateConfig(
  config: DeviceAllocationConfiguration,
  field: string,
  names: ReadonlySet<string>,
): FieldError[] {
  const path = child(field, 'source');
  const source: string = config.source;
  const errors: FieldError[] = [];
  if (source === '') errors.push(required(path));
  else if (!configSources.some((known) => known === source)) {
    errors.push(notSupported(path, source, configSources));
  }
  return [
    ...errors,
    ...validateRequestReferences(config.requests, child(field, 'requests'), names),
    ...validateConfiguration(config.opaque, field),
  ];
}

function validateAllocation(
  { devices, nodeSelector }: AllocationResult,
  names: ReadonlySet<string>,
): FieldError[] {
  const field = 'status.allocation';
  const path = child(field, 'devices');
  return [
    ...validateList(devices?.results, child(path, 'results'), maxClaimEntries, (result, at) =>
      validateResult(result, at, names),
    ),
    ...validateList(devices?.config, child(path, 'config'), maxAllocationConfigs, (config, at) =>
      validateConfig(config, at, names),
    ),
    ...(nodeSelector === undefined
      ? []
      : validateNodeSelector(nodeSelector, child(field, 'nodeSelector'))),
  ];
}

function validateReservations(object: ResourceClaim, stored: ResourceClaim): FieldError[] {
  const field = 'status.reservedFor';
  const { reservedFor = [], allocation } = object.status;
  const errors = validateSet(reservedFor, field, maxConsumers, {
    check: validateConsumer,
    keyOf: ({ uid }) => uid,
  });
  if (reservedFor.length === 0) return errors;
  if (allocation === undefined) {
    errors.push(forbidden(field, 'may not be specified when `allocated` is not set'));
  } else if (object.metadata.deletionTimestamp !== undefined) {
    const before = stored.status.reservedFor ?? [];
    if (reservedFor.some((consumer) => !before.some((known) => jsonEqual(known, consumer)))) {
      const detail =
        'new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set';
      errors.push(forbidden(field, detail));
    }
  }
  return errors;
}

/** Checks a status against its claim and the status before; an allocation stays as it is once it is there. */
export function validateClaimStatus(object: ResourceClaim, stored: ResourceClaim): FieldError[] {
  const { allocation, devices } = object.status;
  const names = requestNames(object.spec.devices ?? {});
  const allocated = new Set((allocation?.devices?.results ?? []).map(identityOf));
  const errors = [
    ...validateReservations(object, stored),
    ...validateSet(devices, 'status.devices', Number.POSITIVE_INFINITY, {
      check: (device, path) => validateDeviceStatus(device, path, allocated),
      keyOf: identityOf,
    }),
  ];
  if (allocation === undefined) return errors;
  return stored.status.allocation === undefined
    ? [...errors, ...validateAllocation(allocation, names)]
    : [...errors, ...immutable('status.allocation', allocation, stored.status.allocation)];
}
