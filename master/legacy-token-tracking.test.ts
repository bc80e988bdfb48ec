import assert from 'node:assert/strict';
import { test } from 'node:test';
import { secrets } from '../api/core/v1/secret.js';
import type { Secret } from '../api/core/v1/types.js';
import type { KubeObject } from '../api/meta/v1/types.js';
import { builtInResources } from '../api/resources.js';
import { FakeClock } from '../machinery/clock/clock.js';
import { systemRandom } from '../machinery/clock/random.js';
import { silentLogger } from '../machinery/log/log.js';
import { Metrics } from '../machinery/metrics/metrics.js';
import { trackedUses } from './legacy-token-tracking.js';
import { openRegistries } from './open-registries.js';
import { ownWrite } from './registry/own-writes.js';
import { openMemoryStore } from './store/memory.js';

const lastUsed = 'kubernetes.io/legacy-token-last-used';

test('uses of tokens from Secrets are counted and dated, once a day', async () => {
  const clock = new FakeClock(Date.UTC(2026, 4, 5, 23, 59));
  const metrics = new Metrics();
  const registries = await openRegistries({
    store: openMemoryStore(),
    resources: builtInResources,
    serviceCidr: '10.96.0.0/12',
    clock,
    random: systemRandom,
  });
  const registry = registries.of('', secrets.plural);
  const metadata = { name: 's', namespace: 'kube-system' };
  const draft = { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque' };
  await registry.create(draft as unknown as KubeObject, 'kube-system', ownWrite());
  const stored = (): Secret => registry.find(metadata)?.object as Secret;
  const used = trackedUses({ registries, clock, logger: silentLogger, metrics });
  const use = async (isInvalid = false): Promise<string | undefined> => {
    used(stored(), { account: 'a', isInvalid });
    used(stored(), { account: 'a', isInvalid });
    await clock.advance(1);
    return stored().metadata.labels?.[lastUsed];
  };
  assert.equal(await use(), '2026-05-05');
  const { resourceVersion } = stored().metadata;
  assert.equal(await use(), '2026-05-05');
  assert.equal(stored().metadata.resourceVersion, resourceVersion);
  await clock.advance(60_000);
  assert.equal(await use(true), '2026-05-06');
  const { body } = await metrics.render();
  assert.ok(body.includes('serviceaccount_legacy_manual_token_uses_total 4\n'));
  assert.ok(body.includes('serviceaccount_invalid_legacy_auto_token_uses_total 2\n'));
});
