/** What is allowed in an EndpointSlice. Called by the `endpointSlices` resource. */
import { ipFamilyOf, specialAddressErrors } from '../../validation/addresses.js';
import type { FieldError } from '../../validation/field-error.js';
import {
  child,
  duplicate,
  invalidBecause,
  index,
  invalid,
  notSupported,
  required,
  tooMany,
} from '../../validation/field-error.js';
import {
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  labelValueErrors,
  qualifiedNameErrors,
} from '../../validation/names.js';
import { maxEndpointAddresses, maxEndpoints, maxHints, maxPorts } from './limits.js';
import type { Endpoint, EndpointPort, EndpointSlice } from './types.js';

const addressTypes = ['FQDN', 'IPv4', 'IPv6'] as const;
const protocols = ['SCTP', 'TCP', 'UDP'] as const;

function validateAddress(address: string, addressType: string, field: string): FieldError[] {
  if (addressType === 'FQDN') return validateDomain(address, field);
  if (addressType !== 'IPv4' && addressType !== 'IPv6') return [];
  const valid = ipFamilyOf(address) === addressType;
  const why = valid ? [] : [`must be a valid ${addressType} address`];
  return invalidBecause(field, address, [...why, ...specialAddressErrors(address)]);
}

/** Checks the name of a host below some domain. */
function validateDomain(written: string, field: string): FieldError[] {
  if (written === '') return [required(field)];
  const name = written.replace(/\.$/, '');
  const wrong = dns1123SubdomainErrors(name);
  if (wrong.length > 0) return [invalid(field, name, wrong.join(','))];
  if (name.includes('.')) {
    const label = name.split('.').find((part) => dns1123LabelErrors(part).length > 0);
    return label === undefined ? [] : [invalid(field, label, dns1123LabelErrors(label).join(','))];
  }
  return [invalid(field, name, 'should be a domain with at least two segments separated by dots')];
}

function validateHints(endpoint: Endpoint, field: string): FieldError[] {
  const { forZones = [], forNodes = [] } = endpoint.hints ?? {};
  const errors: FieldError[] = [];
  const lists = [
    [child(field, 'forZones'), forZones, labelValueErrors],
    [child(field, 'forNodes'), forNodes, dns1123SubdomainErrors],
  ] as const;
  for (const [path, hints, errorsOf] of lists) {
    if (hints.length > maxHints) return [...errors, tooMany(path, hints.length, maxHints)];
    const seen = new Set<string>();
    hints.forEach(({ name }, at) => {
      const namePath = child(index(path, at), 'name');
      if (seen.has(name)) errors.push(duplicate(namePath, name));
      seen.add(name);
      errors.push(...invalidBecause(namePath, name, errorsOf(name)));
    });
  }
  return errors;
}

function validateEndpoint(endpoint: Endpoint, addressType: string, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const { addresses = [] } = endpoint as Partial<Endpoint>;
  const path = child(field, 'addresses');
  if (addresses.length === 0) errors.push(required(path, 'must contain at least 1 address'));
  else if (addresses.length > maxEndpointAddresses) {
    errors.push(tooMany(path, addresses.length, maxEndpointAddresses));
  }
  addresses.forEach((address, at) => {
    errors.push(...validateAddress(address, addressType, index(path, at)));
  });
  if (endpoint.nodeName !== undefined) {
    const wrong = dns1123SubdomainErrors(endpoint.nodeName);
    errors.push(...invalidBecause(child(field, 'nodeName'), endpoint.nodeName, wrong));
  }
  if (endpoint.hostname !== undefined) {
    const wrong = dns1123LabelErrors(endpoint.hostname);
    errors.push(...invalidBecause(child(field, 'hostname'), endpoint.hostname, wrong));
  }
  return [...errors, ...validateHints(endpoint, child(field, 'hints'))];
}

/** Checks a port; its number may be any. `seen` are the names of the ports before. */
function validatePort(port: EndpointPort, seen: ReadonlySet<string>, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const { name = '', protocol = '', appProtocol } = port;
  if (name !== '')
    errors.push(...invalidBecause(child(field, 'name'), name, dns1123LabelErrors(name)));
  if (seen.has(name)) errors.push(duplicate(child(field, 'name'), name));
  if (protocol === '') errors.push(required(child(field, 'protocol')));
  else if (!protocols.some((known) => known === protocol)) {
    errors.push(notSupported(child(field, 'protocol'), protocol, protocols));
  }
  if (appProtocol !== undefined) {
    const wrong = qualifiedNameErrors(appProtocol);
    errors.push(...invalidBecause(child(field, 'appProtocol'), appProtocol, wrong));
  }
  return errors;
}

/** Checks address type, endpoints and ports. */
export function validateEndpointSlice(object: EndpointSlice): FieldError[] {
  const errors: FieldError[] = [];
  const { addressType = '', endpoints = [], ports = [] } = object as Partial<EndpointSlice>;
  if (addressType === '') errors.push(required('addressType'));
  else if (!addressTypes.some((known) => known === addressType)) {
    errors.push(notSupported('addressType', addressType, addressTypes));
  }
  if (endpoints.length > maxEndpoints) {
    errors.push(tooMany('endpoints', endpoints.length, maxEndpoints));
  } else {
    endpoints.forEach((endpoint, at) => {
      errors.push(...validateEndpoint(endpoint, addressType, index('endpoints', at)));
    });
  }
  if (ports.length > maxPorts) return [...errors, tooMany('ports', ports.length, maxPorts)];
  const seen = new Set<string>();
  ports.forEach((port, at) => {
    errors.push(...validatePort(port, seen, index('ports', at)));
    seen.add(port.name ?? '');
  });
  return errors;
}
