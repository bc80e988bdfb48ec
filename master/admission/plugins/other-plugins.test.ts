import assert from 'node:assert/strict';
import test from 'node:test';
import { FakeClock } from '../../../machinery/clock/clock.js';
import { eventLimits } from '../limits.js';
import { readerOf, refusalOf, requestOf, resourceNamed } from '../fixtures.test.js';
import type { Held } from '../fixtures.test.js';
import { eventRateLimit } from './event-rate-limit.js';
import { namespaceAutoProvision } from './namespace-auto-provision.js';

test('EventRateLimit lets a burst pass and then what time brings', async () => {
  const clock = new FakeClock();
  const plugin = eventRateLimit(clock, eventLimits.standard);
  const resource = resourceNamed('', 'events');
  const send = (namespace = 'n') =>
    refusalOf(plugin, requestOf({ resource, namespace, object: { metadata: { name: 'e' } } }));
  for (let count = 0; count < eventLimits.standard[1].burst; count += 1) {
    assert.equal(await send(), undefined);
  }
  assert.equal(await send(), 'Too many requests: limit reached on type Namespace for key n');
  assert.equal(await send('other'), undefined);
  await clock.advance(1000);
  assert.equal(await send(), undefined);
});

test('EventRateLimit counts by user, and by who tells of what', async () => {
  const clock = new FakeClock();
  const limit = { perSecond: 1, burst: 1, kept: 10 };
  const plugin = eventRateLimit(clock, [
    { type: 'User', ...limit },
    { type: 'SourceAndObject', ...limit },
  ]);
  const resource = resourceNamed('', 'events');
  const send = (username: string, uid: string) => {
    const object = { metadata: { name: 'e' }, source: { component: 'c' }, involvedObject: { uid } };
    const user = { username, groups: [] };
    return refusalOf(plugin, { ...requestOf({ resource, object }), user });
  };
  assert.equal(await send('jane', '1'), undefined);
  assert.equal(
    await send('jane', '2'),
    'Too many requests: limit reached on type User for key jane',
  );
  assert.equal(
    await send('tom', '1'),
    'Too many requests: limit reached on type SourceAndObject for key c1',
  );
});

test('NamespaceAutoProvision makes a namespace once', async () => {
  const held: Held[] = [];
  const made: string[] = [];
  const plugin = namespaceAutoProvision(readerOf(held), (name) => {
    made.push(name);
    held.push({ group: '', plural: 'namespaces', object: { metadata: { name } } });
    return Promise.resolve();
  });
  const resource = resourceNamed('', 'configmaps');
  const attributes = requestOf({ resource, object: { metadata: { name: 'c' } } });
  await refusalOf(plugin, { ...attributes, dryRun: true });
  assert.deepEqual(made, []);
  await refusalOf(plugin, attributes);
  await refusalOf(plugin, attributes);
  assert.deepEqual(made, ['n']);
});
