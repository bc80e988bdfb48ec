/**
 * A version of a CustomResourceDefinition as a resource like any built-in one: routes, discovery, validation, defaulting,
 * columns and subresources all follow from the declaration made here.
 *
 * Called by the registry for every definition that is established. Must never fail for a definition that passed validation.
 */
import type { KubeObject } from '../../meta/v1/types.js';
import { defineResource } from '../../schema/resource.js';
import type { ResourceDefinition } from '../../schema/resource.js';
import { invalid } from '../../validation/field-error.js';
import type { FieldError, FieldErrorReason } from '../../validation/field-error.js';
import { finalizerWarnings } from './finalizer-warnings.js';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionNames,
  CustomResourceSubresourceScale,
  CustomResourceDefinitionVersion,
} from '../v1/types.js';
import { columnsOf } from './columns.js';
import { Correlation } from './correlation.js';
import { resourceDefinitionOf } from './definition.js';
import { embeddedErrors } from './embedded.js';
import { jsonEqual } from '../../patch/json-value.js';
import { dropBadNulls, fillDefaults } from './fill-defaults.js';
import { compileJsonPath } from './json-path.js';
import { nowhere, propertyOf } from './json-schema.js';
import type { JsonObject, JsonSchema } from './json-schema.js';
import { listTypeErrors } from './list-types.js';
import { hasRules, ruleErrors } from './rules.js';
import type { RuleResult } from './rules.js';
import { scaleOf, specScaleErrors, statusScaleErrors } from './scale.js';
import { valueErrors } from './validate-value.js';

const anything: JsonSchema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

/** The schema of a version; whatever is allowed where it has none. */
export function schemaOfVersion(version: CustomResourceDefinitionVersion): JsonSchema {
  return (version.schema?.openAPIV3Schema as JsonSchema | undefined) ?? anything;
}

/** The object without what every object has and no schema of a resource is asked about. */
const contentOf = ({ metadata: _metadata, ...content }: KubeObject): JsonObject => content;

const blocking: ReadonlySet<FieldErrorReason> = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);

/** Rules are written for values of the right types and sizes. */
function ruleResult(
  object: KubeObject,
  stored: KubeObject | undefined,
  { schema, errors }: { readonly schema: JsonSchema; readonly errors: readonly FieldError[] },
): RuleResult {
  if (!hasRules(schema)) return { errors: [], warnings: [] };
  if (!errors.some(({ reason }) => blocking.has(reason))) {
    return ruleErrors(object, stored, schema);
  }
  const why =
    'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';
  return { errors: [invalid(nowhere, undefined, why)], warnings: [] };
}

/** Duplicates in lists, unless there were some before. */
function newDuplicates(
  content: JsonObject,
  old: JsonObject | undefined,
  schema: JsonSchema,
): readonly FieldError[] {
  const errors = listTypeErrors(content, schema, '');
  const hadSome =
    old !== undefined && errors.length > 0 && listTypeErrors(old, schema, '').length > 0;
  return hadSome ? [] : errors;
}

/** What a check of a whole object needs to know of its version. */
export interface ObjectRules {
  readonly schema: JsonSchema;
  readonly scale?: CustomResourceSubresourceScale | undefined;
}

/** What is wrong with an object; on updates, what was wrong before and has not changed is let be. */
export function objectErrors(
  object: KubeObject,
  stored: KubeObject | undefined,
  { schema, scale }: ObjectRules,
): RuleResult {
  const [content, old] = [contentOf(object), stored && contentOf(stored)];
  const correlation = old === undefined ? undefined : new Correlation(old);
  const errors = [
    ...valueErrors(content, schema, '', correlation),
    ...(scale === undefined
      ? []
      : [...specScaleErrors(object, scale), ...statusScaleErrors(object, scale)]),
    ...embeddedErrors(content, schema, ''),
    ...newDuplicates(content, old, schema),
  ];
  const rules = ruleResult(object, stored, { schema, errors });
  return { errors: [...errors, ...rules.errors], warnings: rules.warnings };
}

/** What is wrong with a new status. Rules may compare it with the rest. */
export function statusErrors(
  object: KubeObject,
  stored: KubeObject,
  { schema, scale }: ObjectRules,
): RuleResult {
  const [content, old] = [contentOf(object), contentOf(stored)];
  const property = propertyOf(schema, 'status');
  const before = Object.hasOwn(old, 'status') ? new Correlation(old.status) : undefined;
  const errors = [
    ...(property === undefined || !Object.hasOwn(content, 'status')
      ? []
      : valueErrors(content.status, property, 'status', before)),
    ...(scale === undefined ? [] : statusScaleErrors(object, scale)),
    ...newDuplicates(content, old, schema),
  ];
  const rules = ruleResult(object, stored, { schema, errors });
  return { errors: [...errors, ...rules.errors], warnings: rules.warnings };
}

/** With a status of its own, a new object has none yet, and the status is no part of the generation. */
function strategyOf(
  hasStatus: boolean,
  ruleWarnings: (object: KubeObject) => readonly string[],
): ResourceDefinition['strategy'] {
  const statusOf = (object: KubeObject): unknown => (object as { status?: unknown }).status;
  return {
    tracksGeneration: true,
    requiresVersion: true,
    statusKeeps: 'metadata',
    warnings: (draft, stored) => [...ruleWarnings(draft), ...finalizerWarnings(draft, stored)],
    statusWarnings: ruleWarnings,
    ...(hasStatus
      ? {
          prepareForCreate: (draft) => {
            Reflect.deleteProperty(draft, 'status');
          },
        }
      : {
          prepareForUpdate: (draft, stored) => {
            if (jsonEqual(statusOf(draft), statusOf(stored))) return;
            draft.metadata.generation = (stored.metadata.generation ?? 0) + 1;
          },
        }),
  };
}

function selectableOf(
  version: CustomResourceDefinitionVersion,
): Readonly<Record<string, (object: KubeObject) => string>> {
  return Object.fromEntries(
    (version.selectableFields ?? []).map(({ jsonPath }) => {
      const find = compileJsonPath(jsonPath);
      return [
        jsonPath.replace(/^\./, ''),
        (object: KubeObject) => {
          const [value] = find(object);
          if (typeof value === 'string') return value;
          return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
        },
      ];
    }),
  );
}

const warningOf = (
  crd: CustomResourceDefinition,
  version: CustomResourceDefinitionVersion,
): string =>
  version.deprecationWarning ??
  `${crd.spec.group}/${version.name} ${crd.spec.names.kind} is deprecated`;

/** `com.example.v1.Widget`: the group backwards, as OpenAPI names definitions. */
const definitionName = (group: string, version: string, kind: string): string =>
  [...group.split('.').reverse(), version, kind].join('.');

/** Says how bodies are decoded: the registry's part, because metadata is decoded like everybody's. */
export type DecoderOf = (schema: JsonSchema) => NonNullable<ResourceDefinition['decode']>;

function namesOf(names: CustomResourceDefinitionNames) {
  const { plural, kind, singular = kind.toLowerCase(), listKind = `${kind}List` } = names;
  return { plural, kind, singular, listKind };
}

/** The resource of one version, under the names that were accepted. */
export function customResourceOf(
  crd: CustomResourceDefinition,
  version: CustomResourceDefinitionVersion,
  decoderOf: DecoderOf,
): ResourceDefinition {
  const { group, scope } = crd.spec;
  const { acceptedNames = crd.spec.names } = crd.status;
  const names = namesOf(acceptedNames);
  const schema = schemaOfVersion(version);
  const hasStatus = version.subresources?.status !== undefined;
  const { scale } = version.subresources ?? {};
  const name = definitionName(group, version.name, names.kind);
  const rules: ObjectRules = { schema, scale };
  /** What rules had against the unchanged parts of objects that are being written. */
  const told = new WeakMap<KubeObject, readonly FieldError[]>();
  const errorsOf = (object: KubeObject, result: RuleResult): readonly FieldError[] => {
    if (result.warnings.length > 0) told.set(object, result.warnings);
    return result.errors;
  };
  const ruleWarnings = (object: KubeObject): readonly string[] =>
    (told.get(object) ?? []).map(({ field, message }) => `${field}: ${message}`);
  return {
    ...defineResource({
      group,
      version: version.name,
      kind: names.kind,
      plural: names.plural,
      scope,
      shortNames: acceptedNames.shortNames ?? [],
      categories: acceptedNames.categories ?? [],
      schema: resourceDefinitionOf(schema, name),
      decode: decoderOf(schema),
      anyFinalizers: true,
      defaults: (draft: KubeObject) => {
        dropBadNulls(draft, schema);
        fillDefaults(draft, schema);
      },
      validate: (object, stored) => errorsOf(object, objectErrors(object, stored, rules)),
      validateStatusUpdate: (object, stored) =>
        errorsOf(object, statusErrors(object, stored, rules)),
      strategy: strategyOf(hasStatus, ruleWarnings),
      columns: columnsOf(version.additionalPrinterColumns),
      selectableFields: selectableOf(version),
      ...(hasStatus ? { status: true as const } : {}),
      ...(scale === undefined ? {} : { scale: scaleOf(scale) }),
      ...(version.deprecated === true ? { deprecation: warningOf(crd, version) } : {}),
    }),
    singular: names.singular,
    listKind: names.listKind,
  };
}
