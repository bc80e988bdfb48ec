/**
 * Checks of an object's metadata, on creation and on update, in Kubernetes' words. The registry calls them for every
 * kind, so that no kind's `validate` has to.
 */
import { foregroundFinalizer, orphanFinalizer } from '../meta/finalizers.js';
import type { ObjectMeta, OwnerReference } from '../meta/v1/types.js';
import { jsonEqual } from '../patch/json-value.js';
import type { FieldError } from './field-error.js';
import { child, forbidden, index, invalid, required, tooLong } from './field-error.js';
import { validateAnnotations, validateLabels } from './labels.js';
import type { NameFormat } from './names.js';
import { byteLength, dns1123LabelErrors, objectNameErrors, qualifiedNameErrors } from './names.js';

export type { NameFormat } from './names.js';

export interface ObjectMetaRules {
  readonly scope: 'Namespaced' | 'Cluster';
  readonly nameFormat: NameFormat;
  /** The path of the metadata; `metadata` when absent. */
  readonly field?: string;
  /** Finalizers without a slash may be of any name, as custom resources and their definitions have them. */
  readonly anyFinalizers?: boolean;
}

const fieldImmutable = 'field is immutable';
const maxManagerBytes = 128;

function validateOwnerReference(owner: OwnerReference, field: string): FieldError[] {
  const errors: FieldError[] = [];
  // Absent fields are undefined here although the type has them: nothing has checked the object before.
  const { apiVersion = '', kind = '', name = '', uid = '' } = owner as Partial<OwnerReference>;
  const version = apiVersion.split('/').at(-1) ?? '';
  if (version === '') {
    errors.push(invalid(child(field, 'apiVersion'), apiVersion, 'version must not be empty'));
  }
  if (kind === '') errors.push(invalid(child(field, 'kind'), kind, 'must not be empty'));
  if (name === '') errors.push(invalid(child(field, 'name'), name, 'must not be empty'));
  if (uid === '') errors.push(invalid(child(field, 'uid'), uid, 'must not be empty'));
  if (apiVersion === 'v1' && kind === 'Event') {
    errors.push(invalid(field, owner, '/v1, Kind=Event is disallowed from being an owner'));
  }
  return errors;
}

function validateOwnerReferences(
  owners: readonly OwnerReference[] | undefined,
  field: string,
): FieldError[] {
  const errors: FieldError[] = [];
  let controller = '';
  for (const owner of owners ?? []) {
    errors.push(...validateOwnerReference(owner, field));
    if (owner.controller !== true) continue;
    const text = `${owner.kind}/${owner.name}`;
    if (controller === '') controller = text;
    else {
      errors.push(
        invalid(
          field,
          owners,
          `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${text}`,
        ),
      );
    }
  }
  return errors;
}

/** Finalizers without a slash have to be ones that Kubernetes knows. */
const standardFinalizers = new Set([
  'kubernetes',
  'kubernetes.io/pv-protection',
  'kubernetes.io/pvc-protection',
  orphanFinalizer,
  foregroundFinalizer,
]);

function validateFinalizers(
  finalizers: readonly string[] | undefined,
  field: string,
  areKnown: boolean,
): FieldError[] {
  const errors: FieldError[] = [];
  (finalizers ?? []).forEach((finalizer, position) => {
    const details = qualifiedNameErrors(finalizer);
    errors.push(...details.map((detail) => invalid(field, finalizer, detail)));
    const isKnown = finalizer.includes('/') || standardFinalizers.has(finalizer);
    if (areKnown && details.length === 0 && !isKnown) {
      errors.push(
        invalid(
          index(field, position),
          finalizer,
          'name is neither a standard finalizer name nor is it fully qualified',
        ),
      );
    }
  });
  const both = [orphanFinalizer, foregroundFinalizer].every((name) => finalizers?.includes(name));
  if (both) {
    errors.push(
      invalid(
        field,
        finalizers,
        `finalizer ${orphanFinalizer} and ${foregroundFinalizer} cannot be both set`,
      ),
    );
  }
  return errors;
}

/** What both creation and update check. */
function validateCommon(metadata: ObjectMeta, field: string, areKnown: boolean): FieldError[] {
  return [
    ...validateLabels(metadata.labels, child(field, 'labels')),
    ...validateAnnotations(metadata.annotations, child(field, 'annotations')),
    ...validateOwnerReferences(metadata.ownerReferences, child(field, 'ownerReferences')),
    ...validateFinalizers(metadata.finalizers, child(field, 'finalizers'), areKnown),
    ...(metadata.managedFields ?? []).flatMap((entry, position) =>
      byteLength(entry.manager ?? '') > maxManagerBytes
        ? [tooLong(child(index(child(field, 'managedFields'), position), 'manager'), 128)]
        : [],
    ),
  ];
}

function validateNamespace(
  metadata: ObjectMeta,
  rules: ObjectMetaRules,
  field: string,
): FieldError[] {
  const path = child(field, 'namespace');
  const namespace = metadata.namespace ?? '';
  if (rules.scope === 'Cluster') {
    return namespace === '' ? [] : [forbidden(path, 'not allowed on this type')];
  }
  if (namespace === '') return [required(path)];
  return dns1123LabelErrors(namespace).map((detail) => invalid(path, namespace, detail));
}

/** Checks the metadata of a new object, after its name was generated. */
export function validateObjectMeta(metadata: ObjectMeta, rules: ObjectMetaRules): FieldError[] {
  const field = rules.field ?? 'metadata';
  const errors: FieldError[] = [];
  // A name may be missing here although the type has it: nothing has checked the object before.
  const given: Partial<ObjectMeta> = metadata;
  const { generateName = '', name = '' } = given;
  if (generateName !== '') {
    const path = child(field, 'generateName');
    const details = objectNameErrors(generateName, rules.nameFormat, true);
    errors.push(...details.map((detail) => invalid(path, generateName, detail)));
  }
  if (name === '') {
    errors.push(required(child(field, 'name'), 'name or generateName is required'));
  } else {
    const details = objectNameErrors(name, rules.nameFormat);
    errors.push(...details.map((detail) => invalid(child(field, 'name'), name, detail)));
  }
  errors.push(...validateNamespace(metadata, rules, field));
  if ((metadata.generation ?? 0) < 0) {
    errors.push(
      invalid(
        child(field, 'generation'),
        metadata.generation,
        'must be greater than or equal to 0',
      ),
    );
  }
  return [...errors, ...validateCommon(metadata, field, rules.anyFinalizers !== true)];
}

const immutableFields = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const;

/** Reports a field that differs from the stored object although it may not. */
export const immutable = (field: string, value: unknown, stored: unknown): FieldError[] =>
  jsonEqual(value ?? null, stored ?? null) ? [] : [invalid(field, value, fieldImmutable)];

/** Checks metadata against that of the stored object. */
export function validateObjectMetaUpdate(
  metadata: ObjectMeta,
  stored: ObjectMeta,
  {
    field = 'metadata',
    anyFinalizers = false,
  }: Pick<ObjectMetaRules, 'field' | 'anyFinalizers'> = {},
): FieldError[] {
  const errors: FieldError[] = [];
  if (stored.deletionTimestamp !== undefined) {
    const added = (metadata.finalizers ?? []).filter(
      (finalizer) => stored.finalizers?.includes(finalizer) !== true,
    );
    if (added.length > 0) {
      const quoted = [...new Set(added)].sort().map((finalizer) => JSON.stringify(finalizer));
      errors.push(
        forbidden(
          child(field, 'finalizers'),
          `no new finalizers can be added if the object is being deleted, found new finalizers []string{${quoted.join(', ')}}`,
        ),
      );
    }
  }
  if ((metadata.generation ?? 0) < (stored.generation ?? 0)) {
    errors.push(
      invalid(child(field, 'generation'), metadata.generation ?? 0, 'must not be decremented'),
    );
  }
  for (const name of immutableFields) {
    errors.push(...immutable(child(field, name), metadata[name], stored[name]));
  }
  return [...errors, ...validateCommon(metadata, field, !anyFinalizers)];
}

/** How often Kubernetes comes upon an error of metadata in an update: for every kind, and again for the kind at hand. */
const timesFound = {
  main: { changes: 2, content: 4 },
  status: { changes: 2, content: 3 },
} as const;

/**
 * The errors of `validateObjectMetaUpdate` as often as Kubernetes names them among the causes of its answer. The message of the
 * answer names each once.
 */
export function metadataCauses(
  errors: readonly FieldError[],
  part: keyof typeof timesFound,
): readonly FieldError[] {
  const { changes, content } = timesFound[part];
  return errors.flatMap((error) => {
    const times = error.message.endsWith(fieldImmutable) ? changes : content;
    return Array.from({ length: times }, () => error);
  });
}
