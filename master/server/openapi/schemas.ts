/** The JSON schemas of definitions, as OpenAPI 2 and 3 both have them; only where references point differs. */
import type { Definition, Field, Scalar, Schema } from '../../../api/schema/schema.js';
import { type ResourceDefinition } from '../../../api/schema/resource.js';
import { objectMeta } from '../../../api/meta/v1/object-meta.js';
import { listMeta } from '../../../api/meta/v1/list-meta.js';
import { definition as declare, list, ref, string } from '../../../api/schema/schema.js';
import { customSchema } from './custom-schemas.js';

export type JsonSchema = Readonly<Record<string, unknown>>;

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';

/** Scalars that are definitions of their own. */
const namedScalars: Partial<Readonly<Record<Scalar, string>>> = {
  time: `${meta}.Time`,
  microTime: `${meta}.MicroTime`,
  quantity: 'io.k8s.apimachinery.pkg.api.resource.Quantity',
  intOrString: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
  rawExtension: 'io.k8s.apimachinery.pkg.runtime.RawExtension',
  fieldsV1: `${meta}.FieldsV1`,
};

/** Definitions that are not objects with fields. */
export const scalarDefinitions: Readonly<Record<string, JsonSchema>> = {
  [`${meta}.Time`]: {
    type: 'string',
    format: 'date-time',
    description: 'A moment in RFC 3339, with seconds.',
  },
  [`${meta}.MicroTime`]: {
    type: 'string',
    format: 'date-time',
    description: 'A moment in RFC 3339, with microseconds.',
  },
  'io.k8s.apimachinery.pkg.api.resource.Quantity': {
    type: 'string',
    description: 'An exact number with an optional suffix: 100m, 1.5, 64Mi, 2G, 3e6.',
  },
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': {
    type: 'string',
    format: 'int-or-string',
    description: 'A number, or a string such as a port name or a percentage.',
  },
  'io.k8s.apimachinery.pkg.runtime.RawExtension': {
    type: 'object',
    description: 'Any object that has an apiVersion and a kind.',
  },
  [`${meta}.FieldsV1`]: {
    type: 'object',
    description: 'A set of fields, as a tree of their path elements.',
  },
  [`${meta}.Patch`]: {
    type: 'object',
    description: 'The body of a PATCH request, in the format its media type names.',
  },
};

/** The definition of the body of a PATCH. */
export const patchDefinition = `${meta}.Patch`;

const plainScalars: Partial<Readonly<Record<Scalar, JsonSchema>>> = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  double: { type: 'number', format: 'double' },
  bytes: { type: 'string', format: 'byte' },
  any: {},
  object: { type: 'object' },
};

/** Writes schemas whose references begin with `#/definitions/` or `#/components/schemas/`, and collects what they refer to. */
export class SchemaWriter {
  readonly found = new Map<string, Definition>();
  readonly scalars = new Set<string>();
  private readonly prefix: string;
  /** OpenAPI 3 forbids siblings of `$ref`; there it is wrapped in allOf. */
  private readonly wrapsReferences: boolean;

  constructor(options: { readonly prefix: string; readonly wrapsReferences: boolean }) {
    this.prefix = options.prefix;
    this.wrapsReferences = options.wrapsReferences;
  }

  reference(name: string): JsonSchema {
    return { $ref: `${this.prefix}${name}` };
  }

  referTo(target: Definition): JsonSchema {
    if (!this.found.has(target.name)) {
      this.found.set(target.name, target);
      // What it refers to must be in the document too.
      if (target.jsonSchema !== undefined) this.referTo(objectMeta);
      else for (const field of Object.values(target.fields)) this.schema(field.schema);
    }
    return this.reference(target.name);
  }

  schema(schema: Schema): JsonSchema {
    switch (schema.type) {
      case 'scalar': {
        const name = namedScalars[schema.scalar];
        if (name === undefined) return plainScalars[schema.scalar] ?? {};
        this.scalars.add(name);
        return this.reference(name);
      }
      case 'list':
        return { type: 'array', items: this.schema(schema.items) };
      case 'map':
        return { type: 'object', additionalProperties: this.schema(schema.values) };
      case 'ref':
        return this.referTo(schema.target());
    }
  }

  private field(field: Field): JsonSchema {
    const written = this.schema(field.schema);
    const isReference = '$ref' in written;
    return {
      description: field.description,
      ...(isReference && this.wrapsReferences ? { allOf: [written] } : written),
      ...(field.enum === undefined ? {} : { enum: field.enum }),
      ...(field.default === undefined ? {} : { default: field.default }),
      ...(field.listType === undefined ? {} : { 'x-kubernetes-list-type': field.listType }),
      ...(field.listMapKeys === undefined
        ? {}
        : { 'x-kubernetes-list-map-keys': field.listMapKeys }),
      ...(field.mapType === undefined ? {} : { 'x-kubernetes-map-type': field.mapType }),
      ...(field.patchStrategy === undefined
        ? {}
        : { 'x-kubernetes-patch-strategy': field.patchStrategy }),
      ...(field.patchMergeKey === undefined
        ? {}
        : { 'x-kubernetes-patch-merge-key': field.patchMergeKey }),
    };
  }

  /** The schema of one definition, with the group-version-kinds it stands for. */
  definition(definition: Definition, kinds: readonly object[]): JsonSchema {
    const required = Object.entries(definition.fields)
      .filter(([, field]) => field.required === true)
      .map(([name]) => name);
    if (definition.jsonSchema !== undefined) {
      const description =
        "Standard object's metadata: name, namespace, labels and what else every object has.";
      return customSchema(definition.jsonSchema, {
        version: this.wrapsReferences ? 3 : 2,
        metadata: this.wrapsReferences
          ? { description, allOf: [this.referTo(objectMeta)] }
          : { description, ...this.referTo(objectMeta) },
        kinds,
      });
    }
    if (definition.freeform === true) return { description: definition.description };
    const properties = Object.fromEntries(
      Object.entries(definition.fields).map(([name, field]) => [name, this.field(field)]),
    );
    return {
      type: 'object',
      description: definition.description,
      ...(required.length === 0 ? {} : { required }),
      ...(Object.keys(properties).length === 0 ? {} : { properties }),
      ...(definition.mapType === undefined ? {} : { 'x-kubernetes-map-type': definition.mapType }),
      ...(kinds.length === 0 ? {} : { 'x-kubernetes-group-version-kind': kinds }),
    };
  }
}

/** The definition of a kind's list. */
export const listDefinition = (resource: ResourceDefinition): Definition =>
  declare(`${resource.schema.name}List`, `A list of ${resource.kind}.`, {
    apiVersion: string(undefined, 'The group and version of the list.'),
    items: list(2, resource.schema, `The ${resource.plural}.`, { required: true }),
    kind: string(undefined, `Always ${resource.listKind}.`),
    metadata: ref(1, listMeta, 'The version of the list, and the token of its next page.'),
  });
