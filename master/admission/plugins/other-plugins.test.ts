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
  const plugin = eventRateLimit(clock);
  const resource = resourceNamed('', 'events');
  const send = (namespace = 'n') =>
    refusalOf(plugin, requestOf({ resource, namespace, object: { metadata: { name: 'e' } } }));
  for (let count = 0; count < eventLimits.namespace.burst; count += 1) {
    assert.equal(await send(), undefined);
  }
  assert.equal(await send(), 'limit reached on type Namespace for key n');
  assert.equal(await send('other'), undefined);
  await clock.advance(1000);
  assert.equal(await send(), undefined);
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
