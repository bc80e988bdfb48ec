/**
 * The IP families of a Service's addresses: what is filled in, and what a cluster with addresses of one family cannot give.
 * Called by the strategy of Services and, before addresses are taken, by the registry.
 */
import { ipFamilyOf } from '../../validation/addresses.js';
import { index, invalid } from '../../validation/field-error.js';
import type { FieldError } from '../../validation/field-error.js';
import { jsonEqual } from '../../patch/json-value.js';
import { validateServiceAddresses } from './service-address-validation.js';
import { headless, isHeadless, needsClusterIP } from './service-facts.js';
import type { ServiceSpec } from './types.js';

type Family = NonNullable<ServiceSpec['ipFamilies']>[number];

/** The family of the cluster's addresses, and the one that only endpoints of others' making can have. */
const clusterFamily: Family = 'IPv4';
const otherFamilyOf = (family: Family | undefined): Family => (family === 'IPv4' ? 'IPv6' : 'IPv4');

/** Nobody but the author of such a Service makes its endpoints, so they may be of any family. */
const isFree = (spec: ServiceSpec): boolean =>
  isHeadless(spec) && Object.keys(spec.selector ?? {}).length === 0;

/** Addresses of a family that the Service does not name and the cluster has none of. */
const strayAddresses = ({ clusterIPs = [], ipFamilies = [] }: ServiceSpec) =>
  clusterIPs.flatMap((ip, at) => {
    const family = ipFamilyOf(ip);
    const isKnown = ip === headless || at < ipFamilies.length || family === clusterFamily;
    return isKnown ? [] : [{ at, family }];
  });

/** Who asks for one family and leaves the rest as it was gives up the second. */
function giveUpSecond(spec: ServiceSpec, stored: ServiceSpec): void {
  const { clusterIPs, ipFamilies } = spec;
  const isSame = (values: readonly string[] | undefined, before: readonly string[] | undefined) =>
    jsonEqual(values ?? [], before ?? []);
  if (isSame(clusterIPs, stored.clusterIPs)) spec.clusterIPs = clusterIPs?.slice(0, 1);
  if (isSame(ipFamilies, stored.ipFamilies)) spec.ipFamilies = ipFamilies?.slice(0, 1);
}

/** Whether a Service has fewer families than before without saying that one is enough. */
const isReduced = (
  { ipFamilies = [], ipFamilyPolicy }: ServiceSpec,
  stored: ServiceSpec | undefined,
): boolean =>
  ipFamilyPolicy !== 'SingleStack' &&
  ipFamilies.length > 0 &&
  ipFamilies.length < (stored?.ipFamilies ?? []).length;

/** Fills in the policy and the families of a Service. On updates `stored` is what it replaces. */
export function fillFamilies(spec: ServiceSpec, stored?: ServiceSpec): void {
  if (!needsClusterIP(spec)) return;
  const usual = isFree(spec) ? 'RequireDualStack' : 'SingleStack';
  const policy = (spec.ipFamilyPolicy ??= stored?.ipFamilyPolicy ?? usual);
  if (stored !== undefined && policy === 'SingleStack') giveUpSecond(spec, stored);
  // What is going to be refused is not made worse before.
  if (isReduced(spec, stored) || strayAddresses(spec).length > 0) return;
  const families = [...(spec.ipFamilies ?? [])];
  if (families.length === 0) families.push(clusterFamily);
  if (isFree(spec) && families.length < 2 && policy !== 'SingleStack') {
    families.push(otherFamilyOf(families[0]));
  }
  spec.ipFamilies = families;
}

/** What a Service asks for that cannot be, before any address is taken for it. */
export function familyErrors(spec: ServiceSpec, stored?: ServiceSpec): readonly FieldError[] {
  if (!needsClusterIP(spec)) return [];
  const early = validateServiceAddresses(spec, stored);
  if (early.length > 0) return early;
  const errors = [
    ...(isReduced(spec, stored)
      ? [
          invalid(
            'spec.ipFamilyPolicy',
            spec.ipFamilyPolicy,
            "must be 'SingleStack' to release the secondary IP family",
          ),
        ]
      : []),
    ...strayAddresses(spec).map(({ at, family = '' }) =>
      invalid(
        index('spec.clusterIPs', at),
        spec.clusterIPs,
        `${family} is not configured on this cluster`,
      ),
    ),
  ];
  return errors.length > 0 || isFree(spec) ? errors : unavailableErrors(spec);
}

function unavailableErrors({ ipFamilies = [], ipFamilyPolicy }: ServiceSpec): FieldError[] {
  const why = 'this cluster is not configured for dual-stack services';
  return [
    ...(ipFamilyPolicy === 'RequireDualStack'
      ? [invalid('spec.ipFamilyPolicy', ipFamilyPolicy, why)]
      : []),
    ...ipFamilies.flatMap((family, at) =>
      family === clusterFamily
        ? []
        : [invalid(index('spec.ipFamilies', at), family, 'not configured on this cluster')],
    ),
  ];
}
