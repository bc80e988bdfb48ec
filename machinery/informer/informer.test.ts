import assert from 'node:assert/strict';
import { test } from 'node:test';

import { configMaps } from '../../api/core/v1/config-map.js';
import { FakeClient } from '../client/fake-client.js';
import { FakeClock } from '../clock/clock.js';
import { systemRandom } from '../clock/random.js';
import { silentLogger } from '../log/log.js';
import { InformerFactory } from './informer.js';

const configMap = (name: string, data: Record<string, string> = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'default', name },
  data,
});

function open() {
  const clock = new FakeClock();
  const client = new FakeClient(clock);
  const logger = silentLogger;
  const factory = new InformerFactory({ client, clock, random: systemRandom, logger });
  const informer = factory.informer(configMaps);
  const heard: string[] = [];
  informer.addHandler({
    onAdd: (object) => heard.push(`add ${object.metadata.name}`),
    onUpdate: (object, previous) =>
      heard.push(
        `update ${object.metadata.name} ${previous.data?.v ?? '-'}>${object.data?.v ?? '-'}`,
      ),
    onDelete: (object) => heard.push(`delete ${object.metadata.name}`),
  });
  const stop = new AbortController();
  return { clock, client, factory, informer, heard, stop };
}

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

test('informer lists, then follows, and says each change once', async () => {
  const { client, factory, informer, heard, stop } = open();
  await client.create(configMaps, configMap('a'));
  factory.start(stop.signal);
  await factory.waitForSync();
  const a = informer.lister.get({ namespace: 'default', name: 'a' });
  assert.ok(a !== undefined && Object.isFrozen(a.metadata));
  await client.update(configMaps, { ...a, data: { v: '1' } });
  await client.create(configMaps, configMap('b'));
  await client.delete(configMaps, { namespace: 'default', name: 'a' });
  await settle();
  assert.deepEqual(heard, ['add a', 'update a ->1', 'add b', 'delete a']);
  assert.deepEqual(
    informer.lister.list('default').map((object) => object.metadata.name),
    ['b'],
  );
  stop.abort();
});

test('informer that fell out of the watch window lists again and reports the difference', async () => {
  const { clock, client, factory, heard, stop } = open();
  for (const name of ['a', 'b', 'c']) await client.create(configMaps, configMap(name));
  factory.start(stop.signal);
  await settle();
  heard.length = 0;
  // The informer's watch has no chance to run between these writes and the loss of their history.
  const b = client.all(configMaps)[1];
  assert.ok(b);
  await Promise.all([
    client.delete(configMaps, { namespace: 'default', name: 'a' }),
    client.update(configMaps, { ...b, data: { v: '2' } }),
    client.delete(configMaps, { namespace: 'default', name: 'c' }),
    client.create(configMaps, configMap('c')),
    Promise.resolve().then(() => {
      client.compact(configMaps);
    }),
  ]);
  await settle();
  await clock.advance(5000);
  await settle();
  assert.deepEqual([...heard].sort(), ['add c', 'delete a', 'delete c', 'update b ->2']);
  stop.abort();
});

test('informer tells a new handler and a new index what is cached already', async () => {
  const { client, factory, informer, stop } = open();
  await client.create(configMaps, configMap('a', { v: 'x' }));
  factory.start(stop.signal);
  await settle();
  const names: string[] = [];
  informer.addHandler({ onAdd: (object) => names.push(object.metadata.name) });
  informer.addIndex('v', (object) => [object.data?.v ?? '']);
  assert.deepEqual(names, ['a']);
  assert.equal(informer.lister.byIndex('v', 'x').length, 1);
  assert.equal(informer.lister.byIndex('v', 'y').length, 0);
  stop.abort();
});

test('informer lists again when the server has another store and never knew its revision', async () => {
  const clock = new FakeClock();
  const servers = [new FakeClient(clock), new FakeClient(clock)] as const;
  let [active]: readonly FakeClient[] = servers;
  const cut = new AbortController();
  const client = new Proxy(servers[0], {
    get: (_target, name) => {
      const current = active ?? servers[0];
      if (name === 'watch' && current === servers[0]) {
        return (resource: typeof configMaps, options: object) =>
          current.watch(resource, { ...options, signal: cut.signal });
      }
      const value: unknown = Reflect.get(current, name);
      return typeof value === 'function' ? (value.bind(current) as unknown) : value;
    },
  });
  for (const name of ['a', 'b', 'c']) await servers[0].create(configMaps, configMap(name));
  await servers[1].create(configMaps, configMap('z'));
  const logger = silentLogger;
  const factory = new InformerFactory({ client, clock, random: systemRandom, logger });
  const informer = factory.informer(configMaps);
  const stop = new AbortController();
  factory.start(stop.signal);
  await settle();
  assert.equal(informer.lister.list().length, 3);
  active = servers[1];
  cut.abort();
  await settle();
  await clock.advance(5000);
  await settle();
  assert.deepEqual(
    informer.lister.list().map((object) => object.metadata.name),
    ['z'],
  );
  stop.abort();
});
