/** Checks that Workloads and PodGroups share, with Kubernetes' texts. */
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
import { validateLabelName } from '../../validation/labels.js';
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../../validation/names.js';
import { maxGroupClaims, maxTopologyConstraints } from './limits.js';
import { disruptionModes } from './pod-group-parts.js';
import type {
  PodGroupResourceClaim,
  PodGroupSchedulingConstraints,
  PodGroupSchedulingPolicy,
  PodGroupTemplate,
} from './types.js';

/** Checks a DNS label that has to be there. */
export const validateShortName = (name: string, field: string): FieldError[] =>
  name === '' ? [required(field)] : invalidBecause(field, name, dns1123LabelErrors(name));

function validatePolicy(policy: PodGroupSchedulingPolicy, field: string): FieldError[] {
  const { basic, gang } = policy;
  if (basic === undefined && gang === undefined) {
    return [invalid(field, '', 'must specify one of: `basic`, `gang`')];
  }
  if (basic !== undefined && gang !== undefined) {
    const detail = 'exactly one of `basic`, `gang` is required, but multiple fields are set';
    return [invalid(field, '{`basic`, `gang`}', detail)];
  }
  if (gang === undefined) return [];
  const path = child(field, 'gang', 'minCount');
  if (gang.minCount === 0) return [required(path)];
  return gang.minCount < 0 ? [invalid(path, gang.minCount, 'must be greater than zero')] : [];
}

function validateConstraints(
  { topology = [] }: PodGroupSchedulingConstraints,
  field: string,
): FieldError[] {
  const path = child(field, 'topology');
  if (topology.length > maxTopologyConstraints) {
    return [tooMany(path, topology.length, maxTopologyConstraints)];
  }
  return topology.flatMap(({ key }, at) => {
    const path_ = child(index(path, at), 'key');
    return key === '' ? [required(path_)] : validateLabelName(key, path_);
  });
}

function validateClaim(claim: PodGroupResourceClaim, field: string): FieldError[] {
  const { name, resourceClaimName, resourceClaimTemplateName } = claim;
  const sources = [
    ['resourceClaimName', resourceClaimName],
    ['resourceClaimTemplateName', resourceClaimTemplateName],
  ] as const;
  const given = sources.filter(([, value]) => value !== undefined);
  const errors = validateShortName(name, child(field, 'name'));
  if (given.length === 0) {
    const detail = 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`';
    errors.push(invalid(field, '', detail));
  } else if (given.length > 1) {
    const detail =
      'exactly one of `resourceClaimName`, `resourceClaimTemplateName` is required, but multiple fields are set';
    errors.push(invalid(field, '{`resourceClaimName`, `resourceClaimTemplateName`}', detail));
  }
  for (const [source, value = ''] of given) {
    errors.push(...invalidBecause(child(field, source), value, dns1123SubdomainErrors(value)));
  }
  return errors;
}

function validateClaims(claims: readonly PodGroupResourceClaim[], field: string): FieldError[] {
  if (claims.length > maxGroupClaims) return [tooMany(field, claims.length, maxGroupClaims)];
  const names = claims.map(({ name }) => name);
  return claims.flatMap((claim, at) => {
    const path = index(field, at);
    const repeated = names.indexOf(claim.name) === at ? [] : [duplicate(path, claim.name)];
    return [...repeated, ...validateClaim(claim, path)];
  });
}

/** Checks what a template and a group have in common; `field` is where it stands. */
export function validateGroup(group: Omit<PodGroupTemplate, 'name'>, field: string): FieldError[] {
  const { schedulingPolicy, schedulingConstraints, resourceClaims = [] } = group;
  const mode: string | undefined = group.disruptionMode;
  const { priorityClassName = '' } = group;
  const className = child(field, 'priorityClassName');
  return [
    ...validatePolicy(schedulingPolicy, child(field, 'schedulingPolicy')),
    ...(schedulingConstraints === undefined
      ? []
      : validateConstraints(schedulingConstraints, child(field, 'schedulingConstraints'))),
    ...validateClaims(resourceClaims, child(field, 'resourceClaims')),
    ...(mode === undefined || disruptionModes.some((known) => known === mode)
      ? []
      : [notSupported(child(field, 'disruptionMode'), mode, disruptionModes)]),
    ...(priorityClassName === ''
      ? []
      : invalidBecause(className, priorityClassName, dns1123SubdomainErrors(priorityClassName))),
  ];
}
