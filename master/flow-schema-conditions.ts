/**
 * Keeps the condition Dangling of every FlowSchema: whether the priority level it names is there. The server does it itself,
 * as it is the server that has to do without.
 *
 * Called once at every start; ends with the signal.
 */
import { flowSchemas } from '../api/flowcontrol/v1/flow-schema.js';
import { priorityLevelConfigurations } from '../api/flowcontrol/v1/priority-level-configuration.js';
import type { FlowSchema, FlowSchemaCondition } from '../api/flowcontrol/v1/types.js';
import { hasReason } from '../api/meta/status-error.js';
import type { Client } from '../machinery/client/client.js';
import { timestamp } from '../api/meta/timestamp.js';
import type { Clock } from '../machinery/clock/clock.js';
import type { Logger } from '../machinery/log/log.js';
import type { Registries } from './registry/registries.js';

export interface FlowSchemaConditionOptions {
  readonly client: Client;
  readonly registries: Registries;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** What has to be said of a FlowSchema; undefined where it is said already. Pure. */
export function danglingCondition(
  { spec, status }: FlowSchema,
  isThere: boolean,
  now: string,
): FlowSchemaCondition | undefined {
  const name = JSON.stringify(spec.priorityLevelConfiguration.name);
  const wanted = isThere
    ? { status: 'False' as const, reason: 'Found', ending: 'it exists' }
    : { status: 'True' as const, reason: 'NotFound', ending: 'there is no such object' };
  const link = isThere ? 'and' : 'but';
  const message = `This FlowSchema references the PriorityLevelConfiguration object named ${name} ${link} ${wanted.ending}`;
  const said = status.conditions?.find(({ type }) => type === 'Dangling');
  if (said?.status === wanted.status && said.message === message) return undefined;
  const lastTransitionTime = said?.status === wanted.status ? said.lastTransitionTime : now;
  const { status: holds, reason } = wanted;
  return { type: 'Dangling', status: holds, lastTransitionTime, reason, message };
}

async function writeAll({ client, registries, clock }: FlowSchemaConditionOptions): Promise<void> {
  const levels = registries.of(flowSchemas.group, priorityLevelConfigurations.plural);
  const schemas = registries.of(flowSchemas.group, flowSchemas.plural).store.peekAll();
  for (const { object } of schemas) {
    // The registry holds only objects of its kind.
    const schema = object as FlowSchema;
    const level = levels.find({
      namespace: '',
      name: schema.spec.priorityLevelConfiguration.name,
    });
    const condition = danglingCondition(schema, level !== undefined, timestamp(clock.now()));
    if (condition === undefined) continue;
    const others = schema.status.conditions?.filter(({ type }) => type !== 'Dangling') ?? [];
    try {
      const status = { ...schema.status, conditions: [...others, condition] };
      await client.update(flowSchemas, { ...schema, status }, { subresource: 'status' });
    } catch (error) {
      // What was changed or deleted meanwhile is looked at again when that is heard of.
      if (!hasReason(error, 'Conflict') && !hasReason(error, 'NotFound')) throw error;
    }
  }
}

/** Writes the conditions now and whenever a FlowSchema or level changes. */
export function keepFlowSchemaConditions(options: FlowSchemaConditionOptions): void {
  const { registries, logger, signal } = options;
  let pending = Promise.resolve();
  let isDue = false;
  const run = async (): Promise<void> => {
    isDue = false;
    if (signal.aborted) return;
    try {
      await writeAll(options);
    } catch (error) {
      logger.warn('a FlowSchema’s condition could not be written', { error });
    }
  };
  const follow = (): void => {
    if (isDue) return;
    isDue = true;
    pending = pending.then(run);
  };
  for (const { plural } of [flowSchemas, priorityLevelConfigurations]) {
    registries.of(flowSchemas.group, plural).store.follow(follow);
  }
  follow();
}
