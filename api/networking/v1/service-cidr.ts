import { fillZeroValues } from '../../schema/zero-values.js';
import { ageColumn, nameColumn } from '../../meta/columns.js';
import { defineResource } from '../../schema/resource.js';
import { parseCidr, strictCidrErrors } from '../../validation/addresses.js';
import type { FieldError } from '../../validation/field-error.js';
import { index, invalid, required } from '../../validation/field-error.js';
import { maxServiceRanges } from './limits.js';
import type { ServiceCIDR } from './types.js';
import { definition, list, ref, keyedBy } from '../../schema/schema.js';
import { condition } from '../../meta/v1/condition.js';
import { objectFields } from '../../meta/v1/object-meta.js';

export const serviceCIDRSpec = definition(
  'io.k8s.api.networking.v1.ServiceCIDRSpec',
  'The ranges of a ServiceCIDR.',
  {
    cidrs: list(1, 'string', 'One range, or one of IPv4 and one of IPv6; never change.', {
      listType: 'atomic',
    }),
  },
);

export const serviceCIDRStatus = definition(
  'io.k8s.api.networking.v1.ServiceCIDRStatus',
  'The state of a ServiceCIDR.',
  {
    conditions: list(1, condition, 'Whether the range is Ready to be used.', keyedBy('type')),
  },
);

export const serviceCIDR = definition(
  'io.k8s.api.networking.v1.ServiceCIDR',
  'A range from which Services get their addresses.',
  {
    ...objectFields,
    spec: ref(2, serviceCIDRSpec, 'What is wanted.'),
    status: ref(3, serviceCIDRStatus, 'What is the case; written by controllers.'),
  },
);

const field = 'spec.cidrs';
const fieldImmutable = 'field is immutable';

const rangesOf = ({ spec }: ServiceCIDR): readonly string[] => spec.cidrs ?? [];

function validateServiceCidr(object: ServiceCIDR): FieldError[] {
  const ranges = rangesOf(object);
  if (ranges.length === 0) return [required(field, 'at least one CIDR required')];
  if (ranges.length > maxServiceRanges) {
    return [invalid(field, object.spec, 'may only hold up to 2 values')];
  }
  const errors = ranges.flatMap((range, at) =>
    strictCidrErrors(range).map((detail) => invalid(index(field, at), range, detail)),
  );
  const [first, second] = ranges.map((range) => parseCidr(range)?.family);
  if (first !== undefined && first === second) {
    const detail =
      'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64';
    errors.push(invalid(field, ranges, detail));
  }
  return errors;
}

/** Ranges stay as they are; only a second family may be added. */
function validateRangesUpdate(object: ServiceCIDR, stored: ServiceCIDR): FieldError[] {
  const [ranges, before] = [rangesOf(object), rangesOf(stored)];
  const added = before.length === 1 && ranges.length === 2;
  if (ranges.length !== before.length && !added) return [invalid(field, ranges, fieldImmutable)];
  return before.flatMap((range, at) =>
    range === ranges[at] ? [] : [invalid(index(field, at), ranges[at], fieldImmutable)],
  );
}

/** ServiceCIDRs: where the addresses of Services come from. */
export const serviceCidrs = defineResource<ServiceCIDR>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'ServiceCIDR',
  plural: 'servicecidrs',
  scope: 'Cluster',
  schema: serviceCIDR,
  status: true,
  defaults: (draft) => {
    const partial = draft as Partial<ServiceCIDR>;
    partial.spec ??= {};
    fillZeroValues(serviceCIDR, draft);
    partial.status ??= {};
  },
  validate: validateServiceCidr,
  validateUpdate: validateRangesUpdate,
  strategy: {
    statusKeeps: 'metadata',
    prepareForCreate: (draft) => {
      draft.status = {};
    },
  },
  columns: [
    nameColumn,
    {
      name: 'CIDRs',
      type: 'string',
      description: 'The ranges addresses are taken from.',
      priority: 0,
      cell: (object) => rangesOf(object).join(','),
    },
    ageColumn,
  ],
});
