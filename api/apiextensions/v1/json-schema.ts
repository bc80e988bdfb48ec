/** Schemas of custom resources: the types of `openAPIV3Schema`. */
import type { Definition } from '../../schema/schema.js';
import {
  boolean,
  definition,
  double,
  inline,
  int64,
  list,
  map,
  ref,
  string,
  keyedBy,
} from '../../schema/schema.js';

export const json = definition(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON',
  'Any JSON value.',
  {},
  { freeform: true },
);

export const jsonSchemaPropsOrArray: Definition = definition(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrArray',
  'One schema, or a list of them.',
  {},
  { freeform: true, objectsAre: (): Definition => jsonSchemaProps },
);

export const jsonSchemaPropsOrBool: Definition = definition(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool',
  'A schema, or whether anything at all is allowed.',
  {},
  { freeform: true, objectsAre: (): Definition => jsonSchemaProps },
);

export const jsonSchemaPropsOrStringArray: Definition = definition(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray',
  'A schema, or a list of names of properties.',
  {},
  { freeform: true, objectsAre: (): Definition => jsonSchemaProps },
);

export const externalDocumentation = definition(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.ExternalDocumentation',
  'Points to a text elsewhere.',
  {
    description: string(inline, 'What is found there.'),
    url: string(inline, 'Where it is.'),
  },
);

export const validationRule = definition(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.ValidationRule',
  'A rule in CEL that values must satisfy.',
  {
    fieldPath: string(
      inline,
      'Path of the field, below the one the rule is attached to, that a failure is reported for.',
    ),
    message: string(inline, 'What users read when the rule fails.'),
    messageExpression: string(
      inline,
      'A CEL expression that gives what users read when the rule fails; it goes before message.',
    ),
    optionalOldSelf: boolean(
      inline,
      'Whether the rule is also evaluated where there is no old value; oldSelf is an optional then.',
    ),
    reason: string(inline, 'The machine-readable reason reported when the rule fails.', {
      enum: [
        'FieldValueRequired',
        'FieldValueDuplicate',
        'FieldValueInvalid',
        'FieldValueForbidden',
      ],
    }),
    rule: string(
      inline,
      'The CEL expression; it sees the value as self and, on updates, the old one as oldSelf.',
      { required: true },
    ),
  },
);

export const jsonSchemaProps: Definition = definition(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps',
  'A schema of JSON values, after OpenAPI v3 with extensions of its own.',
  {
    $ref: string(inline, 'Refers to another schema; not supported.'),
    $schema: string(inline, 'Names the dialect of the schema.'),
    additionalItems: ref(
      inline,
      jsonSchemaPropsOrBool,
      'Schema of the elements that follow those listed in items.',
    ),
    additionalProperties: ref(inline, jsonSchemaPropsOrBool, 'Schema of all properties of a map.'),
    allOf: list(inline, (): Definition => jsonSchemaProps, 'All of these must hold too.', {
      listType: 'atomic',
    }),
    anyOf: list(inline, (): Definition => jsonSchemaProps, 'At least one of these must hold too.', {
      listType: 'atomic',
    }),
    default: ref(inline, json, 'What an absent value is filled in with.'),
    definitions: map(
      inline,
      (): Definition => jsonSchemaProps,
      'Schemas to refer to; not supported.',
    ),
    dependencies: map(
      inline,
      jsonSchemaPropsOrStringArray,
      'What the presence of a property asks for; not supported.',
    ),
    description: string(inline, 'Text for people that says what the value is.'),
    enum: list(inline, json, 'The values allowed.', { listType: 'atomic' }),
    example: ref(inline, json, 'A value as it may look.'),
    exclusiveMaximum: boolean(inline, 'Whether the maximum itself is not allowed.'),
    exclusiveMinimum: boolean(inline, 'Whether the minimum itself is not allowed.'),
    externalDocs: ref(inline, externalDocumentation, 'Where more is written about the value.'),
    format: string(inline, 'How a text or number is written; known formats are checked.'),
    id: string(inline, 'Identifier of the schema; not supported.'),
    items: ref(inline, jsonSchemaPropsOrArray, 'Schema of the elements of a list.'),
    maxItems: int64(inline, 'Most elements of a list.'),
    maxLength: int64(inline, 'Most characters of a text.'),
    maxProperties: int64(inline, 'Most properties of an object.'),
    maximum: double(inline, 'The largest number.'),
    minItems: int64(inline, 'Fewest elements of a list.'),
    minLength: int64(inline, 'Fewest characters of a text.'),
    minProperties: int64(inline, 'Fewest properties of an object.'),
    minimum: double(inline, 'The smallest number.'),
    multipleOf: double(inline, 'The number must be a multiple of this.'),
    not: ref(inline, (): Definition => jsonSchemaProps, 'Must not hold.'),
    nullable: boolean(inline, 'Whether null is allowed.'),
    oneOf: list(inline, (): Definition => jsonSchemaProps, 'Exactly one of these must hold too.', {
      listType: 'atomic',
    }),
    pattern: string(inline, 'Regular expression that a text must match.'),
    patternProperties: map(
      inline,
      (): Definition => jsonSchemaProps,
      'Schemas by patterns of names; not supported.',
    ),
    properties: map(
      inline,
      (): Definition => jsonSchemaProps,
      'Schemas of the properties by name.',
    ),
    required: list(inline, 'string', 'Properties that must be present.', { listType: 'atomic' }),
    title: string(inline, 'A short name for people.'),
    type: string(inline, 'Type of the value: object, array, string, integer, number or boolean.'),
    uniqueItems: boolean(
      inline,
      'Whether elements of a list must differ; use a list type instead.',
    ),
    'x-kubernetes-embedded-resource': boolean(
      inline,
      'The value is an object with apiVersion, kind and metadata of its own.',
    ),
    'x-kubernetes-int-or-string': boolean(inline, 'The value is a whole number or a text.'),
    'x-kubernetes-list-map-keys': list(
      inline,
      'string',
      'Fields that tell the elements of a list of type map apart.',
      { listType: 'atomic' },
    ),
    'x-kubernetes-list-type': string(inline, 'How a list is merged: atomic, set or map.'),
    'x-kubernetes-map-type': string(inline, 'How a map is merged: granular or atomic.'),
    'x-kubernetes-preserve-unknown-fields': boolean(
      inline,
      'Keeps fields the schema does not name instead of pruning them.',
    ),
    'x-kubernetes-validations': list(
      inline,
      validationRule,
      'Rules in CEL that the value must satisfy.',
      keyedBy('rule'),
    ),
  },
);
