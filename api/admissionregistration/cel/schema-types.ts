/** The CEL types of declared kinds, so that expressions over them can be checked before any request. Pure. */
import type { Definition, Scalar, Schema } from '../../schema/schema.js';
import {
  boolType,
  bytesType,
  doubleType,
  dynType,
  intType,
  listType,
  mapType,
  stringType,
  timestampType,
} from '../../cel/types.js';
import type { CelType, ObjectType } from '../../cel/types.js';

const scalars: Readonly<Record<Scalar, CelType>> = {
  string: stringType,
  boolean: boolType,
  int32: intType,
  int64: intType,
  double: doubleType,
  bytes: bytesType,
  any: dynType,
  object: dynType,
  time: timestampType,
  microTime: timestampType,
  quantity: dynType,
  intOrString: dynType,
  rawExtension: dynType,
  fieldsV1: dynType,
};

const known = new WeakMap<Definition, ObjectType>();

function typeOfSchema(schema: Schema): CelType {
  switch (schema.type) {
    case 'scalar':
      return scalars[schema.scalar];
    case 'list':
      return listType(typeOfSchema(schema.items));
    case 'map':
      return mapType(stringType, typeOfSchema(schema.values));
    case 'ref':
      return typeOfDefinition(schema.target());
  }
}

/** Fields are looked at when they are first needed: types may hold themselves. */
export function typeOfDefinition(definition: Definition): ObjectType {
  let type = known.get(definition);
  if (type === undefined) {
    const fields = new Map<string, CelType | undefined>();
    type = {
      kind: 'object',
      name: definition.name,
      field: (name) => {
        if (!fields.has(name)) {
          const field = definition.fields[name];
          fields.set(name, field === undefined ? undefined : typeOfSchema(field.schema));
        }
        return fields.get(name);
      },
    };
    known.set(definition, type);
  }
  return type;
}
