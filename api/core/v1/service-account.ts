import { boolean, definition, inline, list, ref, string } from '../../schema/schema.js';
import { localObjectReference, objectReference } from './references.js';
import { objectMeta } from '../../meta/v1/object-meta.js';
import { ageColumn, nameColumn } from '../../meta/columns.js';
import { tokenRequest } from '../../authentication/v1/token-request.js';
import { defineResource } from '../../schema/resource.js';
import type { ServiceAccount } from './types.js';

export const serviceAccount = definition('io.k8s.api.core.v1.ServiceAccount', '', {
  apiVersion: string(inline, ''),
  automountServiceAccountToken: boolean(4, ''),
  imagePullSecrets: list(3, localObjectReference, '', { listType: 'atomic' }),
  kind: string(inline, ''),
  metadata: ref(1, objectMeta, ''),
  secrets: list(2, objectReference, '', {
    patchStrategy: 'merge',
    patchMergeKey: 'name',
    listType: 'map',
    listMapKeys: ['name'],
  }),
});

/** ServiceAccounts: the identities that pods have towards the API. */
export const serviceAccounts = defineResource<ServiceAccount>({
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  scope: 'Namespaced',
  shortNames: ['sa'],
  schema: serviceAccount,
  validate: () => [],
  columns: [
    nameColumn,
    {
      name: 'Secrets',
      type: 'string',
      description: 'How many Secrets the account names as its own.',
      priority: 0,
      cell: ({ secrets }) => secrets?.length ?? 0,
    },
    ageColumn,
  ],
  subresources: [
    {
      name: 'token',
      group: 'authentication.k8s.io',
      version: 'v1',
      kind: 'TokenRequest',
      verbs: ['create'],
      schema: tokenRequest,
    },
  ],
});
