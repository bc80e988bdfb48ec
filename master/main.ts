/**
 * The master: opens the store, puts the API over it, serves it, and runs controllers and the scheduler as its clients. The
 * only place in `master/` that constructs concrete classes.
 *
 * Called by `pintle master`. `readyz` turns good once writes are served and the cluster's own objects exist.
 */
import { mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { hasMessage } from '../api/protobuf/decode.js';
import type { ResourceDefinition, Requester } from '../api/schema/resource.js';
import { secrets } from '../api/core/v1/secret.js';
import { createClient } from '../machinery/client/api-client.js';
import type { Client } from '../machinery/client/client.js';
import type { Transport } from '../machinery/client/transport.js';
import { WebhookClient } from '../machinery/client/webhook-client.js';
import { timestamp } from '../api/meta/timestamp.js';
import { systemClock } from '../machinery/clock/clock.js';
import { systemRandom } from '../machinery/clock/random.js';
import { defaultNodeIp } from '../machinery/config/machine.js';
import { createLogger } from '../machinery/log/log.js';
import type { Logger } from '../machinery/log/log.js';
import { Metrics } from '../machinery/metrics/metrics.js';
import { bootstrapCluster } from './bootstrap.js';
import { bootstrapFlowControl, keepFlowControl } from './bootstrap-flow-control.js';
import { bootstrapPolicy } from './bootstrap-policy.js';
import { createWebhookMetrics } from './admission/webhooks/webhook-metrics.js';
import type { MasterConfig } from './config.js';
import { startControlPlane } from './control-plane.js';
import {
  type FlowSchemaConditionOptions,
  keepFlowSchemaConditions,
} from './flow-schema-conditions.js';
import { keepTrackingDate, type TrackingDateOptions } from './legacy-token-tracking.js';
import { openAdmission } from './open-admission.js';
import { type Authorization, openAuthorization } from './open-authorization.js';
import { openAudit } from './open-audit.js';
import {
  type Authentication,
  type ClientTrust,
  openAuthentication,
} from './open-authentication.js';
import { openCustomResources } from './open-custom-resources.js';
import { openFairness } from './open-fairness.js';
import { openRegistries } from './open-registries.js';
import { openResources } from './open-resources.js';
import { lifetimesMs, type SigningOrder } from './pki/authority.js';
import type { CustomResources } from './registry/custom-resources/serving.js';
import type { ResourceRegistry } from './registry/resource-registry.js';
import { openPki } from './pki/pki.js';
import type { Pki } from './pki/pki.js';
import { keepRenewed } from './pki/renewal.js';
import type { Registries } from './registry/registries.js';
import { storePrefix } from './registry/object-key.js';
import { firstServiceAddress } from './registry/service-ranges.js';
import { Aggregator } from './server/aggregation/aggregator.js';
import { createAccessMetrics } from './server/access-metrics.js';
import type { AccessMetrics } from './server/access-metrics.js';
import { AgentProxy } from './server/agent-proxy.js';
import type { AgentProxyOptions } from './server/agent-proxy.js';
import { ClusterConnector } from './server/proxy/cluster-connector.js';
import { createApi } from './server/api-server.js';
import { fairnessDumps } from './server/flow-control/dumps.js';
import { fairnessFigures } from './server/flow-control/fairness-metrics.js';
import { requestTurns } from './server/flow-control/request-turns.js';
import type { StoredAmount } from './server/flow-control/request-turns.js';
import { shutdownCheck, startCheck } from './server/health.js';
import type { HealthCheck } from './server/health.js';
import { startHttpServer } from './server/http-server.js';
import type { ServerIdentity } from './server/http-server.js';
import { keySetPath } from './server/issuer-documents.js';
import { createInProcessTransport } from './server/in-process-transport.js';
import type { Auditor } from './server/audit/auditor.js';
import { createOtherRoutes } from './server/other-routes.js';
import type { RequestGate } from './server/request-gate.js';
import { createRequestMetrics } from './server/request-metrics.js';
import { slowWatcherCounter, storageFigures } from './storage-figures.js';
import { openStore } from './store/open-store.js';
import type { Store } from './store/store.js';
import { addressFromNumber } from '../api/validation/addresses.js';
import { serverUser } from './registry/own-writes.js';

export interface RunningMaster {
  /** Where the administrator's kubeconfig was written. */
  readonly adminKubeconfig: string;
  readonly port: number;
  /** Requests in process, as any user; how controllers and the scheduler reach the API. */
  readonly transportFor: (user: Requester) => Transport;
  readonly stop: () => Promise<void>;
}

const clock = systemClock;
const random = systemRandom;

function openMasterPki(config: MasterConfig, nodeIp: string, serviceAddress: string): Promise<Pki> {
  const { clusterDomain, listen, dataDir } = config;
  const host = listen.host === '0.0.0.0' || listen.host === '::' ? nodeIp : listen.host;
  return openPki({
    dataDir,
    clock,
    dnsNames: [
      'localhost',
      hostname().toLowerCase(),
      'kubernetes',
      'kubernetes.default',
      'kubernetes.default.svc',
      `kubernetes.default.svc.${clusterDomain}`,
    ],
    ipAddresses: [...new Set(['127.0.0.1', nodeIp, host, serviceAddress])],
    serverUrl: `https://${host}:${String(listen.port)}`,
    lifetimeMs: config.clusterSigningDurationMs ?? lifetimesMs.leaf,
  });
}

/** The store is known by the names Kubernetes has for its own, by which probes leave it out. */
const storeCheck = (name: string, store: Store): HealthCheck => ({
  name,
  check: async () => {
    await store.get('/registry/health');
  },
});

interface ServingOptions {
  readonly config: MasterConfig;
  readonly nodeIp: string;
  readonly pki: Pki;
  readonly registries: Registries;
  readonly custom: CustomResources;
  readonly gate: RequestGate;
  readonly accessMetrics: AccessMetrics;
  readonly authentication: Authentication;
  readonly audit: Auditor | undefined;
  readonly store: Store;
  readonly agents: AgentProxy;
  readonly aggregator: Aggregator;
  readonly start: readonly HealthCheck[];
  /** Aborted when the master is to end. */
  readonly stopped: AbortSignal;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** Joining agents know the authority by its hash, so it is sent along. */
function serverIdentity(pki: Pki, { caPem, requestHeaderCaPem }: ClientTrust): ServerIdentity {
  const { certificatePem, keyPem } = pki.certificate('server');
  const chain = `${certificatePem}\n${pki.caPem}`;
  return { certificatePem: chain, keyPem, caPem, requestHeaderCaPem };
}

const agentClient = (pki: Pki): AgentProxyOptions => ({
  caPem: pki.caPem,
  ...pki.certificate('agent-client'),
});

function serve(options: ServingOptions): ReturnType<typeof startHttpServer> {
  const { config, pki, registries, metrics, store, nodeIp } = options;
  const logger = options.logger.with({ component: 'apiserver' });
  const ping: HealthCheck = { name: 'ping', check: () => undefined };
  const serverAddress = `${nodeIp}:${String(config.listen.port)}`;
  const fairness = openFairness({ config, registries, clock });
  const checks = [ping, storeCheck('etcd', store), ...options.start];
  const isServed = (group: string, plural: string): boolean =>
    registries.find(group, plural) !== undefined;
  const requestMetrics = createRequestMetrics(metrics, isServed);
  return startHttpServer(
    {
      ...serverIdentity(pki, options.authentication.trust),
      authenticate: options.authentication.authenticate,
      gate: options.gate,
      accessMetrics: options.accessMetrics,
      audit: options.audit,
      fairness: requestTurns(fairness, ({ group, plural, version }) =>
        amountIn(registries.find(group, plural, version)),
      ),
      aggregator: options.aggregator,
      otherRoutes: createOtherRoutes({
        resources: options.custom.all,
        remotes: options.aggregator.groupVersions,
        serverAddress,
        livez: checks,
        readyz: [...checks, shutdownCheck(options.stopped)],
        metrics,
        issuer: {
          tokens: options.authentication.tokens,
          jwksUri: config.serviceAccountJwksUri ?? `https://${serverAddress}${keySetPath}`,
        },
        dumps: fairnessDumps(fairness),
        beforeScrape: [
          storageFigures(metrics, registries),
          fairnessFigures(metrics, fairness),
          requestMetrics.settle,
        ],
        logger,
        buildDate: new Date(0).toISOString(),
      }),
      agents: options.agents,
      metrics: requestMetrics,
      formsOf: ({ group, plural, version, subresource, verb }) => {
        const registry = registries.find(group, plural, version);
        return {
          protobufObjects: registry === undefined || hasMessage(registry.resource.schema),
          // Reviews, bindings, evictions and tokens are created and never stored.
          tables: verb !== 'create' || (registry !== undefined && subresource === ''),
        };
      },
      clock,
      logger,
    },
    config.listen,
  );
}

const amountIn = (registry: ResourceRegistry | undefined): StoredAmount | undefined =>
  registry && { objects: registry.store.count(), bytes: registry.store.sizeBytes() };

interface Api {
  /** What is built in and served. */
  readonly resources: readonly ResourceDefinition[];
  readonly pki: Pki;
  readonly store: Store;
  readonly registries: Registries;
  readonly custom: CustomResources;
  readonly gate: RequestGate;
  readonly accessMetrics: AccessMetrics;
  readonly authentication: Authentication;
  readonly authorization: Authorization;
  readonly audit: Auditor | undefined;
  readonly agents: AgentProxy;
  readonly cluster: ClusterConnector;
  /** What has to run before writes are served. */
  readonly start: StartChecks;
}

/** Each is told when what it is named after has been done. */
const startChecks = () => ({
  cluster: startCheck('poststarthook/bootstrap-cluster'),
  roles: startCheck('poststarthook/rbac/bootstrap-roles'),
  flowControl: startCheck('poststarthook/priority-and-fairness-config-producer'),
  controllers: startCheck('controller-manager'),
  scheduler: startCheck('scheduler'),
});
type StartChecks = ReturnType<typeof startChecks>;

interface MasterSetting {
  readonly config: MasterConfig;
  readonly nodeIp: string;
  /** The address of the Service `kubernetes`. */
  readonly serviceAddress: string;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** Everything up to the gate; nothing is served yet. */
async function openApi({
  config,
  nodeIp,
  serviceAddress,
  metrics,
  logger,
}: MasterSetting): Promise<Api> {
  const resources = await openResources(config);
  await mkdir(config.dataDir, { recursive: true });
  const encryptedPrefixes = [storePrefix(secrets)];
  const [pki, store] = await Promise.all([
    openMasterPki(config, nodeIp, serviceAddress),
    openStore({ config, encryptedPrefixes, clock, random, metrics, logger }),
  ]);
  const opening = { store, clock, random, slowWatchers: slowWatcherCounter(metrics) };
  const registries = await openRegistries({
    ...opening,
    resources,
    serviceCidr: config.serviceCidr,
    logger,
  });
  const agents = new AgentProxy(agentClient(pki));
  const cluster = new ClusterConnector({ registries, agents, random });
  const converters = new WebhookClient((target) => cluster.toService(target));
  const custom = await openCustomResources({
    ...opening,
    registries,
    builtIn: resources,
    logger,
    callWebhook: (server, body, limits) => converters.call(server, body, limits),
  });
  const authentication = await openAuthentication({
    config,
    pki,
    registries,
    clock,
    random,
    logger,
    metrics,
  });
  const audit = await openAudit({ config, registries, clock, logger, metrics });
  const admission = await openAdmission(config);
  const authorization = await openAuthorization({ config, registries, clock, logger, metrics });
  const accessMetrics = createAccessMetrics(metrics);
  const start = startChecks();
  const gate = createApi({
    registries,
    parts: [start.controllers, start.scheduler, storeCheck('etcd-0', store)],
    resources,
    access: authorization.access,
    tokens: authentication.tokens,
    reviewToken: authentication.reviewToken,
    admission: admission.selection,
    admissionSettings: admission.settings,
    webhookCredentials: admission.webhookCredentials,
    webhookMetrics: createWebhookMetrics(metrics),
    accessMetrics,
    cluster,
    clock,
    random,
  });
  const access = { gate, accessMetrics, authentication, authorization, audit };
  return { resources, pki, store, registries, custom, agents, cluster, start, ...access };
}

const openAggregator = (
  { registries, cluster, custom, pki }: Api,
  common: { readonly client: Client; readonly logger: Logger },
): Aggregator =>
  new Aggregator({
    registries,
    cluster,
    resources: custom.all,
    identity: () => pki.certificate('front-proxy-client'),
    clock,
    ...common,
  });

/** Objects that the server itself keeps as they have to be. */
function keepOwnObjects(keeping: FlowSchemaConditionOptions & TrackingDateOptions): void {
  keepFlowControl(keeping);
  keepFlowSchemaConditions(keeping);
  keepTrackingDate(keeping);
}

/** Starts the master; resolves once it serves writes. */
export async function startMaster(config: MasterConfig): Promise<RunningMaster> {
  const logger = createLogger({ level: config.logLevel, format: config.logFormat });
  const metrics = new Metrics({ process: true });
  const nodeIp = config.nodeIp ?? defaultNodeIp();
  const serviceAddress = addressFromNumber(firstServiceAddress(config.serviceCidr));
  const api = await openApi({ config, nodeIp, serviceAddress, metrics, logger });
  const { resources, pki, store, gate, agents, start, audit } = api;
  const { trust, tokens } = api.authentication;
  const { caPem } = pki;
  const hooks = [start.cluster, start.roles, start.flowControl];
  const transportFor = (user: Requester): Transport =>
    createInProcessTransport(user, { gate, clock, audit });
  const client = createClient(transportFor(serverUser));
  const aggregator = openAggregator(api, { client, logger });
  const serving = { config, nodeIp, aggregator, metrics, logger };
  const stopped = new AbortController();
  const server = await serve({ ...api, ...serving, start: hooks, stopped: stopped.signal });
  void keepRenewed({
    pki,
    clock,
    logger,
    signal: stopped.signal,
    onRenewed: (name) => {
      if (name === 'server') server.renew(serverIdentity(pki, trust));
      if (name === 'agent-client') agents.renew(agentClient(pki));
    },
  });
  await bootstrapCluster({
    client,
    address: nodeIp,
    port: server.port,
    serviceAddress,
    serviceCidr: config.serviceCidr,
    now: timestamp(clock.now()),
    caPem,
    trust,
  });
  start.cluster.done();
  await Promise.all([
    bootstrapPolicy(client).then(start.roles.done),
    bootstrapFlowControl(client).then(start.flowControl.done),
  ]);
  void aggregator.run(stopped.signal);
  void Promise.all([
    api.authentication.follow(stopped.signal),
    api.authorization.follow(stopped.signal),
  ]);
  keepOwnObjects({ ...api, client, clock, logger, signal: stopped.signal });
  const common = { clock, random, logger, metrics };
  const lifetimeMs = config.clusterSigningDurationMs ?? lifetimesMs.leaf;
  const signing = { lifetimeMs, sign: (order: SigningOrder) => pki.sign(order) };
  const issuing = { caPem, signing, signToken: tokens.issueLegacy };
  const ownConfig = { config, resources, transportFor };
  const controlPlane = startControlPlane({ ...ownConfig, ...issuing, ...common });
  start.controllers.done();
  start.scheduler.done();
  logger.info('serving', { port: server.port, kubeconfig: pki.adminKubeconfig });
  return {
    adminKubeconfig: pki.adminKubeconfig,
    port: server.port,
    transportFor,
    stop: async () => {
      stopped.abort();
      await controlPlane.stop();
      await server.close();
      await audit?.close();
      await store.close();
    },
  };
}
