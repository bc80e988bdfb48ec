/** LimitRanges: the kind and its resource, `limitranges`. */
import { normalizeAmounts } from './amounts.js';
import { createdAtColumn, nameColumn } from '../../meta/columns.js';
import { defineResource } from '../../schema/resource.js';
import { fillZeroValues } from '../../schema/zero-values.js';
import { validateLimitRange } from './limit-range-validation.js';
import type { LimitRange, LimitRangeItem } from './types.js';
import { definition, list, map, ref, string } from '../../schema/schema.js';
import { objectFields } from '../../meta/v1/object-meta.js';

export const limitRangeItem = definition(
  'io.k8s.api.core.v1.LimitRangeItem',
  'Bounds for one type of thing.',
  {
    default: map(4, 'quantity', 'Limits that containers get which name none.'),
    defaultRequest: map(5, 'quantity', 'Requests that containers get which name none.'),
    max: map(2, 'quantity', 'Most of each resource.'),
    maxLimitRequestRatio: map(
      6,
      'quantity',
      'Most by which a limit may exceed its request, as a factor.',
    ),
    min: map(3, 'quantity', 'Least of each resource.'),
    type: string(1, 'What is bounded: pods, containers or claims.', {
      required: true,
      enum: ['Pod', 'Container', 'PersistentVolumeClaim'],
    }),
  },
);

export const limitRangeSpec = definition(
  'io.k8s.api.core.v1.LimitRangeSpec',
  'What is wanted of a LimitRange.',
  {
    limits: list(1, limitRangeItem, 'The bounds.', {
      required: true,
      listType: 'atomic',
      nullWhenUnset: true,
    }),
  },
);

export const limitRange = definition(
  'io.k8s.api.core.v1.LimitRange',
  'Bounds what each pod, container or claim of a namespace may use.',
  {
    ...objectFields,
    spec: ref(2, limitRangeSpec, 'What is wanted.'),
  },
);

/** Containers get their limits from the maximum, and their requests from the limits or the minimum. */
function defaultItem(item: LimitRangeItem): void {
  const { max, min, maxLimitRequestRatio: ratio } = item;
  normalizeAmounts(max, min, item.default, item.defaultRequest, ratio);
  if (item.type !== 'Container') return;
  const limits = { ...item.max, ...item.default };
  const requests = { ...item.min, ...limits, ...item.defaultRequest };
  if (Object.keys(limits).length > 0) item.default = limits;
  if (Object.keys(requests).length > 0) item.defaultRequest = requests;
}

export const limitRanges = defineResource<LimitRange>({
  group: '',
  version: 'v1',
  kind: 'LimitRange',
  plural: 'limitranges',
  scope: 'Namespaced',
  shortNames: ['limits'],
  schema: limitRange,
  defaults: (draft) => {
    (draft as Partial<LimitRange>).spec ??= { limits: [] };
    fillZeroValues(limitRange, draft);
    draft.spec.limits.forEach(defaultItem);
  },
  validate: validateLimitRange,
  strategy: { allowCreateOnUpdate: true },
  columns: [nameColumn, createdAtColumn],
});
