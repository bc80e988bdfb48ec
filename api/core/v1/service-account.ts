import { boolean, definition, list, keyedBy } from '../../schema/schema.js';
import { localObjectReference, objectReference } from './references.js';
import { objectFields } from '../../meta/v1/object-meta.js';
import { ageColumn, nameColumn } from '../../meta/columns.js';
import { tokenRequest } from '../../authentication/v1/token-request.js';
import { defineResource } from '../../schema/resource.js';
import type { ServiceAccount } from './types.js';

export const serviceAccount = definition(
  'io.k8s.api.core.v1.ServiceAccount',
  'An identity that pods have towards the API.',
  {
    ...objectFields,
    automountServiceAccountToken: boolean(
      4,
      'Whether pods get a token mounted unless they say otherwise.',
    ),
    imagePullSecrets: list(
      3,
      localObjectReference,
      "Secrets with which the images of the account's pods are pulled.",
      { listType: 'atomic' },
    ),
    secrets: list(
      2,
      objectReference,
      'Secrets that pods of the account may mount, where that is enforced.',
      keyedBy('name'),
    ),
  },
);

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
  columns: [nameColumn, ageColumn],
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
