/** Opens fairness over the FlowSchemas and PriorityLevelConfigurations that are stored, and follows them. */
import {
  mandatoryFlowSchemas,
  mandatoryPriorityLevels,
} from '../api/flowcontrol/v1/bootstrap-objects.js';
import { flowSchemas } from '../api/flowcontrol/v1/flow-schema.js';
import { priorityLevelConfigurations } from '../api/flowcontrol/v1/priority-level-configuration.js';
import type { FlowSchema, PriorityLevelConfiguration } from '../api/flowcontrol/v1/types.js';
import type { KubeObject, NewObject } from '../api/meta/v1/types.js';
import type { ResourceDefinition } from '../api/schema/resource.js';
import type { Clock } from '../machinery/clock/clock.js';
import type { FairnessConfig } from './fairness-rows.js';
import type { Registries } from './registry/registries.js';
import type { ResourceRegistry } from './registry/resource-registry.js';
import { Fairness } from './server/flow-control/fairness.js';
import type { FlowControlObjects } from './server/flow-control/fairness.js';
import { defaultReads, defaultWrites } from './server/flow-control/limits.js';

export interface FairnessOptions {
  readonly config: Partial<FairnessConfig>;
  readonly registries: Registries;
  readonly clock: Clock;
}

/** As it would be stored. */
export function storedForm<T extends KubeObject>(
  resource: ResourceDefinition<T>,
  made: NewObject<T>,
): T {
  const draft = structuredClone(made) as unknown as T;
  resource.defaults?.(draft);
  return { ...draft, metadata: { ...draft.metadata, uid: '' } };
}

/** What fairness cannot do without, whatever is stored. */
export function mandatoryObjects(): FlowControlObjects['mandatory'] {
  const [exempt, catchAll] = mandatoryFlowSchemas.map((made) => storedForm(flowSchemas, made));
  if (exempt === undefined || catchAll === undefined)
    throw new Error('two FlowSchemas are mandatory');
  const levels = mandatoryPriorityLevels.map((made) =>
    storedForm(priorityLevelConfigurations, made),
  );
  return { schemas: { exempt, catchAll }, levels };
}

const objectsOf = ({ store }: ResourceRegistry): readonly KubeObject[] =>
  store.peekAll().map(({ object }) => object);

/** Changes count from the moment they are acknowledged; several of one turn are taken together. */
export function openFairness({ config, registries, clock }: FairnessOptions): Fairness {
  const mandatory = mandatoryObjects();
  const schemas = registries.of(flowSchemas.group, flowSchemas.plural);
  const levels = registries.of(flowSchemas.group, priorityLevelConfigurations.plural);
  const read = (): FlowControlObjects => ({
    // The registries hold only objects of their kinds.
    schemas: objectsOf(schemas) as readonly FlowSchema[],
    levels: objectsOf(levels) as readonly PriorityLevelConfiguration[],
    mandatory,
  });
  const { maxRequestsInflight = defaultReads, maxMutatingRequestsInflight = defaultWrites } =
    config;
  const totalSeats = maxRequestsInflight + maxMutatingRequestsInflight;
  const fairness = new Fairness({ totalSeats, clock }, read());
  let isDue = false;
  const follow = (): void => {
    if (isDue) return;
    isDue = true;
    queueMicrotask(() => {
      isDue = false;
      fairness.configure(read());
    });
  };
  schemas.store.follow(follow);
  levels.store.follow(follow);
  return fairness;
}
