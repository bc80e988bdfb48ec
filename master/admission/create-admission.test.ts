import assert from 'node:assert/strict';
import test from 'node:test';
import type { KubeObject } from '../../api/meta/v1/types.js';
import { WebhookClient } from '../../machinery/client/webhook-client.js';
import { FakeClock } from '../../machinery/clock/clock.js';
import { systemRandom } from '../../machinery/clock/random.js';
import { noAdmissionMetrics } from './admission-metrics.js';
import { allPlugins } from './create-admission.js';
import { readerOf } from './fixtures.test.js';
import { noWebhookMetrics } from './webhooks/webhook-metrics.js';
import { pluginNames } from './plugin-names.js';

const client = new WebhookClient(() => Promise.reject(new Error('none')));

test('the names that flags know are those of the plugins, in the order they run', () => {
  const plugins = allPlugins({
    reader: readerOf([]),
    random: systemRandom,
    clock: new FakeClock(),
    authorize: () => ({ allowed: false, reason: '' }),
    writeQuotaUsed: () => Promise.resolve(true),
    createNamespace: () => Promise.resolve(),
    redecode: (_attributes, value) => value as KubeObject,
    equivalentsOf: () => [],
    resourceOfKind: () => undefined,
    webhooks: { mutating: client, validating: client },
    webhookMetrics: noWebhookMetrics,
    metrics: noAdmissionMetrics,
  });
  const names = plugins.map(({ name }) => name);
  assert.deepEqual(names, pluginNames);
});
