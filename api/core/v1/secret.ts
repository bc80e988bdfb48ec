import { boolean, definition, map, string } from '../../schema/schema.js';
import { objectFields } from '../../meta/v1/object-meta.js';
import { ageColumn, nameColumn } from '../../meta/columns.js';
import { defineResource } from '../../schema/resource.js';
import type { FieldError } from '../../validation/field-error.js';
import { forbidden, invalid, key, required, tooLong } from '../../validation/field-error.js';
import { configMapKeyErrors } from '../../validation/names.js';
import { immutable } from '../../validation/object-meta.js';
import { changed, immutableMessage, maxDataBytes } from './stored-data.js';
import type { Secret } from './types.js';

export const secret = definition(
  'io.k8s.api.core.v1.Secret',
  'Passwords, keys and certificates that pods use; encrypted where they are stored.',
  {
    ...objectFields,
    data: map(2, 'bytes', 'The entries, in base64.'),
    immutable: boolean(
      5,
      'If true the entries can never change again; the Secret can only be deleted.',
    ),
    stringData: map(
      4,
      'string',
      'Entries in plain text for convenience; the server moves them into data and never returns them.',
    ),
    type: string(
      3,
      'What the Secret is for, which says which entries it must have; never changes.',
      {
        enum: [
          'Opaque',
          'kubernetes.io/service-account-token',
          'kubernetes.io/dockercfg',
          'kubernetes.io/dockerconfigjson',
          'kubernetes.io/basic-auth',
          'kubernetes.io/ssh-auth',
          'kubernetes.io/tls',
          'bootstrap.kubernetes.io/token',
        ],
      },
    ),
  },
);

/** Whose token a Secret of type kubernetes.io/service-account-token holds. */
export const serviceAccountAnnotation = 'kubernetes.io/service-account.name';
const redacted = '<secret contents redacted>';

const present = (object: Secret, name: string): boolean => Object.hasOwn(object.data ?? {}, name);

const requireKey = (object: Secret, name: string): FieldError[] =>
  present(object, name) ? [] : [required(key('data', name))];

const into = 'into Go value of type map[string]interface {}';

/** Why a text is no JSON object, in Go's words; undefined for one that is. */
function jsonObjectError(text: string): string | undefined {
  if (text.trim() === '') return 'unexpected end of JSON input';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const [first = ''] = text.trimStart();
    return /[[{"\d-]/.test(first)
      ? 'invalid character looking for beginning of value'
      : `invalid character '${first}' looking for beginning of value`;
  }
  if (value === null || (typeof value === 'object' && !Array.isArray(value))) return undefined;
  const what = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  return `json: cannot unmarshal ${what} ${into}`;
}

/** The entry has to be JSON; what it says is never repeated in the error. */
function requireJson(object: Secret, name: string): FieldError[] {
  const encoded = object.data?.[name];
  if (encoded === undefined) return [required(key('data', name))];
  const wrong = jsonObjectError(Buffer.from(encoded, 'base64').toString('utf8'));
  return wrong === undefined ? [] : [invalid(key('data', name), redacted, wrong)];
}

function validateSecretType(object: Secret): FieldError[] {
  switch (object.type) {
    case 'kubernetes.io/service-account-token':
      return (object.metadata.annotations?.[serviceAccountAnnotation] ?? '') === ''
        ? [required(key('metadata.annotations', serviceAccountAnnotation))]
        : [];
    case 'kubernetes.io/dockercfg':
      return requireJson(object, '.dockercfg');
    case 'kubernetes.io/dockerconfigjson':
      return requireJson(object, '.dockerconfigjson');
    case 'kubernetes.io/basic-auth':
      return present(object, 'username') || present(object, 'password')
        ? []
        : [required('data[username]'), required('data[password]')];
    case 'kubernetes.io/ssh-auth':
      return (object.data?.['ssh-privatekey'] ?? '') === ''
        ? [required('data[ssh-privatekey]')]
        : [];
    case 'kubernetes.io/tls':
      return [...requireKey(object, 'tls.crt'), ...requireKey(object, 'tls.key')];
    default:
      return [];
  }
}

function validateSecret(object: Secret): FieldError[] {
  const errors: FieldError[] = [];
  let sizeBytes = 0;
  for (const [name, value] of Object.entries(object.data ?? {})) {
    const details = configMapKeyErrors(name);
    errors.push(...details.map((detail) => invalid(key('data', name), name, detail)));
    sizeBytes += Buffer.byteLength(value, 'base64');
  }
  if (sizeBytes > maxDataBytes) errors.push(tooLong('data', maxDataBytes));
  return [...errors, ...validateSecretType(object)];
}

function validateSecretUpdate(object: Secret, stored: Secret): FieldError[] {
  const errors = immutable('type', object.type, stored.type);
  if (stored.immutable !== true) return errors;
  if (object.immutable !== true) errors.push(forbidden('immutable', immutableMessage));
  if (changed(object.data, stored.data)) errors.push(forbidden('data', immutableMessage));
  return errors;
}

/** `stringData` is write-only: its values move, encoded, into `data`. */
function moveStringData(draft: Secret): void {
  if (draft.stringData === undefined) return;
  const encoded = Object.entries(draft.stringData).map(([name, value]): [string, string] => [
    name,
    Buffer.from(value, 'utf8').toString('base64'),
  ]);
  if (encoded.length > 0) {
    draft.data = Object.fromEntries([...Object.entries(draft.data ?? {}), ...encoded]);
  }
  delete draft.stringData;
}

/** Secrets: passwords, keys and certificates that pods use. */
export const secrets = defineResource<Secret>({
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  scope: 'Namespaced',
  schema: secret,
  defaults: (draft) => {
    moveStringData(draft);
    if (draft.type === undefined || (draft.type as string) === '') draft.type = 'Opaque';
  },
  validate: validateSecret,
  validateUpdate: validateSecretUpdate,
  columns: [
    nameColumn,
    {
      name: 'Type',
      type: 'string',
      description: 'What the Secret is for, which says which entries it must have.',
      priority: 0,
      cell: ({ type }) => type ?? '',
    },
    {
      name: 'Data',
      type: 'string',
      description: 'How many entries the Secret holds.',
      priority: 0,
      cell: ({ data }) => Object.keys(data ?? {}).length,
    },
    ageColumn,
  ],
  selectableFields: { type: ({ type }) => type ?? '' },
});
