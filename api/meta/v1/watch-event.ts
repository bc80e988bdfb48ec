import { definition, rawExtension, string } from '../../schema/schema.js';

export const watchEvent = definition(
  'io.k8s.apimachinery.pkg.apis.meta.v1.WatchEvent',
  'A change, as a watch reports it.',
  {
    object: rawExtension(
      2,
      'The object after the change; before it for DELETED; a Status for ERROR.',
      { required: true },
    ),
    type: string(1, 'ADDED, MODIFIED, DELETED, BOOKMARK or ERROR.', { required: true }),
  },
);
