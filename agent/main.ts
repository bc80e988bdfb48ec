/**
 * Composes the agent: joins the cluster, registers the node, and runs pods, network and service proxy until told to stop.
 * With `base.ts` and `pod-parts.ts` the only place that constructs concrete classes. Stopping leaves containers, rules and
 * mounts as they are: the next start adopts them.
 */
import { nodes } from '../api/core/v1/node.js';
import { services } from '../api/core/v1/service.js';
import { setMaxListeners } from 'node:events';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { endpointSlices } from '../api/discovery/v1/endpoint-slice.js';
import type { EndpointSlice } from '../api/discovery/v1/types.js';
import { namespaces } from '../api/core/v1/namespace.js';
import type { Namespace, Node, Service } from '../api/core/v1/types.js';
import { PluginCatalog } from '../cni/catalog.js';
import { systemClock } from '../machinery/clock/clock.js';
import { systemRandom } from '../machinery/clock/random.js';
import { defaultNodeIp, defaultNodeName } from '../machinery/config/machine.js';
import type { Informer } from '../machinery/informer/informer.js';
import { createLogger } from '../machinery/log/log.js';
import { Metrics } from '../machinery/metrics/metrics.js';
import type { AgentConfig } from './config.js';
import { DnsServer } from './dns/dns-server.js';
import { chooseNetwork } from './network/default-network.js';
import { NodeNetwork } from './network/node-network.js';
import { CniPodNetwork } from './network/pod-network.js';
import type { CertificateKeeper } from './node/certificate-keeper.js';
import { joinCluster } from './node/join.js';
import { readMachineFacts, readMachineUsage } from './node/machine-facts.js';
import { NodeReporter } from './node/node-reporter.js';
import type { NodeFacts as ReportedFacts, NodeHealth } from './node/node-status.js';
import { servingCertificate } from './node/serving-certificate.js';
import type { PodContainerAccess } from './pods/container-access.js';
import { NodeServer } from './server/server.js';
import { ServiceProxy } from './proxy/proxy.js';
import type { EngineVersion } from './runtime/runtime.js';
import { type Base, buildBase, type Engine, openEngine, untilDone } from './base.js';
import { buildPods } from './pod-parts.js';

/** What a node of this release says it runs. */
const agentVersion = 'v1.36.0+pintle.0.1.0';
const cniConfigFolder = '/etc/cni/net.d';
const cniPluginFolders = ['/opt/cni/bin', '/usr/lib/cni'];

/** Facts and health of the node for its reporter. */
function buildReporter(
  base: Base,
  engine: () => EngineVersion,
  isReady: () => readonly string[],
): NodeReporter {
  const { config, nodeName, nodeIp, client, clock, logger, recorder, runtime, stopped } = base;
  const machine = readMachineFacts(config.dataDir);
  const facts = (): ReportedFacts => ({
    ...machine,
    nodeIp,
    engineVersion: engine().version,
    agentVersion,
    agentPort: config.agentPort,
  });
  const health = async (): Promise<NodeHealth> => {
    const problems = [...isReady()];
    const images = await runtime.listImages().catch(() => []);
    const reported = images.map(({ names, digests, sizeBytes }) => ({
      names: [...digests, ...names],
      sizeBytes,
    }));
    return { ...(await readMachineUsage(config.dataDir)), problems, images: reported };
  };
  return new NodeReporter({
    client,
    clock,
    logger,
    nodeName,
    facts,
    health,
    tell: ({ metadata }, { reason, message }) => {
      recorder.report({
        regarding: { apiVersion: 'v1', kind: 'Node', metadata },
        eventType: 'Normal',
        eventReason: reason,
        message,
      });
    },
    signal: stopped.signal,
  });
}

/** The range of addresses the master gave this node, once it has. */
function podCidrOf(base: Base, registered: Node, own: Informer<Node>): Promise<string> {
  const given = registered.spec.podCIDR ?? '';
  if (given !== '') return Promise.resolve(given);
  base.logger.info('waiting for the master to assign the node a range of pod addresses');
  return new Promise((resolve) => {
    const look = ({ metadata, spec }: Node): void => {
      if (metadata.name !== base.nodeName || (spec.podCIDR ?? '') === '') return;
      removeHandler();
      resolve(spec.podCIDR ?? '');
    };
    // The handler may be called before this function returns it.
    let removeHandler = (): void => undefined;
    removeHandler = own.addHandler({ onAdd: look, onUpdate: look });
  });
}

async function buildNetwork(base: Base, podCidr: string): Promise<CniPodNetwork> {
  const { config, exec, logger } = base;
  const stateFolder = path.join(config.dataDir, 'cni');
  await mkdir(stateFolder, { recursive: true });
  return new CniPodNetwork({
    network: await chooseNetwork(cniConfigFolder, {
      podCidr,
      dataDir: path.join(stateFolder, 'addresses'),
    }),
    catalog: new PluginCatalog(exec, cniPluginFolders),
    pluginFolders: cniPluginFolders,
    resultFolder: path.join(stateFolder, 'results'),
    logger,
  });
}

function buildProxy({
  informers,
  exec,
  clock,
  logger,
  metrics,
  nodeName,
  config,
}: Base): ServiceProxy {
  return new ServiceProxy({
    services: informers.informer<Service>(services),
    endpointSlices: informers.informer<EndpointSlice>(endpointSlices),
    node: { name: nodeName, podCidr: config.podCidr },
    exec,
    clock,
    logger,
    metrics,
  });
}

function buildDns({ informers, config, exec, clock, logger, metrics }: Base): DnsServer {
  return new DnsServer({
    address: config.clusterDns,
    domain: config.clusterDomain,
    services: informers.informer<Service>(services),
    endpointSlices: informers.informer<EndpointSlice>(endpointSlices),
    namespaces: informers.informer<Namespace>(namespaces),
    exec,
    clock,
    random: systemRandom,
    logger,
    metrics,
  });
}

function buildServingCertificate(base: Base): CertificateKeeper {
  const { client, nodeName, nodeIp, config, clock, logger, joined } = base;
  return servingCertificate({
    client,
    nodeName,
    nodeIp,
    caPem: joined.connection.caPem,
    dataDir: config.dataDir,
    clock,
    random: systemRandom,
    logger,
  });
}

async function serve(
  base: Base,
  keeper: CertificateKeeper,
  access: PodContainerAccess,
  problems: ReadonlySet<string>,
): Promise<void> {
  const { config, metrics, clock, logger, joined, stopped } = base;
  const { caPem } = joined.connection;
  const pair = await untilDone(base, 'the node has no serving certificate yet', () =>
    keeper.ensure(),
  );
  const server = new NodeServer({
    identity: { ...pair, caPem },
    port: config.agentPort,
    access,
    metrics,
    clock,
    logger,
    health: () => (problems.size === 0 ? undefined : [...problems].join('; ')),
  });
  await server.start();
  void keeper.run(stopped.signal, (renewed) => {
    server.renew({ ...renewed, caPem });
  });
  stopped.signal.addEventListener('abort', () => void server.stop());
}

/** Whether the master has heard that the node is reached at this address. */
const hasAddress = ({ status }: Partial<Node>, nodeIp: string): boolean =>
  (status?.addresses ?? []).some(({ address }) => address === nodeIp);

/** Starts everything in its order and resolves when the node works. */
async function startParts(base: Base, engine: Engine): Promise<void> {
  const { config, informers, stopped, exec, clock, logger, nodeName, joined } = base;
  const { signal } = stopped;
  const version = await engine.version;
  const problems = new Set(['the agent is starting']);
  const reporter = buildReporter(
    base,
    () => version,
    () => [...problems],
  );
  const registered = await reporter.register();
  void joined.keepRenewed(base.transport, signal);
  // The serving certificate is approved for addresses that the node has reported. A node that is known reports once all
  // works again, so that it stays Ready while its agent starts anew.
  const isKnown = hasAddress(registered, base.nodeIp);
  if (!isKnown) void reporter.run();
  const serving = buildServingCertificate(base);
  const nodeInformer = informers.informer<Node>(nodes);
  const proxy = buildProxy(base);
  const dns = buildDns(base);
  informers.start(signal);
  const [podCidr, pauseImage] = await Promise.all([
    podCidrOf(base, registered, nodeInformer),
    engine.pauseImage,
  ]);
  const nodeNetwork = new NodeNetwork({
    nodeName,
    podCidr: config.podCidr,
    nodes: nodeInformer,
    exec,
    clock,
    logger,
  });
  await untilDone(base, 'the node’s network rules cannot be written', () =>
    nodeNetwork.ensureRules(),
  );
  const network = await buildNetwork(base, podCidr);
  const { workers, access, view } = await untilDone(base, 'pods cannot be run yet', () =>
    buildPods(base, { version, pauseImage }, network),
  );
  await untilDone(base, 'DNS cannot be answered yet', () => dns.start());
  signal.addEventListener('abort', () => void dns.stop());
  void nodeNetwork.run(signal);
  void proxy.run(signal);
  await serve(base, serving, access, problems);
  await workers.start(signal);
  await network.collectGarbage(view.sandboxIds()).catch((error: unknown) => {
    logger.warn('leaked networks could not be cleared away', { error });
  });
  problems.clear();
  if (isKnown) void reporter.run();
  else reporter.checkNow();
  workers.onEngineChange((up) => {
    if (up) problems.clear();
    else problems.add('the container engine does not answer');
    reporter.checkNow();
  });
  logger.info('agent is ready', { node: nodeName, podCidr });
}

/** Joins, starts and resolves when the node works; rejects when it cannot become a member. */
export async function startAgent(config: AgentConfig): Promise<{ stop: () => Promise<void> }> {
  const logger = createLogger({ level: config.logLevel, format: config.logFormat });
  const nodeName = config.nodeName ?? defaultNodeName();
  const nodeIp = config.nodeIp ?? defaultNodeIp();
  await mkdir(config.dataDir, { recursive: true, mode: 0o711 });
  const clock = systemClock;
  const metrics = new Metrics({ process: true });
  const stopped = new AbortController();
  // Everything that runs for as long as the agent listens for its end: every pod among others.
  setMaxListeners(0, stopped.signal);
  const engine = openEngine(config, { clock, logger, metrics, stopped });
  const joined = await joinCluster({
    serverUrl: config.server,
    dataDir: config.dataDir,
    nodeName,
    token: config.token,
    caHash: config.caHash,
    clock,
    random: systemRandom,
    logger,
  });
  const { runtime } = engine;
  const base = buildBase(config, joined, {
    nodeName,
    nodeIp,
    clock,
    logger,
    metrics,
    runtime,
    stopped,
  });
  await startParts(base, engine);
  return {
    stop: () => {
      stopped.abort();
      return Promise.resolve();
    },
  };
}
