/** How a subresource, or a create-only resource, with behaviour of its own answers a request. */
import type { WriteContext } from '../../registry/hooks.js';
import type { ApiAnswer, ApiRequest } from '../api-request.js';

/** Throws `methodNotAllowed` for verbs it does not have. */
export type SubresourceHandler = (request: ApiRequest, context: WriteContext) => Promise<ApiAnswer>;
