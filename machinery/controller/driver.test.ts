import assert from 'node:assert/strict';
import { test } from 'node:test';

import { events } from '../../api/core/v1/event.js';
import { secrets } from '../../api/core/v1/secret.js';
import { configMaps } from '../../api/core/v1/config-map.js';
import type { ConfigMap } from '../../api/core/v1/types.js';
import { failure } from '../../api/meta/status-error.js';
import { eventually } from '../../testing/eventually.js';
import { FakeClient } from '../client/fake-client.js';
import { systemClock } from '../clock/clock.js';
import { systemRandom } from '../clock/random.js';
import { InformerFactory } from '../informer/informer.js';
import { keyParts } from '../informer/object-cache.js';
import { silentLogger } from '../log/log.js';
import { Metrics } from '../metrics/metrics.js';
import { defineController, watchOf, type Action, type ActionFailure } from './controller.js';
import { runController } from './driver.js';
import { RecordBuffer, replay } from './replay.js';

interface Snapshot {
  readonly owner: ConfigMap;
  readonly secrets: readonly string[];
  readonly failures: readonly ActionFailure[];
}

/** Keeps as many secrets as the config map's `count` says. */
const counting = defineController<ConfigMap, Snapshot>({
  name: 'counting',
  primary: configMaps,
  watches: [
    watchOf({
      resource: secrets,
      enqueue: (secret) => [`default/${secret.metadata.labels?.owner ?? ''}`],
      indexes: { owner: (secret) => [secret.metadata.labels?.owner ?? ''] },
    }),
  ],
  snapshot: (key, listers, _nowMs, { failures }) => {
    const owner = listers.of(configMaps).get({ ...keyParts(key) });
    if (owner === undefined) return undefined;
    const owned = listers.of(secrets).byIndex('owner', owner.metadata.name);
    return { owner, secrets: owned.map((secret) => secret.metadata.name), failures };
  },
  reconcile: ({ owner, secrets: present, failures }) => {
    const missing = Number(owner.data?.count ?? 0) - present.length;
    const create: Action = {
      type: 'create',
      resource: secrets,
      object: {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: {
          namespace: 'default',
          generateName: 's-',
          labels: { owner: owner.metadata.name },
        },
      },
      announce: {
        regarding: owner,
        success: { eventReason: 'Created', message: 'Created secret' },
        failure: { eventReason: 'FailedCreate', message: 'Error creating: {error}' },
      },
      reason: 'too few',
    };
    const failed = String(failures.length);
    const note: Action[] =
      owner.metadata.annotations?.failed === failed
        ? []
        : [
            {
              type: 'patch',
              resource: configMaps,
              namespace: 'default',
              name: owner.metadata.name,
              patchType: 'merge',
              body: { metadata: { annotations: { failed } } },
              reason: 'failures changed',
            },
          ];
    return { actions: [...Array.from({ length: Math.max(0, missing) }, () => create), ...note] };
  },
});

function open() {
  const client = new FakeClient(systemClock);
  const logger = silentLogger;
  const metrics = new Metrics();
  const clock = systemClock;
  const informers = new InformerFactory({ client, clock, random: systemRandom, logger });
  const stop = new AbortController();
  const { signal } = stop;
  const buffer = new RecordBuffer();
  const dependencies = {
    client,
    informers,
    clock,
    logger,
    metrics,
    signal,
    recorder: buffer.record,
  };
  return { client, informers, stop, buffer, dependencies };
}

const owner = (count: number) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'default', name: 'a' },
  data: { count: String(count) },
});

test('controller driver creates exactly what is missing, however often it is woken', async () => {
  const { client, informers, stop, dependencies } = open();
  await client.create(configMaps, owner(7));
  const running = runController(counting, dependencies);
  informers.start(stop.signal);
  await eventually(() => {
    assert.equal(client.all(secrets).length, 7);
  });
  for (const label of ['1', '2', '3']) {
    await client.patch(
      configMaps,
      { namespace: 'default', name: 'a' },
      { type: 'merge', body: { metadata: { labels: { label } } } },
    );
  }
  const [gone] = client.all(secrets);
  assert.ok(gone);
  await client.delete(secrets, gone.metadata);
  await eventually(() => {
    assert.equal(client.requests.filter((request) => request.plural === 'secrets').length, 9);
    assert.equal(client.all(secrets).length, 7);
  });
  stop.abort();
  await running;
  assert.equal(client.all(secrets).length, 7);
  const [event] = client.all(events);
  assert.equal(event?.reason, 'Created');
  assert.equal(event.count, 8);
});

test('controller driver stops a batch of creations at a failure and shows it to the next snapshot', async () => {
  const { client, informers, stop, dependencies } = open();
  await client.create(configMaps, owner(4));
  const quota = failure({ code: 403, reason: 'Forbidden', message: 'exceeded quota' });
  client.failNext('create', secrets, quota);
  client.failNext('create', secrets, quota);
  const running = runController(counting, dependencies);
  informers.start(stop.signal);
  await eventually(() => {
    assert.equal(client.all(secrets).length, 4);
    assert.equal(client.all(configMaps)[0]?.metadata.annotations?.failed, '0');
  });
  const patches = client.requests.filter((request) => request.verb === 'patch');
  assert.ok(JSON.stringify(patches).includes('"failed":"1"'));
  assert.equal(client.requests.filter((request) => request.plural === 'secrets').length, 6);
  stop.abort();
  await running;
  const messages = client.all(events).map((event) => event.message);
  assert.ok(messages.includes('Error creating: exceeded quota'));
});

test('controller driver records decisions that replay to the same decisions', async () => {
  const { client, informers, stop, buffer, dependencies } = open();
  await client.create(configMaps, owner(3));
  const running = runController(counting, dependencies);
  informers.start(stop.signal);
  await eventually(() => {
    assert.equal(client.all(secrets).length, 3);
  });
  stop.abort();
  await running;
  assert.deepEqual(replay(counting, buffer.text()), []);
  const changed = { ...counting, reconcile: () => ({ actions: [] }) };
  assert.notEqual(replay(changed, buffer.text()).length, 0);
});

/** Creates the secret `done` once the namespace is checked to have no events and the config map `gone` to be gone. */
const checking = defineController<ConfigMap, readonly Action[]>({
  name: 'checking',
  primary: configMaps,
  watches: [],
  snapshot: (_key, _listers, _nowMs) => {
    const reason = 'test';
    const namespace = 'default';
    const metadata = { namespace, name: 'done' };
    return [
      { type: 'deleteCollection', resource: events, namespace, reason },
      { type: 'verifyEmpty', resource: events, namespace, reason },
      { type: 'verifyGone', resource: secrets, namespace, name: 'old', uid: 'old-uid', reason },
      {
        type: 'create',
        resource: secrets,
        object: { apiVersion: 'v1', kind: 'Secret', metadata },
        reason,
      },
    ];
  },
  reconcile: (actions) => ({ actions }),
});

test('controller driver does nothing after a check that fails and tries again', async () => {
  const { client, informers, stop, dependencies } = open();
  const metadata = { namespace: 'default', name: 'e' };
  const event = { apiVersion: 'v1', kind: 'Event' };
  client.seed(events, { ...event, metadata: { ...metadata, finalizers: ['test/held'] } } as never);
  client.seed(events, { ...event, metadata: { namespace: 'other', name: 'e' } } as never);
  client.seed(secrets, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace: 'default', name: 'old', uid: 'old-uid' },
  });
  await client.create(configMaps, owner(0));
  const running = runController(checking, dependencies);
  informers.start(stop.signal);
  const deletions = (): number =>
    client.requests.filter(({ verb, plural }) => verb === 'delete' && plural === 'events').length;
  await eventually(() => {
    assert.ok(deletions() > 1);
  });
  await client.patch(events, metadata, {
    type: 'merge',
    body: { metadata: { finalizers: null } },
  });
  assert.deepEqual(
    client.all(events).map((one) => one.metadata.namespace),
    ['other'],
  );
  assert.deepEqual(
    client.all(secrets).map((one) => one.metadata.name),
    ['old'],
  );
  await client.delete(secrets, { namespace: 'default', name: 'old' });
  await eventually(() => {
    assert.deepEqual(
      client.all(secrets).map((one) => one.metadata.name),
      ['done'],
    );
  });
  stop.abort();
  await running;
});

/** Deletes every config map without an owner label, as the cache shows it. */
const sweeping = defineController<ConfigMap, ConfigMap>({
  name: 'sweeping',
  primary: configMaps,
  watches: [],
  snapshot: (key, listers) => listers.of(configMaps).get(keyParts(key)),
  reconcile: ({ metadata: { name, uid, labels, resourceVersion } }) => {
    if (labels?.owner !== undefined) return { actions: [] };
    const target = { resource: configMaps, namespace: 'default', name, uid, resourceVersion };
    return { actions: [{ type: 'delete', ...target, reason: 'nobody owns it' }] };
  },
});

test('controller driver does not delete what changed after the deletion was decided', async (t) => {
  const { client, informers, stop, dependencies } = open();
  await client.create(configMaps, owner(0));
  const remove = client.delete.bind(client);
  let attempts = 0;
  t.mock.method(client, 'delete', async (...call: Parameters<typeof remove>) => {
    attempts += 1;
    const body = { metadata: { labels: { owner: 'late' } } };
    await client.patch(configMaps, call[1], { type: 'merge', body });
    return remove(...call);
  });
  const running = runController(sweeping, dependencies);
  informers.start(stop.signal);
  await eventually(() => {
    assert.equal(client.requests.filter(({ verb }) => verb === 'delete').length, 1);
  });
  stop.abort();
  await running;
  assert.equal(attempts, 1);
  assert.equal(client.all(configMaps).length, 1);
});

/** Labels every config map with what only its effect knows, the second time it is asked. */
const labelling = (answers: readonly (string | undefined)[]) => {
  const left = [...answers];
  return defineController<ConfigMap, ConfigMap>({
    name: 'labelling',
    primary: configMaps,
    watches: [],
    snapshot: (key, listers) => listers.of(configMaps).get(keyParts(key)),
    reconcile: (object) =>
      object.metadata.labels?.secret === undefined
        ? { actions: [{ type: 'effect', effect: 'ask', object, args: ['x'], reason: 'test' }] }
        : { actions: [] },
    effects: {
      ask: ({ metadata }, [argument = '']) => {
        const answer = left.shift();
        if (answer === undefined) return Promise.reject(new Error('not now'));
        const body = { metadata: { labels: { secret: answer + argument } } };
        const target = { namespace: 'default', name: metadata.name };
        const patch = { type: 'patch', resource: configMaps, ...target } as const;
        return Promise.resolve([{ ...patch, patchType: 'merge', body, reason: 'answered' }]);
      },
    },
  });
};

test('controller driver does what an effect says, and asks again when it fails', async () => {
  const { client, informers, stop, buffer, dependencies } = open();
  await client.create(configMaps, owner(0));
  const running = runController(labelling([undefined, 'known-']), dependencies);
  informers.start(stop.signal);
  await eventually(() => {
    assert.equal(client.all(configMaps)[0]?.metadata.labels?.secret, 'known-x');
  });
  stop.abort();
  await running;
  const decisions = buffer
    .text()
    .split('\n')
    .filter((line) => line.includes('"effect":"ask"'));
  assert.equal(decisions.length, 2);
  assert.ok(decisions.every((line) => !line.includes('known-')));
});
