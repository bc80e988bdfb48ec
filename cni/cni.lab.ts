/** ADD, CHECK and DEL against the real kernel, in process and as executables. Needs root; makes its own namespaces. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { processSources } from '../machinery/config/config.js';
import { systemExec } from '../machinery/exec/exec.js';
import { systemRandom } from '../machinery/clock/random.js';
import { hostLinkName } from './bridge.js';
import { PluginCatalog, executablePlugin, isBuiltin, pluginVersions } from './catalog.js';
import { isCniError } from './cni-error.js';
import { Network } from './network.js';
import { linkExists } from './network-commands.js';
import type { CniResult, NetworkList } from './types.js';

const thisFile = fileURLToPath(import.meta.url);
const executables = path.resolve(path.dirname(thisFile), '../../bin/cni');
const insideVariable = 'PINTLE_CNI_LAB_HOST';
const host = processSources([]).env[insideVariable];

const run = async (...argv: string[]): Promise<string> => (await systemExec(argv)).stdout;
const inside = (netns: string, ...argv: string[]): Promise<string> =>
  run('nsenter', `--net=/run/netns/${netns}`, ...argv);

if (host === undefined) {
  test('cni wires containers in a namespace of its own', async () => {
    const name = `pintle-cni-${systemRandom.nameSuffix(5)}`;
    await run('ip', 'netns', 'add', name);
    try {
      const enter = ['nsenter', `--net=/run/netns/${name}`, 'env', '-u', 'NODE_TEST_CONTEXT'];
      const argv = [...enter, process.execPath, '--test', thisFile];
      // A test runner inside a test runner runs nothing unless it forgets about the outer one.
      const env = { [insideVariable]: name };
      await systemExec(argv, { env, timeoutMs: 120_000 });
    } finally {
      await run('ip', 'netns', 'del', name);
    }
  });
} else {
  const listFor = (dataDir: string): NetworkList => ({
    cniVersion: '1.1.0',
    name: 'lab',
    plugins: [
      {
        type: 'bridge',
        bridge: 'labbr0',
        isGateway: true,
        isDefaultGateway: true,
        mtu: 1400,
        routeThroughGateway: true,
        ipam: { type: 'host-local', ranges: [[{ subnet: '10.244.7.0/24' }]], dataDir },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  });

  interface Bench {
    readonly network: Network;
    readonly folder: string;
    readonly netns: readonly [string, string];
  }

  async function withNetwork(
    catalogOf: () => PluginCatalog,
    body: (bench: Bench) => Promise<void>,
  ): Promise<void> {
    const folder = await mkdtemp(path.join(tmpdir(), 'pintle-cni-'));
    const netns = ['a', 'b'].map((suffix) => `${host ?? ''}-${suffix}`) as [string, string];
    for (const name of netns) await run('ip', 'netns', 'add', name);
    const network = new Network({
      list: listFor(path.join(folder, 'networks')),
      catalog: catalogOf(),
      cacheFolder: path.join(folder, 'results'),
    });
    try {
      await body({ network, folder, netns });
    } finally {
      for (const name of netns) await run('ip', 'netns', 'del', name);
      if (linkExists('labbr0')) await run('ip', 'link', 'del', 'labbr0');
      await rm(folder, { recursive: true });
    }
  }

  /** A closed port that refuses proves the way there and back. */
  const reaches = (netns: string, address: string): Promise<void> =>
    assert.rejects(
      inside(netns, 'timeout', '5', 'bash', '-c', `echo >/dev/tcp/${address}/9`),
      /Connection refused/,
    );

  const request = (containerId: string, netns: string) => ({
    containerId,
    ifName: 'eth0',
    netns: `/run/netns/${netns}`,
    path: [executables],
  });
  const addressOf = (result: CniResult): string =>
    result.ips?.[0]?.address.split('/')[0] ?? 'no address';

  const catalogs = {
    'in process': () => new PluginCatalog(systemExec),
    'as executables': () => new PluginCatalog(systemExec, [executables]),
  };
  for (const [how, catalogOf] of Object.entries(catalogs)) {
    test(`network ${how} connects two containers and leaves nothing behind`, async () => {
      await withNetwork(catalogOf, async ({ network, folder, netns: [first, second] }) => {
        await network.status();
        const ports = [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' as const }];
        const withPorts = { ...request('one', first), capabilities: { portMappings: ports } };
        const one = await network.add(withPorts);
        const two = await network.add(request('two', second));
        assert.notEqual(addressOf(one), addressOf(two));
        assert.equal(one.interfaces?.[2]?.sandbox, `/run/netns/${first}`);
        await reaches(first, addressOf(two));
        await reaches(first, '10.244.7.1');
        assert.match(await inside(first, 'ip', 'link', 'show', 'eth0'), /mtu 1400/);
        assert.match(await run('iptables', '-t', 'nat', '-S'), /--dport 8080 .*-j CNI-DN-/);
        await network.check(request('one', first));

        const again = await network.add(withPorts);
        assert.equal(addressOf(again), addressOf(one), 'a repeated ADD keeps the address');

        await inside(second, 'ip', 'addr', 'flush', 'dev', 'eth0');
        await assert.rejects(network.check(request('two', second)), isCniError);

        await network.del(request('one', first));
        await network.del(request('two', second));
        await network.del(request('two', second));
        assert.equal(linkExists(hostLinkName('one', 'eth0')), false);
        assert.doesNotMatch(await run('iptables', '-t', 'nat', '-S'), /CNI-DN-/);
        const locks = await readdir(path.join(folder, 'networks', 'lab'));
        assert.deepEqual(locks, ['last_reserved_ip.0']);
        assert.deepEqual(await network.attachments(), []);
      });
    });
  }

  test('network removes attachments of containers that are gone', async () => {
    await withNetwork(
      catalogs['in process'],
      async ({ network, folder, netns: [first, second] }) => {
        await network.add(request('one', first));
        await network.add(request('two', second));
        const leaked = await network.gc([{ containerID: 'one', ifname: 'eth0' }]);
        assert.deepEqual(leaked, [{ containerID: 'two', ifname: 'eth0' }]);
        assert.equal(linkExists(hostLinkName('one', 'eth0')), true);
        assert.equal(linkExists(hostLinkName('two', 'eth0')), false);
        const locks = await readdir(path.join(folder, 'networks', 'lab'));
        assert.equal(locks.filter((name) => name.startsWith('10.')).length, 1);
        await network.del(request('one', first));
      },
    );
  });

  test('executables answer VERSION and errors as the specification says', async () => {
    for (const type of await readdir(executables)) {
      assert.ok(isBuiltin(type));
      const versions = await pluginVersions(systemExec, path.join(executables, type));
      assert.ok(versions.includes('1.0.0') && versions.includes('1.1.0'));
    }
    const bridge = executablePlugin(systemExec, path.join(executables, 'bridge'), []);
    const call = { containerId: 'x', ifName: 'eth0', netns: '/run/netns/none', path: [] };
    await assert.rejects(
      bridge.add({ cniVersion: '9.9.9', name: 'lab', type: 'bridge' }, call),
      (error: unknown) => isCniError(error) && error.code === 1,
    );
    await assert.rejects(
      bridge.add({ cniVersion: '1.0.0', name: 'lab', type: 'bridge' }, { ...call, netns: '' }),
      (error: unknown) => isCniError(error) && error.code === 4,
    );
  });
}
