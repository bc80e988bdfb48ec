import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  mandatoryFlowSchemas,
  mandatoryPriorityLevels,
  suggestedFlowSchemas,
  suggestedPriorityLevels,
} from '../api/flowcontrol/v1/bootstrap-objects.js';
import { flowSchemas } from '../api/flowcontrol/v1/flow-schema.js';
import { priorityLevelConfigurations } from '../api/flowcontrol/v1/priority-level-configuration.js';
import type { KubeObject } from '../api/meta/v1/types.js';
import type { ResourceDefinition } from '../api/schema/resource.js';
import { FakeClient } from '../machinery/client/fake-client.js';
import { FakeClock } from '../machinery/clock/clock.js';
import { bootstrapFlowControl } from './bootstrap-flow-control.js';

const levels = [...mandatoryPriorityLevels, ...suggestedPriorityLevels];
const schemas = [...mandatoryFlowSchemas, ...suggestedFlowSchemas];

test('fairness objects of the start are valid, and each schema has its level', () => {
  const problems = <T extends KubeObject>(resource: ResourceDefinition<T>, wanted: object) => {
    const draft = structuredClone(wanted) as T;
    resource.defaults?.(draft);
    return resource.validate(draft);
  };
  assert.deepEqual(
    levels.flatMap((wanted) => problems(priorityLevelConfigurations, wanted)),
    [],
  );
  assert.deepEqual(
    schemas.flatMap((wanted) => problems(flowSchemas, wanted)),
    [],
  );
  const names = new Set(levels.map(({ metadata }) => metadata.name));
  for (const { spec } of schemas) assert.ok(names.has(spec.priorityLevelConfiguration.name));
});

const patched = async (client: FakeClient, name: string, body: unknown): Promise<void> => {
  await client.patch(priorityLevelConfigurations, { name }, { type: 'merge', body });
};
const sharesOf = async (client: FakeClient, name: string): Promise<number | undefined> =>
  (await client.get(priorityLevelConfigurations, { name })).spec.limited?.nominalConcurrencyShares;
const shares = (count: number) => ({ spec: { limited: { nominalConcurrencyShares: count } } });

test('bootstrap puts mandatory levels right and leaves suggested ones to those who say so', async () => {
  const client = new FakeClient(new FakeClock());
  await bootstrapFlowControl(client);
  const before = await client.list(flowSchemas);
  assert.equal(before.items.length, schemas.length);
  await patched(client, 'catch-all', shares(7));
  await patched(client, 'system', shares(7));
  await patched(client, 'workload-low', {
    ...shares(7),
    metadata: { annotations: { 'apf.kubernetes.io/autoupdate-spec': 'false' } },
  });
  await bootstrapFlowControl(client);
  assert.equal(await sharesOf(client, 'catch-all'), 5);
  assert.equal(await sharesOf(client, 'system'), 30);
  assert.equal(await sharesOf(client, 'workload-low'), 7);
});
