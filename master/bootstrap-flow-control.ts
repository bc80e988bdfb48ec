/**
 * Makes the FlowSchemas and PriorityLevelConfigurations a cluster starts with. The mandatory ones are put right whatever was
 * done to them; the suggested ones where they are an older Pintle's and nobody said that they shall stay.
 *
 * Called once at every start, as the system itself.
 */
import {
  autoUpdateSpecAnnotation,
  mandatoryFlowSchemas,
  mandatoryPriorityLevels,
  suggestedFlowSchemas,
  suggestedPriorityLevels,
} from '../api/flowcontrol/v1/bootstrap-objects.js';
import { flowSchemas } from '../api/flowcontrol/v1/flow-schema.js';
import { priorityLevelConfigurations } from '../api/flowcontrol/v1/priority-level-configuration.js';
import { hasReason } from '../api/meta/status-error.js';
import type { KubeObject, NewObject } from '../api/meta/v1/types.js';
import { jsonEqual } from '../api/patch/json-value.js';
import type { ResourceDefinition } from '../api/schema/resource.js';
import type { Client } from '../machinery/client/client.js';

type WithSpec = KubeObject & { spec: unknown };

/** Whether the system may change an object: as the annotation says, else as long as nobody has. */
function isOurs({ metadata }: KubeObject): boolean {
  const said = metadata.annotations?.[autoUpdateSpecAnnotation];
  return said === undefined ? (metadata.generation ?? 1) === 1 : said === 'true';
}

async function ensure<T extends WithSpec>(
  client: Client,
  resource: ResourceDefinition<T>,
  wanted: NewObject<T> & { spec: unknown },
  isMandatory: boolean,
): Promise<void> {
  const key = { name: wanted.metadata.name ?? '' };
  try {
    const stored = await client.get(resource, key);
    const draft = structuredClone(wanted) as unknown as T;
    resource.defaults?.(draft);
    if (jsonEqual(draft.spec, stored.spec) || !(isMandatory || isOurs(stored))) return;
    await client.update(resource, { ...stored, spec: draft.spec });
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error;
    await client.create(resource, wanted);
  }
}

/** Makes or completes them all. */
export async function bootstrapFlowControl(client: Client): Promise<void> {
  await Promise.all([
    ...mandatoryPriorityLevels.map((wanted) =>
      ensure(client, priorityLevelConfigurations, wanted, true),
    ),
    ...suggestedPriorityLevels.map((wanted) =>
      ensure(client, priorityLevelConfigurations, wanted, false),
    ),
    ...mandatoryFlowSchemas.map((wanted) => ensure(client, flowSchemas, wanted, true)),
    ...suggestedFlowSchemas.map((wanted) => ensure(client, flowSchemas, wanted, false)),
  ]);
}
