/** ComponentStatuses: kept by nobody, made when asked for from how the parts of the control plane are. */
import { componentStatuses } from '../../api/core/v1/component-status.js';
import type { ComponentCondition, ComponentStatus } from '../../api/core/v1/types.js';
import { methodNotAllowed, notFound } from '../../api/meta/status-error.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { StoredObject } from '../watch/stored-object.js';
import type { ApiAnswer, ApiRequest } from './api-request.js';
import type { HealthCheck } from './health.js';
import { listQuery } from './list-options.js';
import { errorText } from '../../machinery/error-text.js';

/** Answers for a resource whose objects are not stored. */
export type ComputedHandler = (request: ApiRequest) => Promise<ApiAnswer>;

async function conditionOf({ check }: HealthCheck): Promise<ComponentCondition> {
  try {
    await check();
    return { type: 'Healthy', status: 'True', message: 'ok' };
  } catch (error) {
    const message = errorText(error);
    return { type: 'Healthy', status: 'False', message };
  }
}

async function statusOf(check: HealthCheck): Promise<ComponentStatus> {
  return {
    kind: 'ComponentStatus',
    apiVersion: 'v1',
    metadata: { name: check.name } as KubeObject['metadata'],
    conditions: [await conditionOf(check)],
  };
}

function listed(object: KubeObject): StoredObject {
  const { name } = object.metadata;
  const bytes = Buffer.from(JSON.stringify(object));
  return {
    key: name,
    namespace: '',
    name,
    modRevision: 0,
    bytes,
    object,
    objectOnce: () => object,
  };
}

/** Each part is known by the name of its check. */
export function componentStatusHandler(parts: readonly HealthCheck[]): ComputedHandler {
  const resource = componentStatuses as unknown as (ApiAnswer & { type: 'list' })['resource'];
  return async (request) => {
    const { verb, name } = request.target;
    if (verb === 'get') {
      const part = parts.find((candidate) => candidate.name === name);
      if (part === undefined) throw notFound(componentStatuses, name);
      const object = await statusOf(part);
      return { type: 'object', status: 200, object, bytes: undefined, resource };
    }
    if (verb !== 'list') throw methodNotAllowed();
    const { name: selected, predicate } = listQuery(resource, request.query);
    const objects: readonly KubeObject[] = await Promise.all(parts.map(statusOf));
    const items = objects
      .filter((object) => selected === undefined || object.metadata.name === selected)
      .filter((object) => predicate?.(object) !== false)
      .map(listed);
    const page = { items, revision: 0, continueAfter: undefined, remaining: undefined };
    return { type: 'list', resource, page, continueToken: undefined };
  };
}
