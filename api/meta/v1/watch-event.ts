import { definition, rawExtension, string } from '../../schema/schema.js';

export const watchEvent = definition('io.k8s.apimachinery.pkg.apis.meta.v1.WatchEvent', '', {
  object: rawExtension(2, '', { required: true }),
  type: string(1, '', { required: true }),
});
