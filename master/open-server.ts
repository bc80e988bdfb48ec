/** Puts the HTTP server before the gate: who is asking, whose turn it is, what else is served, and how well the master is. */
import { hasMessage } from '../api/protobuf/decode.js';
import type { Clock } from '../machinery/clock/clock.js';
import type { Logger } from '../machinery/log/log.js';
import type { Metrics } from '../machinery/metrics/metrics.js';
import type { MasterConfig } from './config.js';
import { storeCheck } from './open-api.js';
import type { Authentication, ClientTrust } from './open-authentication.js';
import { openFairness } from './open-fairness.js';
import type { Pki } from './pki/pki.js';
import type { CustomResources } from './registry/custom-resources/serving.js';
import type { Registries } from './registry/registries.js';
import type { ResourceRegistry } from './registry/resource-registry.js';
import type { AccessMetrics } from './server/access-metrics.js';
import type { AgentProxy } from './server/agent-proxy.js';
import type { Aggregator } from './server/aggregation/aggregator.js';
import type { Auditor } from './server/audit/auditor.js';
import { fairnessDumps } from './server/flow-control/dumps.js';
import { fairnessFigures } from './server/flow-control/fairness-metrics.js';
import { requestTurns } from './server/flow-control/request-turns.js';
import type { StoredAmount } from './server/flow-control/request-turns.js';
import { shutdownCheck } from './server/health.js';
import type { HealthCheck } from './server/health.js';
import { startHttpServer } from './server/http-server.js';
import type { ServerIdentity } from './server/http-server.js';
import { keySetPath } from './server/issuer-documents.js';
import { createOtherRoutes } from './server/other-routes.js';
import type { RequestGate } from './server/request-gate.js';
import { createRequestMetrics } from './server/request-metrics.js';
import type { IsServed } from './server/request-metrics.js';
import { subresourcesOf } from './server/discovery.js';
import { storageFigures } from './storage-figures.js';
import type { Store } from './store/store.js';

export interface ServerOptions {
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
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Joining agents know the authority by its hash, so it is sent along. */
export function serverIdentity(
  pki: Pki,
  { caPem, requestHeaderCaPem }: ClientTrust,
): ServerIdentity {
  const { certificatePem, keyPem } = pki.certificate('server');
  const chain = `${certificatePem}\n${pki.caPem}`;
  return { certificatePem: chain, keyPem, caPem, requestHeaderCaPem };
}

/** What there is of resources and their subresources. */
const servedBy =
  (registries: Registries): IsServed =>
  ({ group, plural, version, subresource }) => {
    const resource = registries.find(group, plural, version)?.resource;
    if (resource === undefined || subresource === '') return resource !== undefined;
    return subresourcesOf(resource).some(({ name }) => name === subresource);
  };

/** Serves the API at the address of the settings; resolves once it listens. */
export function openServer(options: ServerOptions): ReturnType<typeof startHttpServer> {
  const { config, pki, registries, metrics, store, nodeIp, clock } = options;
  const logger = options.logger.with({ component: 'apiserver' });
  const ping: HealthCheck = { name: 'ping', check: () => undefined };
  const serverAddress = `${nodeIp}:${String(config.listen.port)}`;
  const fairness = openFairness({ config, registries, clock });
  const checks = [ping, storeCheck('etcd', store), ...options.start];
  const requestMetrics = createRequestMetrics(metrics, servedBy(registries));
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
