/** What is allowed in Endpoints. Called by the `endpoints` resource. */
import { legacyIPErrors, specialAddressErrors } from '../../validation/addresses.js';
import { jsonEqual } from '../../patch/json-value.js';
import type { FieldError } from '../../validation/field-error.js';
import {
  child,
  index,
  invalid,
  invalidBecause,
  notSupported,
  required,
} from '../../validation/field-error.js';
import {
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  portNumberErrors,
  qualifiedNameErrors,
} from '../../validation/names.js';
import type { EndpointAddress, EndpointPort, Endpoints, EndpointSubset } from './types.js';

/** The protocols a port may have, in the order messages list them. */
const protocols = ['SCTP', 'TCP', 'UDP'] as const;

function validateAddress(address: EndpointAddress, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const path = child(field, 'ip');
  const { ip = '', hostname = '', nodeName } = address as Partial<EndpointAddress>;
  errors.push(...invalidBecause(path, ip, legacyIPErrors(ip)));
  if (hostname !== '') {
    const wrong = dns1123LabelErrors(hostname);
    errors.push(...wrong.map((detail) => invalid(child(field, 'hostname'), hostname, detail)));
  }
  if (nodeName !== undefined) {
    const wrong = dns1123SubdomainErrors(nodeName);
    errors.push(...wrong.map((detail) => invalid(child(field, 'nodeName'), nodeName, detail)));
  }
  return [...errors, ...invalidBecause(path, ip, specialAddressErrors(ip))];
}

function validatePort(port: EndpointPort, requireName: boolean, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const { name = '', protocol = '', appProtocol } = port as Partial<Omit<EndpointPort, 'port'>>;
  const { port: number = 0 } = port as Partial<EndpointPort>;
  if (requireName && name === '') errors.push(required(child(field, 'name')));
  else if (name !== '') {
    const wrong = dns1123LabelErrors(name);
    errors.push(...wrong.map((detail) => invalid(child(field, 'name'), name, detail)));
  }
  const details = portNumberErrors(number);
  errors.push(...details.map((detail) => invalid(child(field, 'port'), number, detail)));
  if (protocol === '') errors.push(required(child(field, 'protocol')));
  else if (!protocols.some((known) => known === protocol)) {
    errors.push(notSupported(child(field, 'protocol'), protocol, protocols));
  }
  if (appProtocol !== undefined) {
    const path = child(field, 'appProtocol');
    errors.push(
      ...qualifiedNameErrors(appProtocol).map((detail) => invalid(path, appProtocol, detail)),
    );
  }
  return errors;
}

function validateSubset(subset: EndpointSubset, field: string): FieldError[] {
  const { addresses = [], notReadyAddresses = [], ports = [] } = subset;
  const errors: FieldError[] = [];
  if (addresses.length === 0 && notReadyAddresses.length === 0) {
    errors.push(required(field, 'must specify `addresses` or `notReadyAddresses`'));
  }
  const each = (list: readonly EndpointAddress[], name: string): FieldError[] =>
    list.flatMap((address, at) => validateAddress(address, index(child(field, name), at)));
  errors.push(...each(addresses, 'addresses'), ...each(notReadyAddresses, 'notReadyAddresses'));
  ports.forEach((port, at) => {
    errors.push(...validatePort(port, ports.length > 1, index(child(field, 'ports'), at)));
  });
  return errors;
}

/** Checks all subsets. Those that are as they are stored may stay so. */
export function validateEndpoints({ subsets = [] }: Endpoints, stored?: Endpoints): FieldError[] {
  const errors = subsets.flatMap((subset, at) => validateSubset(subset, index('subsets', at)));
  const isKnown =
    errors.length > 0 && stored !== undefined && jsonEqual(subsets, stored.subsets ?? []);
  return isKnown ? [] : errors;
}
