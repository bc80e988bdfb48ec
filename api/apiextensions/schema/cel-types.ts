/** The CEL type of a structural schema: what rules may say about a value. */
import {
  boolType,
  bytesType,
  doubleType,
  durationType,
  dynType,
  intType,
  mapType,
  objectType,
  stringType,
  timestampType,
} from '../../cel/types.js';
import type { CelType, ListType, SimpleType } from '../../cel/types.js';
import { itemsOf, valuesOf } from './json-schema.js';
import type { JsonSchema } from './json-schema.js';
import { maxItemsOf, maxLengthOf, maxPropertiesOf, maxTextLength } from './sizes.js';
import { escapeName, unescapeName } from './property-names.js';

const text: CelType = { ...stringType, maxSize: maxTextLength };

const embeddedMetadata = objectType('metadata', { name: text, generateName: text });

const textTypes: ReadonlyMap<string, SimpleType> = new Map<string, SimpleType>(
  Object.entries({
    byte: bytesType,
    duration: durationType,
    date: timestampType,
    'date-time': timestampType,
    datetime: timestampType,
  }),
);

/** Kubernetes counts nothing for the keys of maps. */
const keyType: CelType = { ...stringType, maxSize: 0 };

function listTypeOf(schema: JsonSchema, name: string): CelType | undefined {
  const items = itemsOf(schema);
  const element = items === undefined ? undefined : celTypeOf(items, `${name}.@idx`);
  if (element === undefined) return undefined;
  const list: ListType = { kind: 'list', element, maxSize: maxItemsOf(schema) };
  switch (schema['x-kubernetes-list-type']) {
    case 'set':
      return { ...list, semantics: { type: 'set' } };
    case 'map': {
      const keys = schema['x-kubernetes-list-map-keys'] ?? [];
      return { ...list, semantics: { type: 'map', keys } };
    }
    default:
      return list;
  }
}

function objectTypeOf(schema: JsonSchema, name: string, isResource: boolean): CelType | undefined {
  const values = valuesOf(schema);
  if (values !== undefined) {
    const value = celTypeOf(values, `${name}.@elem`);
    if (value === undefined) return undefined;
    return { ...mapType(keyType, value), maxSize: maxPropertiesOf(schema) };
  }
  const fields = new Map<string, CelType>();
  if (isResource) {
    fields.set('apiVersion', text);
    fields.set('kind', text);
    fields.set('metadata', embeddedMetadata);
  }
  for (const [property, part] of Object.entries(schema.properties ?? {})) {
    const identifier = escapeName(property);
    const type = celTypeOf(part, `${name}.${property}`);
    if (identifier === undefined || type === undefined) continue;
    if (isResource && fields.has(identifier)) continue;
    fields.set(identifier, type);
  }
  return { kind: 'object', name, field: (field) => fields.get(field), jsonName: unescapeName };
}

/** Undefined for what rules cannot see, such as fields without a type. */
export function celTypeOf(schema: JsonSchema, name: string, isRoot = false): CelType | undefined {
  if (schema['x-kubernetes-int-or-string'] === true) return { ...dynType, maxSize: maxTextLength };
  const isResource = isRoot || schema['x-kubernetes-embedded-resource'] === true;
  switch (schema.type) {
    case 'object':
      return objectTypeOf(schema, name, isResource);
    case 'array':
      return listTypeOf(schema, name);
    case 'string':
      return {
        ...(textTypes.get(schema.format ?? '') ?? stringType),
        maxSize: maxLengthOf(schema),
      };
    case 'boolean':
      return boolType;
    case 'integer':
      return intType;
    case 'number':
      return doubleType;
    default:
      return isResource ? objectTypeOf(schema, name, true) : undefined;
  }
}
