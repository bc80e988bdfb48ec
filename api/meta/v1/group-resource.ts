import { definition, string } from '../../schema/schema.js';

export const groupResource = definition(
  'io.k8s.apimachinery.pkg.apis.meta.v1.GroupResource',
  'Names a resource, whatever its version.',
  {
    group: string(1, 'The API group; empty for the core group.', { required: true }),
    resource: string(2, 'The resource, in plural.', { required: true }),
  },
);
