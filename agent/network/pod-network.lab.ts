/**
 * Pods, services and names on one node against the real kernel: wiring, service NAT, DNS and what is left afterwards. Needs
 * root; runs in namespaces of its own, with a fake API behind real informers.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { namespaces } from '../../api/core/v1/namespace.js';
import { nodes } from '../../api/core/v1/node.js';
import { services } from '../../api/core/v1/service.js';
import { endpointSlices } from '../../api/discovery/v1/endpoint-slice.js';
import { PluginCatalog } from '../../cni/catalog.js';
import { FakeClient } from '../../machinery/client/fake-client.js';
import { systemClock } from '../../machinery/clock/clock.js';
import { systemRandom } from '../../machinery/clock/random.js';
import { processSources } from '../../machinery/config/config.js';
import { systemExec } from '../../machinery/exec/exec.js';
import { startProcess } from '../../machinery/exec/process.js';
import { InformerFactory } from '../../machinery/informer/informer.js';
import { silentLogger } from '../../machinery/log/log.js';
import { Metrics } from '../../machinery/metrics/metrics.js';
import { eventually } from '../../testing/eventually.js';
import { DnsServer } from '../dns/dns-server.js';
import { ServiceProxy } from '../proxy/proxy.js';
import { chooseNetwork } from './default-network.js';
import { NodeNetwork } from './node-network.js';
import { CniPodNetwork, type PodNetworkTarget } from './pod-network.js';

const thisFile = fileURLToPath(import.meta.url);
const hostVariable = 'PINTLE_POD_NETWORK_LAB_HOST';
const host = processSources([]).env[hostVariable];
const run = async (...argv: string[]): Promise<string> => (await systemExec(argv)).stdout;
const inside = (netns: string, ...argv: string[]): Promise<string> =>
  run('nsenter', `--net=/run/netns/${netns}`, ...argv);

if (host === undefined) {
  test('pods reach services and names on a node of their own', async () => {
    const name = `pintle-pods-${systemRandom.nameSuffix(5)}`;
    await run('ip', 'netns', 'add', name);
    try {
      await run('ip', '-n', name, 'link', 'set', 'lo', 'up');
      await run('ip', '-n', name, 'link', 'add', 'uplink', 'type', 'bridge');
      await run('ip', '-n', name, 'addr', 'add', '192.168.77.1/24', 'dev', 'uplink');
      await run('ip', '-n', name, 'link', 'set', 'uplink', 'up');
      // The kernel asks for a way to a service's address before it is translated.
      await run('ip', '-n', name, 'route', 'add', 'default', 'via', '192.168.77.254');
      const enter = ['nsenter', `--net=/run/netns/${name}`, 'env', '-u', 'NODE_TEST_CONTEXT'];
      const argv = [...enter, process.execPath, '--enable-source-maps', '--test', thisFile];
      await systemExec(argv, { env: { [hostVariable]: name }, timeoutMs: 120_000 });
    } finally {
      await run('ip', 'netns', 'del', name);
    }
  });
} else {
  const podNames = ['one', 'two'] as const;
  const netnsOf = (pod: string): string => `${host}-${pod}`;
  const targetOf = (name: string): PodNetworkTarget => ({
    podUid: `uid-${name}`,
    namespace: 'shop',
    name,
    sandboxId: `sandbox-${name}`,
    netnsPath: `/run/netns/${netnsOf(name)}`,
    hostPorts: [],
  });
  const server = (name: string): string =>
    `require('http').createServer((q, r) => r.end('${name} sees ' + q.socket.remoteAddress)).listen(8080, '0.0.0.0')`;
  const fetched = (netns: string | undefined, url: string): Promise<string> => {
    const curl = ['curl', '-s', '-S', '-m', '5', url];
    return netns === undefined ? run(...curl) : inside(netns, ...curl);
  };

  test('pods reach services by address, node port and name, and leave nothing behind', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'pintle-pods-'));
    const stop = new AbortController();
    const client = new FakeClient(systemClock);
    const common = { clock: systemClock, logger: silentLogger };
    const informers = new InformerFactory({ client, random: systemRandom, ...common });
    const network = await chooseNetwork(path.join(folder, 'none'), {
      podCidr: '10.244.3.0/24',
      dataDir: path.join(folder, 'addresses'),
    });
    const pods = new CniPodNetwork({
      network,
      catalog: new PluginCatalog(systemExec),
      pluginFolders: [],
      resultFolder: path.join(folder, 'results'),
      logger: silentLogger,
    });
    const podCidr = '10.244.0.0/16';
    const nodeNetwork = new NodeNetwork({
      nodeName: 'here',
      podCidr,
      nodes: informers.informer(nodes),
      exec: systemExec,
      ...common,
    });
    const proxy = new ServiceProxy({
      services: informers.informer(services),
      endpointSlices: informers.informer(endpointSlices),
      node: { name: 'here', podCidr },
      exec: systemExec,
      metrics: new Metrics(),
      ...common,
    });
    const dns = new DnsServer({
      address: '10.96.0.10',
      domain: 'cluster.local',
      resolvConf: '/nonexistent',
      services: informers.informer(services),
      endpointSlices: informers.informer(endpointSlices),
      namespaces: informers.informer(namespaces),
      exec: systemExec,
      random: systemRandom,
      metrics: new Metrics(),
      ...common,
    });
    const processes = [];
    try {
      const ips: string[] = [];
      for (const name of podNames) {
        await run('ip', 'netns', 'add', netnsOf(name));
        ips.push((await pods.setup(targetOf(name))).ips[0] ?? '');
        const argv = ['nsenter', `--net=/run/netns/${netnsOf(name)}`, process.execPath, '-e'];
        processes.push(await startProcess([...argv, server(name)], { output: 'inherit' }));
      }
      const [first = '', second = ''] = ips;
      assert.deepEqual(await pods.setup(targetOf('one')), { ips: [first] }, 'setup is idempotent');

      const clusterIP = '10.96.0.50';
      const meta = (name: string) => ({ name, namespace: 'shop' });
      const sliceOf = (addresses: readonly string[]) => ({
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { ...meta('web-x'), labels: { 'kubernetes.io/service-name': 'web' } },
        addressType: 'IPv4',
        endpoints: addresses.map((address) => ({ addresses: [address], nodeName: 'here' })),
        ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
      });
      client.seed(namespaces, {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: 'shop' },
        spec: {},
        status: {},
      });
      client.seed(services, {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: meta('web'),
        spec: {
          type: 'NodePort',
          clusterIP,
          clusterIPs: [clusterIP],
          ports: [{ name: 'http', port: 80, nodePort: 30080, protocol: 'TCP' }],
        },
        status: {},
      });
      const slice = client.seed(endpointSlices, sliceOf([second]));
      await nodeNetwork.ensureRules();
      void proxy.run(stop.signal);
      void nodeNetwork.run(stop.signal);
      informers.start(stop.signal);
      await dns.start();
      await informers.waitForSync();
      await eventually(() => {
        assert.ok(proxy.hasSynced);
      });
      await eventually(async () => {
        assert.match(await fetched(undefined, `http://${second}:8080`), /^two/);
      });

      const url = `http://${clusterIP}`;
      assert.equal(
        await fetched(netnsOf('one'), url),
        `two sees ${first}`,
        'pods keep their address',
      );
      assert.match(await fetched(netnsOf('two'), url), /^two sees 10\.244\.3\.1$/, 'hairpin');
      assert.match(await fetched(undefined, url), /^two/, 'from the node');
      assert.match(await fetched(undefined, 'http://192.168.77.1:30080'), /^two/);
      assert.match(await fetched(undefined, 'http://127.0.0.1:30080'), /^two/);
      assert.match(await fetched(netnsOf('one'), 'http://192.168.77.1:30080'), /^two/);

      const lookup = `const r = new (require('dns').Resolver)(); r.setServers(['10.96.0.10']); r.resolve4('web.shop.svc.cluster.local', (e, a) => console.log(e ? e.code : a.join()))`;
      assert.equal(await inside(netnsOf('one'), process.execPath, '-e', lookup), `${clusterIP}\n`);

      await client.update(endpointSlices, {
        ...slice,
        ...sliceOf([first]),
        metadata: slice.metadata,
      });
      await eventually(async () => {
        assert.match(await fetched(netnsOf('two'), url), /^one/);
      });
      await client.delete(endpointSlices, meta('web-x'));
      await eventually(async () => {
        await assert.rejects(fetched(netnsOf('two'), url), /exit status 7/);
        await assert.rejects(fetched(undefined, 'http://192.168.77.1:30080'), /exit status 7/);
      });

      stop.abort();
      for (const name of podNames) await pods.teardown(targetOf(name));
      assert.equal(await pods.check(targetOf('one')), undefined);
      await proxy.cleanup();
      await nodeNetwork.cleanup();
      await dns.cleanup();
      const rules = await run('iptables-save');
      assert.doesNotMatch(rules, /KUBE-|PINTLE-|CNI-/);
      assert.doesNotMatch(await run('ip', 'link'), /veth/);
      assert.doesNotMatch(await run('ip', 'addr', 'show', 'lo'), /10\.96/);
    } finally {
      stop.abort();
      await dns.stop();
      for (const child of processes) child.kill('SIGKILL');
      for (const name of podNames) await run('ip', 'netns', 'del', netnsOf(name)).catch(() => '');
      await rm(folder, { recursive: true });
    }
  });
}
