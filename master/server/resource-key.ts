/** The key and the kind a request means. */
import type { ResourceDefinition } from '../../api/schema/resource.js';
import type { ExpectedKind } from '../registry/decode.js';
import type { StoreKey } from '../registry/object-key.js';
import type { ApiRequest } from './api-request.js';

/** The key a request names; a namespace request's own path holds its name twice. */
export const keyOf = ({ target }: ApiRequest): StoreKey => ({
  namespace: target.plural === 'namespaces' ? '' : target.namespace,
  name: target.name,
});

/** The kind that bodies sent to a resource must be of. */
export const expectedKindOf = (
  resource: Pick<ResourceDefinition, 'group' | 'version' | 'kind' | 'schema' | 'decode'>,
): ExpectedKind => ({
  group: resource.group,
  version: resource.version,
  kind: resource.kind,
  schema: resource.schema,
  ...(resource.decode === undefined ? {} : { decode: resource.decode }),
});
