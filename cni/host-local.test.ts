import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { errorCodes, isCniError } from './cni-error.js';
import { hostLocal, type HostLocalConfig } from './host-local.js';
import type { CniCall, PluginConfig } from './types.js';
import { propertyRuns } from '../testing/property-runs.js';

async function withFolder(body: (dataDir: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pintle-ipam-'));
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const configFor = (ipam: Omit<HostLocalConfig, 'type'>): PluginConfig => ({
  cniVersion: '1.0.0',
  name: 'net',
  type: 'bridge',
  ipam: { type: 'host-local', ...ipam },
});
const callOf = (containerId: string): CniCall => ({ containerId, ifName: 'eth0', path: [] });
const add = async (config: PluginConfig, containerId: string): Promise<string | undefined> =>
  (await hostLocal.add(config, callOf(containerId))).ips?.[0]?.address;

test('host-local gives addresses in turn and rests freed ones', async () => {
  await withFolder(async (dataDir) => {
    const config = configFor({ subnet: '10.1.0.0/29', dataDir });
    assert.equal(await add(config, 'a'), '10.1.0.2/29');
    assert.equal(await add(config, 'b'), '10.1.0.3/29');
    await hostLocal.del(config, callOf('a'));
    await hostLocal.del(config, callOf('a'));
    assert.equal(await add(config, 'c'), '10.1.0.4/29');
    assert.equal(await add(config, 'c'), '10.1.0.4/29', 'repeated');
    for (const id of ['d', 'e', 'f']) await add(config, id);
    assert.equal(await add(config, 'f'), '10.1.0.2/29');
    await assert.rejects(
      add(config, 'g'),
      (error: unknown) => isCniError(error) && error.code === errorCodes.noAddressLeft,
    );
  });
});

test('host-local frees what no valid attachment holds', async () => {
  await withFolder(async (dataDir) => {
    const config = configFor({ subnet: '10.1.0.0/29', dataDir });
    await add(config, 'a');
    await add(config, 'b');
    const valid = [{ containerID: 'b', ifname: 'eth0' }];
    await hostLocal.gc({ ...config, 'cni.dev/valid-attachments': valid });
    await assert.rejects(hostLocal.check(config, callOf('a')));
    await hostLocal.check(config, callOf('b'));
  });
});

test('host-local rejects ranges that make no sense', async () => {
  const wrong: Omit<HostLocalConfig, 'type'>[] = [
    {},
    { subnet: '10.1.0.0' },
    { subnet: '10.1.0.0/31' },
    { subnet: '10.1.0.0/33' },
    { subnet: '10.1.0.0/24', rangeStart: '10.2.0.5' },
    { subnet: '10.1.0.0/24', rangeStart: '10.1.0.9', rangeEnd: '10.1.0.5' },
    { subnet: '10.1.0.0/24', gateway: 'router' },
  ];
  for (const ipam of wrong)
    await assert.rejects(
      async () => {
        await hostLocal.status(configFor(ipam));
      },
      (error: unknown) => isCniError(error) && error.code === errorCodes.invalidConfig,
      JSON.stringify(ipam),
    );
});

test('host-local never gives one address to two containers', async () => {
  const step = fc.record({ remove: fc.boolean(), id: fc.nat(12) });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(step, { maxLength: 6 }), { maxLength: 6 }), (rounds) =>
      withFolder(async (dataDir) => {
        const config = configFor({ subnet: '10.1.0.0/28', dataDir });
        const held = new Map<string, string>();
        for (const round of rounds) {
          // Calls for one container never overlap; those for different ones do.
          const distinct = [...new Map(round.map((one) => [one.id, one])).values()];
          await Promise.all(
            distinct.map(async ({ remove, id }) => {
              if (remove) {
                await hostLocal.del(config, callOf(`c${id}`));
                held.delete(`c${id}`);
              } else held.set(`c${id}`, (await add(config, `c${id}`)) ?? '');
            }),
          );
          assert.equal(new Set(held.values()).size, held.size);
        }
      }),
    ),
    { numRuns: propertyRuns(15) },
  );
});
