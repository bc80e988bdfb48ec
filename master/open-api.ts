/** Opens what requests go through, from the store to the gate. Nothing is served yet. */
import { mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { secrets } from '../api/core/v1/secret.js';
import type { ResourceDefinition } from '../api/schema/resource.js';
import { WebhookClient } from '../machinery/client/webhook-client.js';
import type { Clock } from '../machinery/clock/clock.js';
import type { Random } from '../machinery/clock/random.js';
import type { Logger } from '../machinery/log/log.js';
import type { Metrics } from '../machinery/metrics/metrics.js';
import { createAdmissionMetrics } from './admission/admission-metrics.js';
import { createWebhookMetrics } from './admission/webhooks/webhook-metrics.js';
import type { MasterConfig } from './config.js';
import { openAdmission } from './open-admission.js';
import { openAudit } from './open-audit.js';
import { openAuthentication } from './open-authentication.js';
import type { Authentication } from './open-authentication.js';
import { openAuthorization } from './open-authorization.js';
import type { Authorization } from './open-authorization.js';
import { openCustomResources } from './open-custom-resources.js';
import { openRegistries } from './open-registries.js';
import { openResources } from './open-resources.js';
import { lifetimesMs } from './pki/authority.js';
import { openPki } from './pki/pki.js';
import type { Pki } from './pki/pki.js';
import type { CustomResources } from './registry/custom-resources/serving.js';
import { storePrefix } from './registry/object-key.js';
import type { Registries } from './registry/registries.js';
import { createAccessMetrics } from './server/access-metrics.js';
import type { AccessMetrics } from './server/access-metrics.js';
import { AgentProxy } from './server/agent-proxy.js';
import type { AgentProxyOptions } from './server/agent-proxy.js';
import { createApi } from './server/api-server.js';
import type { Auditor } from './server/audit/auditor.js';
import { startCheck } from './server/health.js';
import type { HealthCheck } from './server/health.js';
import { ClusterConnector } from './server/proxy/cluster-connector.js';
import type { RequestGate } from './server/request-gate.js';
import { slowWatcherCounter } from './storage-figures.js';
import { openStore } from './store/open-store.js';
import type { Store } from './store/store.js';

/** The API as far as the gate. */
export interface Api {
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

/** The store is known by the names Kubernetes has for its own, by which probes leave it out. */
export const storeCheck = (name: string, store: Store): HealthCheck => ({
  name,
  check: async () => {
    await store.get('/registry/health');
  },
});

/** Each is told when what it is named after has been done. */
const startChecks = () => ({
  cluster: startCheck('poststarthook/bootstrap-cluster'),
  roles: startCheck('poststarthook/rbac/bootstrap-roles'),
  flowControl: startCheck('poststarthook/priority-and-fairness-config-producer'),
  controllers: startCheck('controller-manager'),
  scheduler: startCheck('scheduler'),
});
type StartChecks = ReturnType<typeof startChecks>;

export interface ApiOptions {
  readonly config: MasterConfig;
  readonly nodeIp: string;
  /** The address of the Service `kubernetes`. */
  readonly serviceAddress: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

function openMasterPki(options: ApiOptions): Promise<Pki> {
  const { config, nodeIp, serviceAddress } = options;
  const { clusterDomain, listen, dataDir } = config;
  const host = listen.host === '0.0.0.0' || listen.host === '::' ? nodeIp : listen.host;
  return openPki({
    dataDir,
    clock: options.clock,
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

/** Who the master is to agents. */
export const agentClient = (pki: Pki): AgentProxyOptions => ({
  caPem: pki.caPem,
  ...pki.certificate('agent-client'),
});

/** Everything up to the gate; nothing is served yet. */
export async function openApi(options: ApiOptions): Promise<Api> {
  const { config, clock, random, metrics, logger } = options;
  const resources = await openResources(config);
  await mkdir(config.dataDir, { recursive: true });
  const encryptedPrefixes = [storePrefix(secrets)];
  const [pki, store] = await Promise.all([
    openMasterPki(options),
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
  const settings = { config, registries, clock, logger, metrics };
  const authentication = await openAuthentication({ ...settings, pki, random });
  const audit = await openAudit(settings);
  const admission = await openAdmission(config);
  const authorization = await openAuthorization(settings);
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
    admissionMetrics: createAdmissionMetrics(metrics),
    accessMetrics,
    cluster,
    clock,
    random,
  });
  const access = { gate, accessMetrics, authentication, authorization, audit };
  return { resources, pki, store, registries, custom, agents, cluster, start, ...access };
}
