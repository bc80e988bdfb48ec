/** What a CustomResourceDefinition must be like, on creation and on updates, in Kubernetes' words. */
import { hasCondition } from '../../meta/conditions.js';
import { child, index, invalid, notSupported, required } from '../../validation/field-error.js';
import type { FieldError } from '../../validation/field-error.js';
import { byteLength, dns1035LabelErrors, dns1123SubdomainErrors } from '../../validation/names.js';
import { immutable } from '../../validation/object-meta.js';
import { jsonEqual } from '../../patch/json-value.js';
import type { JsonSchema } from '../schema/json-schema.js';
import { schemaErrors } from '../schema/schema-validation.js';
import { approvalErrors, approvalOf } from './approval.js';
import { caBundleErrors } from './ca-bundle.js';
import { validateConversion } from './conversion-validation.js';
import {
  validateColumns,
  validateSelectableFields,
  validateSubresources,
} from './version-validation.js';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionNames,
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionVersion,
} from './types.js';

function labelErrors(value: string, field: string, prefix = ''): FieldError[] {
  const errors = dns1035LabelErrors(value);
  return errors.length === 0 ? [] : [invalid(field, value, `${prefix}${errors.join(',')}`)];
}

/** Kinds are labels but for their case. */
function kindErrors(kind: string, field: string): FieldError[] {
  return dns1035LabelErrors(kind.toLowerCase()).length === 0
    ? []
    : [
        invalid(
          field,
          kind,
          `may have mixed case, but should otherwise match: ${dns1035LabelErrors(kind.toLowerCase()).join(',')}`,
        ),
      ];
}

/** The names as they are asked for, or as they were accepted. */
function validateNames(names: CustomResourceDefinitionNames, field: string): FieldError[] {
  const { plural, singular = '', kind, listKind = '', shortNames = [], categories = [] } = names;
  return [
    ...(plural === '' ? [] : labelErrors(plural, child(field, 'plural'))),
    ...(singular === '' ? [] : labelErrors(singular, child(field, 'singular'))),
    ...(kind === '' ? [] : kindErrors(kind, child(field, 'kind'))),
    ...(listKind === '' ? [] : kindErrors(listKind, child(field, 'listKind'))),
    ...shortNames.flatMap((name, position) =>
      labelErrors(name, index(child(field, 'shortNames'), position)),
    ),
    ...categories.flatMap((name, position) =>
      labelErrors(name, index(child(field, 'categories'), position)),
    ),
    // A clash would make lists and objects the same kind.
    ...(kind !== '' && kind === listKind
      ? [invalid(child(field, 'listKind'), listKind, 'kind and listKind may not be the same')]
      : []),
  ];
}

function validateGroup({ group }: CustomResourceDefinitionSpec): FieldError[] {
  if (group === '') return [required('spec.group')];
  const errors = dns1123SubdomainErrors(group);
  if (errors.length > 0) return [invalid('spec.group', group, errors.join(','))];
  return group.includes('.')
    ? []
    : [invalid('spec.group', group, 'should be a domain with at least one dot')];
}

function requiredNames({ names }: CustomResourceDefinitionSpec): FieldError[] {
  const { plural, singular, kind, listKind } = names;
  return Object.entries({ plural, singular, kind, listKind }).flatMap(([name, value]) =>
    value === undefined || value === '' ? [required(child('spec.names', name))] : [],
  );
}

/** What versions share is said once, at the top, as older clients said it. */
interface Placed {
  readonly version: CustomResourceDefinitionVersion;
  /** Where its schema, columns and subresources are said to be. */
  readonly paths: {
    readonly schema: string;
    readonly subresources: string;
    readonly columns: string;
    readonly selectable: string;
  };
}

const isShared = (
  versions: readonly CustomResourceDefinitionVersion[],
  part: (version: CustomResourceDefinitionVersion) => unknown,
): boolean => {
  const first = versions[0];
  return (
    first !== undefined &&
    versions.every((version) => jsonEqual(part(version) ?? null, part(first) ?? null))
  );
};

function placesOf({ versions }: CustomResourceDefinitionSpec): readonly Placed[] {
  const shared = {
    schema: isShared(versions, ({ schema }) => schema),
    subresources: isShared(versions, ({ subresources }) => subresources),
    columns: isShared(versions, ({ additionalPrinterColumns }) => additionalPrinterColumns),
    selectable: isShared(versions, ({ selectableFields }) => selectableFields),
  };
  return versions.map((version, position) => {
    const own = index('spec.versions', position);
    return {
      version,
      paths: {
        schema: shared.schema ? 'spec.validation.openAPIV3Schema' : `${own}.schema.openAPIV3Schema`,
        subresources: child(shared.subresources ? 'spec' : own, 'subresources'),
        columns: child(shared.columns ? 'spec' : own, 'additionalPrinterColumns'),
        selectable: child(shared.selectable ? 'spec' : own, 'selectableFields'),
      },
    };
  });
}

const maxWarningBytes = 256;

function validateDeprecation(
  { deprecated, deprecationWarning: text }: CustomResourceDefinitionVersion,
  field: string,
): FieldError[] {
  if (text === undefined) return [];
  if (deprecated !== true) return [invalid(field, text, 'can only be set for deprecated versions')];
  const wrong: string[] = [];
  if (byteLength(text) > maxWarningBytes) wrong.push('must be <= 256 characters long');
  if (text === '') wrong.push('must not be an empty string');
  // Letters, marks, numbers, punctuation, symbols and the space are what Go prints.
  const unprintable = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.exec(text);
  if (unprintable !== null) {
    const at = String(byteLength(text.slice(0, unprintable.index)));
    wrong.push(
      `must only contain printable UTF-8 characters; non-printable character found at index ${at}`,
    );
  }
  return wrong.map((why) => invalid(field, text, why));
}

const schemaIn = ({ schema }: CustomResourceDefinitionVersion): JsonSchema | undefined =>
  schema?.openAPIV3Schema as JsonSchema | undefined;

/** What Kubernetes calls the members a schema may have at its root where status is written apart. */
const rootMembers =
  'Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations';
const allowedAtRoot = new Set(
  rootMembers.split(' ').map((name) => {
    if (name === 'XPreserveUnknownFields') return 'x-kubernetes-preserve-unknown-fields';
    if (name === 'XValidations') return 'x-kubernetes-validations';
    return `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
  }),
);

/** The schema of the status is taken from its property, so nothing else may be said of it at the root. */
function rootErrors(schema: JsonSchema, field: string): FieldError[] {
  const { type = '' } = schema;
  if (type !== '' && type !== 'object') {
    const why =
      'only "object" is allowed as the type at the root of the schema if the status subresource is enabled';
    return [invalid(child(field, 'type'), type, why)];
  }
  const given = Object.entries(schema).filter(([, value]) => value !== '' && value !== false);
  if (given.every(([name]) => allowedAtRoot.has(name))) return [];
  const why = `only [${rootMembers}] fields are allowed at the root of the schema if the status subresource is enabled`;
  return [invalid(field, schema, why)];
}

function validateVersion(
  { version, paths }: Placed,
  position: number,
  stored: CustomResourceDefinition | undefined,
): FieldError[] {
  const own = index('spec.versions', position);
  const schema = schemaIn(version);
  const before = stored?.spec.versions.find(({ name }) => name === version.name);
  const isUnchanged = before !== undefined && jsonEqual(schemaIn(before) ?? null, schema ?? null);
  return [
    ...labelErrors(version.name, child(own, 'name')),
    ...validateDeprecation(version, child(own, 'deprecationWarning')),
    ...(schema === undefined
      ? [required(`${own}.schema.openAPIV3Schema`, 'schemas are required')]
      : [
          ...(version.subresources?.status === undefined ? [] : rootErrors(schema, paths.schema)),
          ...schemaErrors(schema, paths.schema, { isUnchanged }),
        ]),
    ...validateSubresources(version.subresources, paths.subresources),
    ...validateColumns(version.additionalPrinterColumns, paths.columns),
    ...validateSelectableFields(version.selectableFields, schema, paths.selectable),
  ];
}

/** Errors of what versions share are told once. */
function unique(errors: readonly FieldError[]): readonly FieldError[] {
  const seen = new Set<string>();
  return errors.filter(({ field, message }) => {
    const text = `${field} ${message}`;
    if (seen.has(text)) return false;
    seen.add(text);
    return true;
  });
}

function validateVersions(
  spec: CustomResourceDefinitionSpec,
  stored: CustomResourceDefinition | undefined,
): readonly FieldError[] {
  const { versions } = spec;
  const names = versions.map(({ name }) => name);
  const shown = names;
  const errors = placesOf(spec).flatMap((placed, position) =>
    validateVersion(placed, position, stored),
  );
  if (new Set(names).size < names.length) {
    errors.push(invalid('spec.versions', shown, 'must contain unique version names'));
  }
  if (versions.filter(({ storage }) => storage).length !== 1) {
    const why = 'must have exactly one version marked as storage version';
    errors.push(invalid('spec.versions', shown, why));
  }
  return unique(errors);
}

function validateStatus({ spec, status }: CustomResourceDefinition): FieldError[] {
  const { storedVersions = [] } = status;
  const field = 'status.storedVersions';
  if (storedVersions.length === 0) {
    return [invalid(field, storedVersions, 'must have at least one stored version')];
  }
  const known = new Set(spec.versions.map(({ name }) => name));
  const missing = storedVersions.flatMap((name, position) => {
    if (known.has(name)) return [];
    const why = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
    return [invalid(index(field, position), name, why)];
  });
  const errors: FieldError[] = [];
  const storage = spec.versions.find((version) => version.storage)?.name;
  if (storage !== undefined && !storedVersions.includes(storage)) {
    errors.push(invalid(field, storedVersions, `must have the storage version ${storage}`));
  }
  return [...errors, ...missing];
}

function validatePreserve({ preserveUnknownFields }: CustomResourceDefinitionSpec): FieldError[] {
  if (preserveUnknownFields !== true) return [];
  const why =
    'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead';
  return [invalid('spec.preserveUnknownFields', true, why)];
}

function validateScope({ scope }: CustomResourceDefinitionSpec): FieldError[] {
  const text: string = scope;
  const allowed = ['Cluster', 'Namespaced'];
  if (text === '') return [required('spec.scope')];
  return allowed.includes(text) ? [] : [notSupported('spec.scope', text, allowed)];
}

const acceptedNameErrors = ({ acceptedNames }: CustomResourceDefinition['status']): FieldError[] =>
  acceptedNames === undefined ? [] : validateNames(acceptedNames, 'status.acceptedNames');

/** What a write of the status alone checks. */
export const validateDefinitionStatus = ({
  status,
}: CustomResourceDefinition): readonly FieldError[] => acceptedNameErrors(status);

/** What every write checks. */
export function validateCustomResourceDefinition(
  crd: CustomResourceDefinition,
  stored?: CustomResourceDefinition,
): readonly FieldError[] {
  const { spec, status } = crd;
  return [
    ...validateGroup(spec),
    ...validateScope(spec),
    ...validatePreserve(spec),
    ...validateVersions(spec, stored),
    ...requiredNames(spec),
    ...validateNames(spec.names, 'spec.names'),
    ...validateConversion(spec.conversion, 'spec.conversion'),
    ...acceptedNameErrors(status),
    ...validateStatus(crd),
  ];
}

/** What only creation checks: the name follows from the names, and groups may be protected. */
export function validateNewDefinition(crd: CustomResourceDefinition): readonly FieldError[] {
  const { metadata, spec } = crd;
  const errors: FieldError[] = [];
  if (metadata.name !== `${spec.names.plural}.${spec.group}`) {
    const why = 'must be spec.names.plural+"."+spec.group';
    errors.push(invalid('metadata.name', metadata.name, why));
  }
  return [...errors, ...approvalErrors(crd)];
}

/** What updates may not change: the names in paths, and of a served definition what objects are stored by. */
export function validateCustomResourceDefinitionUpdate(
  crd: CustomResourceDefinition,
  stored: CustomResourceDefinition,
): readonly FieldError[] {
  const [now, before] = [crd.spec, stored.spec];
  const isEstablished = hasCondition(stored, 'Established');
  return [
    ...(isEstablished
      ? [
          ...immutable('spec.scope', now.scope, before.scope),
          ...immutable('spec.names.kind', now.names.kind, before.names.kind),
        ]
      : []),
    ...immutable('spec.group', now.group, before.group),
    ...immutable('spec.names.plural', now.names.plural, before.names.plural),
    ...(approvalOf(crd)?.state === approvalOf(stored)?.state ? [] : approvalErrors(crd)),
    ...(isEstablished && caBundleErrors(before).length === 0 ? caBundleErrors(now) : []),
  ];
}
