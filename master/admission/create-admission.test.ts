import assert from 'node:assert/strict';
import test from 'node:test';
import { FakeClock } from '../../machinery/clock/clock.js';
import { systemRandom } from '../../machinery/clock/random.js';
import { allPlugins } from './create-admission.js';
import { readerOf } from './fixtures.test.js';
import { pluginNames } from './plugin-names.js';

test('the names that flags know are those of the plugins, in the order they run', () => {
  const plugins = allPlugins({
    reader: readerOf([]),
    random: systemRandom,
    clock: new FakeClock(),
    authorize: () => ({ allowed: false, reason: '' }),
    writeQuotaUsed: () => Promise.resolve(true),
    createNamespace: () => Promise.resolve(),
  });
  const names = plugins.map(({ name }) => name);
  assert.deepEqual(
    names,
    pluginNames.filter((name) => names.includes(name)),
  );
});
