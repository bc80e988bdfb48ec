/** `PUT namespaces/NAME/finalize`: the namespace controller says that a namespace is empty; the last finalizer's removal ends it. */
import type { Namespace } from '../../../api/core/v1/types.js';
import { methodNotAllowed } from '../../../api/meta/status-error.js';
import type { ResourceRegistry } from '../../registry/resource-registry.js';
import { wantedBy } from '../request-body.js';
import { expectedKindOf, keyOf } from '../resource-key.js';
import type { SubresourceHandler } from './subresource.js';

export function finalizeHandler(registry: ResourceRegistry): SubresourceHandler {
  const { resource } = registry;
  return async (request, context) => {
    if (request.target.verb !== 'update') throw methodNotAllowed();
    const wish = await wantedBy(request, expectedKindOf(resource), context);
    const key = keyOf(request);
    const { object, bytes } = await registry.update(
      key,
      (stored) => {
        if (stored === undefined) throw registry.notFound(key.name);
        const wanted = wish.from(stored) as Namespace;
        const finalizers = (wanted.spec as Namespace['spec'] | undefined)?.finalizers ?? [];
        const { spec: _spec, ...others } = stored as Namespace;
        const metadata = { ...others.metadata, resourceVersion: wanted.metadata.resourceVersion };
        const spec = finalizers.length === 0 ? {} : { finalizers };
        return { ...others, metadata, spec };
      },
      { type: 'other', subresource: 'finalize' },
      context,
    );
    return { type: 'object', status: 200, object, bytes, resource };
  };
}
