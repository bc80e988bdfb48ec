/** Embedded resources are objects of their own: they have an apiVersion, a kind and metadata that could be stored. */
import type { ObjectMeta } from '../../meta/v1/types.js';
import { child, index, invalid, key, required } from '../../validation/field-error.js';
import type { FieldError } from '../../validation/field-error.js';
import { dns1035LabelErrors } from '../../validation/names.js';
import { validateObjectMeta } from '../../validation/object-meta.js';
import { isJsonObject, itemsOf, propertyOf, valuesOf, saidAnywhere } from './json-schema.js';
import type { JsonObject, JsonSchema } from './json-schema.js';

const embeds = saidAnywhere((schema) => schema['x-kubernetes-embedded-resource'] === true);

function apiVersionErrors(value: unknown, field: string): FieldError[] {
  if (value === undefined || value === '') return [required(field)];
  if (typeof value !== 'string') return [invalid(field, value, 'must be a string')];
  return value.split('/').length > 2
    ? [invalid(field, value, `unexpected GroupVersion string: ${value}`)]
    : [];
}

function kindErrors(value: unknown, field: string): FieldError[] {
  if (value === undefined || value === '') return [required(field)];
  if (typeof value !== 'string') return [invalid(field, value, 'must be a string')];
  const wrong = dns1035LabelErrors(value.toLowerCase());
  const why = `may have mixed case, but should otherwise match: ${wrong.join(',')}`;
  return wrong.length === 0 ? [] : [invalid(field, value, why)];
}

const isText = (value: unknown): boolean => typeof value === 'string';
const isTextMap = (value: unknown): boolean =>
  isJsonObject(value) && Object.values(value).every((one) => isText(one) || one === null);
const isTextList = (value: unknown): boolean => Array.isArray(value) && value.every(isText);
const isObjectList = (value: unknown): boolean => Array.isArray(value) && value.every(isJsonObject);
const isNumber = (value: unknown): boolean => typeof value === 'number';

/** What the fields of metadata must be for anything more to be asked of them. */
const metadataTypes: Readonly<Record<string, (value: unknown) => boolean>> = {
  name: isText,
  generateName: isText,
  namespace: isText,
  selfLink: isText,
  uid: isText,
  resourceVersion: isText,
  generation: isNumber,
  creationTimestamp: isText,
  deletionTimestamp: isText,
  deletionGracePeriodSeconds: isNumber,
  labels: isTextMap,
  annotations: isTextMap,
  finalizers: isTextList,
  ownerReferences: isObjectList,
  managedFields: isObjectList,
};

function metadataErrors(metadata: unknown, field: string): FieldError[] {
  if (metadata === undefined || metadata === null) return [];
  if (!isJsonObject(metadata)) return [invalid(field, metadata, 'must be an object')];
  for (const [name, value] of Object.entries(metadata)) {
    const fits = metadataTypes[name];
    if (fits === undefined || value === null || fits(value)) continue;
    return [invalid(field, metadata, `${name} is of the wrong type`)];
  }
  const meta = metadata as unknown as ObjectMeta;
  // A template need not have a name yet.
  const named = meta.name === '' || !isText(meta.name) ? { ...meta, name: 'unnamed' } : meta;
  return validateObjectMeta(named, {
    scope: (meta.namespace ?? '') === '' ? 'Cluster' : 'Namespaced',
    nameFormat: 'pathSegment',
    field,
    anyFinalizers: true,
  });
}

/** What is wrong with a resource's apiVersion, kind and metadata. */
const resourceErrors = (value: JsonObject, path: string): FieldError[] => [
  ...apiVersionErrors(value.apiVersion, child(path, 'apiVersion')),
  ...kindErrors(value.kind, child(path, 'kind')),
  ...metadataErrors(value.metadata, child(path, 'metadata')),
];

/** What is wrong with the embedded resources below a value, and with itself where it is one. */
export function embeddedErrors(value: unknown, schema: JsonSchema, path: string): FieldError[] {
  if (!embeds(schema)) return [];
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    return items === undefined
      ? []
      : value.flatMap((element, position) => embeddedErrors(element, items, index(path, position)));
  }
  if (!isJsonObject(value)) return [];
  const errors =
    schema['x-kubernetes-embedded-resource'] === true ? resourceErrors(value, path) : [];
  const values = valuesOf(schema);
  for (const [name, content] of Object.entries(value)) {
    const property = propertyOf(schema, name);
    if (property !== undefined)
      errors.push(...embeddedErrors(content, property, child(path, name)));
    else if (values !== undefined) errors.push(...embeddedErrors(content, values, key(path, name)));
  }
  return errors;
}
