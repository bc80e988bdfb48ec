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
import { silentLogger } from '../machinery/log/log.js';
import { bootstrapFlowControl, keepFlowControl } from './bootstrap-flow-control.js';

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

test('bootstrap leaves the share of the exempt level to people', async () => {
  const client = new FakeClient(new FakeClock());
  await bootstrapFlowControl(client);
  const exempt = { nominalConcurrencyShares: 9, lendablePercent: 50 };
  await patched(client, 'exempt', { spec: { exempt } });
  await bootstrapFlowControl(client);
  const { spec } = await client.get(priorityLevelConfigurations, { name: 'exempt' });
  assert.deepEqual(spec, { type: 'Exempt', exempt });
});

const autoUpdate = 'apf.kubernetes.io/autoupdate-spec';

test('bootstrap writes down whose an object is that does not say', async () => {
  const client = new FakeClient(new FakeClock());
  await bootstrapFlowControl(client);
  const unsaid = { metadata: { annotations: { [autoUpdate]: 'what?' } } };
  await patched(client, 'catch-all', unsaid);
  await patched(client, 'system', unsaid);
  await bootstrapFlowControl(client);
  for (const name of ['catch-all', 'system']) {
    const { metadata } = await client.get(priorityLevelConfigurations, { name });
    assert.equal(metadata.annotations?.[autoUpdate], 'true', name);
  }
});

test('bootstrap takes away what an older version made and nobody made their own', async () => {
  const client = new FakeClient(new FakeClock());
  const [sample] = suggestedPriorityLevels;
  assert.ok(sample !== undefined);
  for (const [name, said] of [
    ['old', 'true'],
    ['kept', 'false'],
    ['theirs', undefined],
  ] as const) {
    const annotations = said === undefined ? {} : { [autoUpdate]: said };
    await client.create(priorityLevelConfigurations, {
      ...sample,
      metadata: { name, annotations },
    });
  }
  await bootstrapFlowControl(client);
  const { items } = await client.list(priorityLevelConfigurations);
  const names = new Set(items.map(({ metadata }) => metadata.name));
  assert.deepEqual([names.has('old'), names.has('kept'), names.has('theirs')], [false, true, true]);
});

test('a master makes within a minute what somebody deleted', async () => {
  const clock = new FakeClock();
  const client = new FakeClient(clock);
  const stopped = new AbortController();
  await bootstrapFlowControl(client);
  keepFlowControl({ client, clock, logger: silentLogger, signal: stopped.signal });
  await client.delete(flowSchemas, { name: 'catch-all' });
  await clock.advance(60_000);
  assert.equal((await client.list(flowSchemas)).items.length, schemas.length);
  stopped.abort();
  assert.equal(clock.pendingTimers, 0);
});
