import { fillZeroValues } from '../../schema/zero-values.js';
import { nameColumn } from '../../meta/columns.js';
import { defineResource } from '../../schema/resource.js';
import type { FieldError } from '../../validation/field-error.js';
import { child, invalidBecause, required } from '../../validation/field-error.js';
import { pathSegmentNameErrors } from '../../validation/names.js';
import { validateReferenceParts } from './reference-validation.js';
import { immutable } from '../../validation/object-meta.js';
import type { IPAddress, ParentReference } from './types.js';
import { definition, ref, string } from '../../schema/schema.js';
import { objectFields } from '../../meta/v1/object-meta.js';

export const parentReference = definition(
  'io.k8s.api.networking.v1.ParentReference',
  'Names the object that an address belongs to.',
  {
    group: string(1, 'The API group of the object.'),
    name: string(4, 'The name of the object.', { required: true }),
    namespace: string(3, 'The namespace of the object.'),
    resource: string(2, 'The resource of the object, in plural.', { required: true }),
  },
);

export const ipAddressSpec = definition(
  'io.k8s.api.networking.v1.IPAddressSpec',
  'What an address belongs to.',
  {
    parentRef: ref(1, parentReference, 'The object that has the address.', { required: true }),
  },
);

/** Says on an IPAddress who keeps it. */
export const managerLabel = 'ipaddress.kubernetes.io/managed-by';

/** The manager of the IPAddresses of Services, as `managerLabel` has it. */
export const serviceAddressManager = 'ipallocator.k8s.io';

export const ipAddress = definition(
  'io.k8s.api.networking.v1.IPAddress',
  'An address in use; its name is the address.',
  {
    ...objectFields,
    spec: ref(2, ipAddressSpec, 'What is wanted.', { required: true }),
  },
);

const field = 'spec.parentRef';

const parentOf = (object: IPAddress): ParentReference | undefined =>
  (object.spec as Partial<IPAddress['spec']>).parentRef;

function validateIPAddress(object: IPAddress): FieldError[] {
  const parent = parentOf(object);
  if (parent === undefined) return [required(field)];
  const { group = '', resource, namespace = '', name } = parent;
  const errors = validateReferenceParts(field, {
    group: group === '' ? undefined : ['group', group],
    named: [
      ['resource', resource],
      ['name', name],
    ],
  });
  if (namespace !== '') {
    errors.push(
      ...invalidBecause(child(field, 'namespace'), namespace, pathSegmentNameErrors(namespace)),
    );
  }
  return errors;
}

function parentText(object: IPAddress): string {
  const parent = parentOf(object);
  if (parent === undefined) return '<none>';
  const { group = '', resource, namespace = '', name } = parent;
  const kind = (group === '' ? resource : `${resource}.${group}`).toLowerCase();
  return [kind, ...(namespace === '' ? [] : [namespace]), name].join('/');
}

/** IPAddresses: which object has which address. */
export const ipAddresses = defineResource<IPAddress>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IPAddress',
  plural: 'ipaddresses',
  scope: 'Cluster',
  shortNames: ['ip'],
  nameFormat: 'ipAddress',
  schema: ipAddress,
  defaults: (draft) => {
    (draft as { spec?: unknown }).spec ??= {};
    fillZeroValues(ipAddress, draft);
  },
  validate: validateIPAddress,
  validateUpdate: (object, stored) => immutable(field, parentOf(object), parentOf(stored)),
  selectableFields: {
    'spec.parentRef.group': (object) => parentOf(object)?.group ?? '',
    'spec.parentRef.resource': (object) => parentOf(object)?.resource ?? '',
    'spec.parentRef.namespace': (object) => parentOf(object)?.namespace ?? '',
    'spec.parentRef.name': (object) => parentOf(object)?.name ?? '',
  },
  columns: [
    nameColumn,
    {
      name: 'ParentRef',
      type: 'string',
      description: 'The object that has the address.',
      priority: 0,
      cell: parentText,
    },
  ],
});
