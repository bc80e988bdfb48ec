/**
 * Makes the FlowSchemas and PriorityLevelConfigurations a cluster starts with. The mandatory ones are put right whatever was
 * done to them; the suggested ones where they are an older Pintle's and nobody said that they shall stay.
 *
 * Done at every start and every minute after it, as the system itself.
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
import type {
  PriorityLevelConfiguration,
  PriorityLevelConfigurationSpec,
} from '../api/flowcontrol/v1/types.js';
import { hasReason } from '../api/meta/status-error.js';
import type { KubeObject, NewObject } from '../api/meta/v1/types.js';
import { jsonEqual } from '../api/patch/json-value.js';
import type { ResourceDefinition } from '../api/schema/resource.js';
import type { Client } from '../machinery/client/client.js';
import type { CancelTimer, Clock } from '../machinery/clock/clock.js';
import type { Logger } from '../machinery/log/log.js';

type WithSpec = KubeObject & { spec: unknown };

/** How often it is looked whether everything is as it has to be; Kubernetes' choice. */
const flowControlCheckMs = 60_000;

const booleans: Readonly<Record<string, boolean>> = { true: true, false: false };

const saidOf = ({ metadata }: KubeObject): boolean | undefined =>
  booleans[metadata.annotations?.[autoUpdateSpecAnnotation] ?? ''];

/** Whether the system may change an object: as the annotation says, else as long as nobody has. */
const isOurs = (object: KubeObject): boolean =>
  saidOf(object) ?? (object.metadata.generation ?? 1) === 1;

/** What one kind is brought to. */
interface Wanted<T extends WithSpec> {
  readonly resource: ResourceDefinition<T>;
  readonly mandatory: readonly NewObject<T>[];
  readonly suggested: readonly NewObject<T>[];
  /** The spec to be stored for `wanted` where `stored` is there. */
  readonly specOf: (wanted: T, stored: T) => T['spec'];
}

/** How much the exempt level counts for is for people to say; that it is exempt is not. */
const levelSpecOf = (
  { spec }: PriorityLevelConfiguration,
  stored: PriorityLevelConfiguration,
): PriorityLevelConfigurationSpec =>
  spec.type === 'Exempt' && stored.spec.exempt !== undefined
    ? { ...spec, exempt: stored.spec.exempt }
    : spec;

async function ensure<T extends WithSpec>(
  client: Client,
  { resource, specOf }: Wanted<T>,
  made: NewObject<T>,
  isMandatory: boolean,
): Promise<void> {
  const key = { name: made.metadata.name ?? '' };
  try {
    const stored = await client.get(resource, key);
    const wanted = structuredClone(made) as unknown as T;
    resource.defaults?.(wanted);
    const isKept = isMandatory || isOurs(stored);
    const spec = isKept ? specOf(wanted, stored) : stored.spec;
    if (saidOf(stored) === isKept && jsonEqual(spec, stored.spec)) return;
    const annotations = {
      ...stored.metadata.annotations,
      [autoUpdateSpecAnnotation]: String(isKept),
    };
    const metadata = { ...stored.metadata, annotations };
    await client.update(resource, { ...stored, metadata, spec });
  } catch (error) {
    if (hasReason(error, 'NotFound')) await client.create(resource, made);
    // Another master was faster.
    else if (!hasReason(error, 'Conflict')) throw error;
  }
}

/** Takes away what an older version made and nobody has made their own. */
async function removeForgotten<T extends WithSpec>(
  client: Client,
  { resource, mandatory, suggested }: Wanted<T>,
): Promise<void> {
  const wanted = new Set([...mandatory, ...suggested].map(({ metadata }) => metadata.name));
  const { items } = await client.list(resource);
  const forgotten = items.filter(
    (object) => !wanted.has(object.metadata.name) && saidOf(object) === true,
  );
  for (const { metadata } of forgotten) await client.delete(resource, { name: metadata.name });
}

async function keep<T extends WithSpec>(client: Client, wanted: Wanted<T>): Promise<void> {
  await Promise.all([
    ...wanted.mandatory.map((made) => ensure(client, wanted, made, true)),
    ...wanted.suggested.map((made) => ensure(client, wanted, made, false)),
  ]);
  await removeForgotten(client, wanted);
}

/** Makes or completes them all. */
export async function bootstrapFlowControl(client: Client): Promise<void> {
  await Promise.all([
    keep(client, {
      resource: priorityLevelConfigurations,
      mandatory: mandatoryPriorityLevels,
      suggested: suggestedPriorityLevels,
      specOf: levelSpecOf,
    }),
    keep(client, {
      resource: flowSchemas,
      mandatory: mandatoryFlowSchemas,
      suggested: suggestedFlowSchemas,
      specOf: ({ spec }) => spec,
    }),
  ]);
}

/** Looks after them until the signal ends it: what was deleted or spoilt is put right within a minute. */
export function keepFlowControl(options: {
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}): void {
  const { client, clock, logger, signal } = options;
  const look = async (): Promise<void> => {
    if (signal.aborted) return;
    try {
      await bootstrapFlowControl(client);
    } catch (error) {
      logger.warn('the objects of fairness could not be looked after', { error });
    }
    again();
  };
  let cancel: CancelTimer = () => undefined;
  const again = (): void => {
    cancel = clock.after(flowControlCheckMs, () => void look());
  };
  signal.addEventListener('abort', () => {
    cancel();
  });
  again();
}
