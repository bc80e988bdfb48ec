/** The JSON value of a request's body for the audit record, whatever form it was sent in. */
import type { ResourceDefinition } from '../../../api/schema/resource.js';
import { parseJson } from '../../registry/json-text.js';
import type { ApiBody } from '../api-request.js';
import { bodyValue } from '../request-body.js';
import { expectedKindOf } from '../resource-key.js';

/** Undefined for a body that is empty or cannot be read; why it cannot is told in the answer. */
export function auditedValue(body: ApiBody, resource: ResourceDefinition | undefined): unknown {
  if (body.type === 'value') return body.value;
  const { bytes, mediaType, yaml } = body;
  if (bytes.length === 0) return undefined;
  try {
    if (yaml !== undefined) return 'fault' in yaml ? undefined : yaml.value;
    if (!mediaType.endsWith('protobuf')) return parseJson(bytes.toString('utf8'));
    if (resource === undefined) return undefined;
    return bodyValue(body, expectedKindOf(resource), 'Ignore').value;
  } catch {
    return undefined;
  }
}
