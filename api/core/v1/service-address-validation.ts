/** Checks of a Service's cluster IPs and IP families against each other. Called by `service-validation.ts` only. */
import { ipFamilyOf, isIPAddress } from '../../validation/addresses.js';
import type { FieldError } from '../../validation/field-error.js';
import { duplicate, index, invalid, notSupported, required } from '../../validation/field-error.js';
import { headless } from './service-facts.js';
import type { ServiceSpec } from './types.js';

const families = ['IPv4', 'IPv6'] as const;
const familyPolicies = ['PreferDualStack', 'RequireDualStack', 'SingleStack'] as const;
const twoAtMost = 'may only hold up to 2 values';

function validateFamilies(spec: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  const given: readonly string[] = spec.ipFamilies ?? [];
  if (given.length > 2) errors.push(invalid('spec.ipFamilies', given, twoAtMost));
  given.forEach((family, at) => {
    const field = index('spec.ipFamilies', at);
    if (!families.some((known) => known === family)) {
      errors.push(notSupported(field, family, families));
    } else if (given.indexOf(family) < at) errors.push(duplicate(field, family));
  });
  const policy: string | undefined = spec.ipFamilyPolicy;
  if (policy !== undefined && !familyPolicies.some((known) => known === policy)) {
    errors.push(notSupported('spec.ipFamilyPolicy', policy, familyPolicies));
  }
  if (policy === 'SingleStack') {
    const [what, count] =
      given.length > 1 ? ['ipFamilies', 2] : ['clusterIPs', (spec.clusterIPs ?? []).length];
    if (count > 1) {
      errors.push(
        invalid(
          'spec.ipFamilyPolicy',
          policy,
          `must be 'RequireDualStack' or 'PreferDualStack' when multiple '${what}' are specified`,
        ),
      );
    }
  }
  return errors;
}

/** The two spellings of the first address have to agree. */
function validateFirst(spec: ServiceSpec): FieldError[] {
  const ips = spec.clusterIPs ?? [];
  const ip = spec.clusterIP ?? '';
  if (ip !== '' && ips.length === 0) return [required('spec.clusterIPs')];
  return ips.length > 0 && ips[0] !== ip
    ? [invalid('spec.clusterIPs', ips, 'first value must match `clusterIP`')]
    : [];
}

function validateAddress(spec: ServiceSpec, ip: string, at: number): FieldError[] {
  const field = index('spec.clusterIPs', at);
  if (ip === headless) {
    return (spec.clusterIPs ?? []).length > 1
      ? [invalid(field, ip, "'None' must be the first and only value")]
      : [];
  }
  if (ip === '') return at === 0 ? [] : [invalid(field, ip, 'must be a valid IP address')];
  if (!isIPAddress(ip)) {
    const detail =
      at === 0 ? "must be empty, 'None', or a valid IP address" : 'must be a valid IP address';
    return [invalid(field, ip, detail)];
  }
  const wanted = spec.ipFamilies?.[at];
  return wanted !== undefined && ipFamilyOf(ip) !== wanted
    ? [
        invalid(
          field,
          ip,
          `expected an ${wanted} value as indicated by \`ipFamilies[${String(at)}]\``,
        ),
      ]
    : [];
}

/** Checks `clusterIP`, `clusterIPs`, `ipFamilies` and `ipFamilyPolicy` together. */
export function validateServiceAddresses(spec: ServiceSpec): FieldError[] {
  const ips = spec.clusterIPs ?? [];
  const errors = [...validateFamilies(spec), ...validateFirst(spec)];
  if (ips.length > 2) errors.push(invalid('spec.clusterIPs', ips, twoAtMost));
  ips.forEach((ip, at) => errors.push(...validateAddress(spec, ip, at)));
  if (ips.length === 2 && ips.every(isIPAddress)) {
    const [first = '', second = ''] = ips;
    if (ipFamilyOf(first) === ipFamilyOf(second)) {
      errors.push(
        invalid('spec.clusterIPs', ips, 'may specify no more than one IP for each IP family'),
      );
    }
  }
  return errors;
}
