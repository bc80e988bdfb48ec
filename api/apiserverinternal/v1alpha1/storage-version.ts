import { ageColumn, nameColumn } from '../../meta/columns.js';
import { objectMeta } from '../../meta/v1/object-meta.js';
import { typeFields } from '../../meta/v1/type-meta.js';
import { defineResource } from '../../schema/resource.js';
import { definition, int64, list, ref, string, time } from '../../schema/schema.js';
import { fillZeroValues } from '../../schema/zero-values.js';
import type { FieldError } from '../../validation/field-error.js';
import { child, invalidBecause, index, invalid, required } from '../../validation/field-error.js';
import {
  dns1035LabelErrors,
  dns1123SubdomainErrors,
  qualifiedNameErrors,
} from '../../validation/names.js';
import type {
  ServerStorageVersion,
  StorageVersion,
  StorageVersionCondition,
  StorageVersionStatus,
} from './types.js';

export const serverStorageVersion = definition(
  'io.k8s.api.apiserverinternal.v1alpha1.ServerStorageVersion',
  'What one API server stores a resource as.',
  {
    apiServerID: string(1, 'Which server it is.', { required: true }),
    decodableVersions: list(3, 'string', 'The versions the server can read.', {
      required: true,
      listType: 'set',
    }),
    encodingVersion: string(2, 'The version the server writes.', { required: true }),
    servedVersions: list(4, 'string', 'The versions clients can ask the server for.', {
      listType: 'set',
    }),
  },
);

export const storageVersionCondition = definition(
  'io.k8s.api.apiserverinternal.v1alpha1.StorageVersionCondition',
  'One aspect of the state of a storage version.',
  {
    lastTransitionTime: time(4, 'When the status last changed from one value to another.'),
    message: string(6, 'What the change was about, for people.', { required: true }),
    observedGeneration: int64(3, 'The generation the condition was set for.'),
    reason: string(5, 'Why the status last changed.', { required: true }),
    status: string(2, 'Whether the condition holds.', { required: true }),
    type: string(1, 'Which condition this is.', { required: true }),
  },
);

export const storageVersionStatus = definition(
  'io.k8s.api.apiserverinternal.v1alpha1.StorageVersionStatus',
  'What all API servers store a resource as.',
  {
    commonEncodingVersion: string(2, 'The version all servers write; absent where they differ.'),
    conditions: list(3, storageVersionCondition, 'Whether all servers write one version.', {
      listType: 'map',
      listMapKeys: ['type'],
    }),
    storageVersions: list(1, serverStorageVersion, 'The versions server by server.', {
      listType: 'map',
      listMapKeys: ['apiServerID'],
    }),
  },
);

export const storageVersionSpec = definition(
  'io.k8s.api.apiserverinternal.v1alpha1.StorageVersionSpec',
  'Empty: nothing can be wanted of a storage version.',
  {},
);

export const storageVersion = definition(
  'io.k8s.api.apiserverinternal.v1alpha1.StorageVersion',
  'What API servers store a resource as; its name is GROUP.RESOURCE.',
  {
    ...typeFields,
    metadata: ref(1, objectMeta, 'Name, labels and what else every object has.', {
      required: true,
    }),
    spec: ref(2, storageVersionSpec, 'Empty.'),
    status: ref(3, storageVersionStatus, 'What is the case; written by API servers.'),
  },
);

function nameErrors(name: string): readonly string[] {
  const at = name.lastIndexOf('.');
  if (at < 0) return ['name must be in the form of <group>.<resource>'];
  return [
    ...dns1123SubdomainErrors(name.slice(0, at)).map((detail) => `the group segment ${detail}`),
    ...dns1035LabelErrors(name.slice(at + 1)).map((detail) => `the resource segment ${detail}`),
  ];
}

function validateServer(version: ServerStorageVersion, field: string): FieldError[] {
  const { apiServerID, encodingVersion, decodableVersions } = version;
  const label = (path: string, value: string): FieldError[] => {
    const details = dns1035LabelErrors(value);
    return details.length === 0 ? [] : [invalid(path, value, details.join(','))];
  };
  const decodable = child(field, 'decodableVersions');
  return [
    ...invalidBecause(
      child(field, 'apiServerID'),
      apiServerID,
      dns1123SubdomainErrors(apiServerID),
    ),
    ...label(child(field, 'encodingVersion'), encodingVersion),
    ...decodableVersions.flatMap((one, at) => label(index(decodable, at), one)),
    ...(decodableVersions.includes(encodingVersion)
      ? []
      : [
          invalid(
            decodable,
            decodableVersions,
            `decodableVersions must include encodingVersion ${encodingVersion}`,
          ),
        ]),
  ];
}

/** The common version must be what the servers' versions say. */
function validateCommon({ storageVersions = [], commonEncodingVersion }: StorageVersionStatus) {
  const field = 'status.commonEncodingVersion';
  const versions = new Set(storageVersions.map(({ encodingVersion }) => encodingVersion));
  const [common] = versions.size === 1 ? versions : [];
  if (common === commonEncodingVersion) return [];
  if (common === undefined) {
    const detail =
      'should be nil if servers do not agree on the same encoding version, or if there is no server reporting the supported versions yet';
    return [invalid(field, commonEncodingVersion, detail)];
  }
  const detail =
    commonEncodingVersion === undefined
      ? `the common encoding version is ${common}`
      : `the actual common encoding version is ${common}`;
  return [invalid(field, commonEncodingVersion ?? null, detail)];
}

function validateCondition(
  { type, status, reason, message }: StorageVersionCondition,
  field: string,
): FieldError[] {
  return [
    ...invalidBecause(child(field, 'type'), type, qualifiedNameErrors(type)),
    ...invalidBecause(child(field, 'status'), status, qualifiedNameErrors(status)),
    ...(reason === '' ? [required(child(field, 'reason'), 'reason cannot be empty')] : []),
    ...(message === '' ? [required(child(field, 'message'), 'message cannot be empty')] : []),
  ];
}

function validateStatus({ status }: StorageVersion): FieldError[] {
  const { storageVersions = [], conditions = [] } = status;
  const types = conditions.map(({ type }) => type);
  return [
    ...storageVersions.flatMap((version, at) =>
      validateServer(version, index('status.storageVersions', at)),
    ),
    ...validateCommon(status),
    // Kubernetes leaves the name of the list out of these paths.
    ...conditions.flatMap((condition, at) => {
      const field = index('status', at);
      const first = types.indexOf(condition.type);
      const detail = `the type of the condition is not unique, it also appears in conditions[${String(first)}]`;
      const repeated = first === at ? [] : [invalid(child(field, 'type'), condition.type, detail)];
      return [...repeated, ...validateCondition(condition, field)];
    }),
  ];
}

const shownServers = 3;

function serversText({ status }: StorageVersion): string {
  const texts = (status.storageVersions ?? []).map(
    ({ apiServerID, encodingVersion }) => `${apiServerID}=${encodingVersion}`,
  );
  if (texts.length === 0) return '<unset>';
  const listed = texts.slice(0, shownServers).join(',');
  const rest = texts.length - shownServers;
  return rest > 0 ? `${listed} + ${String(rest)} more...` : listed;
}

/** StorageVersions: what API servers store resources as. */
export const storageVersions = defineResource<StorageVersion>({
  group: 'internal.apiserver.k8s.io',
  version: 'v1alpha1',
  kind: 'StorageVersion',
  plural: 'storageversions',
  scope: 'Cluster',
  nameFormat: 'pathSegment',
  schema: storageVersion,
  status: true,
  defaults: (draft) => {
    fillZeroValues(storageVersion, draft);
    const partial = draft as Partial<StorageVersion>;
    partial.spec ??= {};
    partial.status ??= {};
  },
  validate: () => [],
  validateCreate: (object) => [
    ...invalidBecause('metadata.name', object.metadata.name, nameErrors(object.metadata.name)),
    ...validateStatus(object),
  ],
  validateStatusUpdate: validateStatus,
  strategy: {
    statusKeeps: 'metadata',
    prepareForCreate: (draft) => {
      draft.status = {};
    },
  },
  columns: [
    nameColumn,
    {
      name: 'CommonEncodingVersion',
      type: 'string',
      description: 'The version all servers write.',
      priority: 0,
      cell: ({ status }) => status.commonEncodingVersion ?? '<unset>',
    },
    {
      name: 'StorageVersions',
      type: 'string',
      description: 'What each server writes.',
      priority: 0,
      cell: serversText,
    },
    ageColumn,
  ],
});
