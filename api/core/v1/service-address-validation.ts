/** Checks of a Service's cluster IPs and IP families against each other. Called by `service-validation.ts` only. */
import { ipFamilyOf, legacyIPErrors } from '../../validation/addresses.js';
import type { FieldError } from '../../validation/field-error.js';
import {
  duplicate,
  index,
  invalid,
  invalidBecause,
  notSupported,
  required,
} from '../../validation/field-error.js';
import { eachOf } from './pod/validate-values.js';
import { headless, isHeadless, needsClusterIP } from './service-facts.js';
import type { ServiceSpec } from './types.js';

const families = ['IPv4', 'IPv6'] as const;
const familyPolicies = ['PreferDualStack', 'RequireDualStack', 'SingleStack'] as const;
const twoAtMost = 'may only hold up to 2 values';

function validateFamilies(spec: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  const given: readonly string[] = spec.ipFamilies ?? [];
  given.forEach((family, at) => {
    const field = index('spec.ipFamilies', at);
    if (!families.some((known) => known === family)) {
      errors.push(notSupported(field, family, families));
    }
    if (given.indexOf(family) < at) errors.push(duplicate(field, family));
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
  const detail =
    ip === ''
      ? 'must be empty when `clusterIP` is not specified'
      : 'first value must match `clusterIP`';
  return ips.length > 0 && ips[0] !== ip ? [invalid('spec.clusterIPs', ips, detail)] : [];
}

/** What each of the addresses is by itself; only the first can be none, and then it is the only one. */
function validateEach(spec: ServiceSpec, stored: ServiceSpec | undefined): FieldError[] {
  const ips = spec.clusterIPs ?? [];
  return eachOf('spec.clusterIPs', ips, (ip, field, at) => {
    if (at > 0 || ip !== headless) {
      return invalidBecause(field, ip, legacyIPErrors(ip, stored?.clusterIPs));
    }
    return ips.length > 1
      ? [invalid('spec.clusterIPs', ips, "'None' must be the first and only value")]
      : [];
  });
}

const validateFamiliesOf = (spec: ServiceSpec): FieldError[] =>
  eachOf('spec.clusterIPs', isHeadless(spec) ? [] : spec.clusterIPs, (ip, field, at) => {
    const wanted = spec.ipFamilies?.[at];
    if (wanted === undefined || ipFamilyOf(ip) === wanted) return [];
    const detail = `expected an ${wanted} value as indicated by \`ipFamilies[${String(at)}]\``;
    return [invalid(field, ip, detail)];
  });

/** Checks `clusterIP`, `clusterIPs`, `ipFamilies` and `ipFamilyPolicy` together. */
export function validateServiceAddresses(
  spec: ServiceSpec,
  stored: ServiceSpec | undefined,
): FieldError[] {
  const ips = spec.clusterIPs ?? [];
  const malformed = validateEach(spec, stored);
  const errors = [...validateFirst(spec), ...validateFamilies(spec), ...malformed];
  if (ips.length > 2) errors.push(invalid('spec.clusterIPs', ips, twoAtMost));
  if (malformed.length > 0) return errors;
  if (ips.length > 1 && new Set(ips.map((ip) => ipFamilyOf(ip))).size < 2) {
    const detail = 'may specify no more than one IP for each IP family';
    errors.push(invalid('spec.clusterIPs', ips, detail));
  }
  return [...errors, ...validateFamiliesOf(spec)];
}

const once = 'may not change once set';

/** How a list that once had values has changed: one by one where it is as long, and by its first value where it is not. */
function validateKept(
  next: readonly string[],
  last: readonly string[],
  field: string,
): FieldError[] {
  if (next.length === last.length) {
    return last.flatMap((value, at) =>
      value === next[at] ? [] : [invalid(index(field, at), next, once)],
    );
  }
  const hasChanged = next.length > 0 && last.length > 0 && next[0] !== last[0];
  return hasChanged ? [invalid(index(field, 0), next, once)] : [];
}

/** Whoever gives up the second of two values has to say that one is enough. */
function validateReleased(
  spec: ServiceSpec,
  { next, last }: { readonly next: readonly string[]; readonly last: readonly string[] },
  what: 'clusterIP' | 'ipFamily',
): FieldError[] {
  return next.length === 1 && last.length > 1 && spec.ipFamilyPolicy !== 'SingleStack'
    ? [
        invalid(
          'spec.ipFamilyPolicy',
          spec.ipFamilyPolicy,
          `must be set to 'SingleStack' when releasing the secondary ${what}`,
        ),
      ]
    : [];
}

/** Checks that a Service keeps its first address and family; a second one may come and go. */
export function validateServiceAddressesUpdate(
  spec: ServiceSpec,
  stored: ServiceSpec,
): FieldError[] {
  if (!needsClusterIP(spec) || !needsClusterIP(stored)) return [];
  const isNone = isHeadless(spec);
  if (isNone && isHeadless(stored)) return [];
  const ips = { next: spec.clusterIPs ?? [], last: stored.clusterIPs ?? [] };
  const isGone = ips.next.length === 0 && ips.last.length > 0;
  const errors = [
    ...(isGone
      ? [invalid('spec.clusterIPs[0]', ips.next, 'primary clusterIP can not be unset')]
      : validateKept(ips.next, ips.last, 'spec.clusterIPs')),
    ...validateReleased(spec, ips, 'clusterIP'),
  ];
  if (isNone !== isHeadless(stored)) return errors;
  const families = { next: spec.ipFamilies ?? [], last: stored.ipFamilies ?? [] };
  const isOpen = isGone && families.last.length > families.next.length;
  return [
    ...errors,
    ...(isOpen
      ? [invalid('spec.ipFamilies[0]', families.next, 'primary ipFamily can not be unset')]
      : []),
    ...validateKept(families.next, families.last, 'spec.ipFamilies'),
    ...validateReleased(spec, families, 'ipFamily'),
  ];
}
