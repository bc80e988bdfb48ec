/** Checks of LimitRanges as Kubernetes makes them, with its texts. */
import { canonicalQuantity, compareQuantities, quantityAsNumber } from '../../quantity.js';
import type { FieldError } from '../../validation/field-error.js';
import {
  child,
  duplicate,
  forbidden,
  invalid,
  key,
  required,
  invalidBecause,
} from '../../validation/field-error.js';
import { qualifiedNameErrors } from '../../validation/names.js';
import {
  containerResourceNameErrors,
  isOvercommittable,
  resourceNameErrors,
} from './pod/validate-resources.js';
import { eachOf } from './pod/validate-values.js';
import type { LimitRange, LimitRangeItem } from './types.js';

const types = ['Pod', 'Container', 'PersistentVolumeClaim'];

function validateType(type: string, field: string): FieldError[] {
  const malformed = qualifiedNameErrors(type);
  if (malformed.length > 0) return invalidBecause(field, type, malformed);
  return type.includes('/') || types.includes(type)
    ? []
    : [invalid(field, type, 'must be a standard limit type or fully qualified')];
}

/** Names of the maps in an item, in the order Kubernetes checks them. */
const parts = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const;

type Part = (typeof parts)[number];

/** What two of a resource's amounts have to be to each other: the first may not exceed the second. */
interface Order {
  readonly less: Part;
  readonly more: Part;
  /** Whose field the error is at, and whose value it shows where that is another. */
  readonly at: Part;
  readonly shows?: Part;
  readonly texts: readonly [string, string];
}

const orders: readonly Order[] = [
  { less: 'min', more: 'max', at: 'min', texts: ['min value', 'max value'] },
  {
    less: 'min',
    more: 'defaultRequest',
    at: 'defaultRequest',
    texts: ['min value', 'default request value'],
  },
  {
    less: 'defaultRequest',
    more: 'max',
    at: 'defaultRequest',
    texts: ['default request value', 'max value'],
  },
  {
    less: 'defaultRequest',
    more: 'default',
    at: 'defaultRequest',
    texts: ['default request value', 'default limit value'],
  },
  {
    less: 'min',
    more: 'default',
    at: 'default',
    shows: 'min',
    texts: ['min value', 'default value'],
  },
  {
    less: 'default',
    more: 'max',
    at: 'default',
    shows: 'max',
    texts: ['default value', 'max value'],
  },
];

function validateRatio(item: LimitRangeItem, name: string, field: string): FieldError[] {
  const ratio = item.maxLimitRequestRatio?.[name];
  if (ratio === undefined) return [];
  const path = key(child(field, 'maxLimitRequestRatio'), name);
  const text = canonicalQuantity(ratio);
  if (compareQuantities(ratio, '1') < 0) {
    return [invalid(path, ratio, `ratio ${text} is less than 1`)];
  }
  const [min, max] = [item.min?.[name], item.max?.[name]];
  if (min === undefined || max === undefined) return [];
  const most = quantityAsNumber(max) / quantityAsNumber(min);
  return quantityAsNumber(ratio) > most
    ? [invalid(path, ratio, `ratio ${text} is greater than max/min = ${most.toFixed(6)}`)]
    : [];
}

function validateAmounts(item: LimitRangeItem, name: string, field: string): FieldError[] {
  const errors = orders.flatMap(({ less, more, at, shows = at, texts }) => {
    const [low, high] = [item[less]?.[name], item[more]?.[name]];
    if (low === undefined || high === undefined || compareQuantities(low, high) <= 0) return [];
    const detail = `${texts[0]} ${canonicalQuantity(low)} is greater than ${texts[1]} ${canonicalQuantity(high)}`;
    return [invalid(key(child(field, at), name), item[shows]?.[name], detail)];
  });
  errors.push(...validateRatio(item, name, field));
  const [limit, request] = [item.default?.[name], item.defaultRequest?.[name]];
  if (isOvercommittable(name) || limit === undefined || request === undefined) return errors;
  if (compareQuantities(limit, request) === 0) return errors;
  const detail = `default value ${canonicalQuantity(limit)} must equal to defaultRequest value ${canonicalQuantity(request)} in ${name}`;
  return [...errors, invalid(key(child(field, 'defaultRequest'), name), request, detail)];
}

function validateItem(item: LimitRangeItem, field: string): FieldError[] {
  const type: string = item.type;
  const nameErrors =
    type === 'Pod' || type === 'Container' ? containerResourceNameErrors : resourceNameErrors;
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const part of parts) {
    const path = child(field, part);
    const given = Object.keys(item[part] ?? {});
    if (type === 'Pod' && (part === 'default' || part === 'defaultRequest')) {
      if (given.length === 0) continue;
      errors.push(forbidden(path, "may not be specified when `type` is 'Pod'"));
      continue;
    }
    for (const name of given) {
      errors.push(...nameErrors(name, key(path, name)));
      names.add(name);
    }
  }
  if (type === 'PersistentVolumeClaim') {
    if (item.min?.storage === undefined && item.max?.storage === undefined) {
      const detail =
        'either minimum or maximum storage value is required, but neither was provided';
      errors.push(required(child(field, 'limits'), detail));
    }
  }
  return [...errors, ...[...names].flatMap((name) => validateAmounts(item, name, field))];
}

/** Checks a LimitRange; its metadata is checked by the registry. */
export function validateLimitRange({ spec }: LimitRange): readonly FieldError[] {
  const seen = new Set<string>();
  return eachOf('spec.limits', spec.limits, (item, field) => {
    const path = child(field, 'type');
    const errors = validateType(item.type, path);
    if (seen.has(item.type)) errors.push(duplicate(path, item.type));
    seen.add(item.type);
    return [...errors, ...validateItem(item, field)];
  });
}
