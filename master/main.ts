/**
 * The master: opens the store, puts the API over it, serves it, and runs controllers and the scheduler as its clients.
 * Only this file and the `open-….ts` beside it construct concrete classes.
 *
 * Called by `pintle master`. `readyz` turns good once writes are served and the cluster's own objects exist.
 */
import { timestamp } from '../api/meta/timestamp.js';
import type { Requester } from '../api/schema/resource.js';
import { addressFromNumber } from '../api/validation/addresses.js';
import { createClient } from '../machinery/client/api-client.js';
import type { Client } from '../machinery/client/client.js';
import type { Transport } from '../machinery/client/transport.js';
import { systemClock } from '../machinery/clock/clock.js';
import { systemRandom } from '../machinery/clock/random.js';
import { defaultNodeIp } from '../machinery/config/machine.js';
import { createLogger } from '../machinery/log/log.js';
import type { Logger } from '../machinery/log/log.js';
import { Metrics } from '../machinery/metrics/metrics.js';
import { bootstrapFlowControl, keepFlowControl } from './bootstrap-flow-control.js';
import { bootstrapPolicy } from './bootstrap-policy.js';
import { bootstrapCluster } from './bootstrap.js';
import type { MasterConfig } from './config.js';
import { startControlPlane } from './control-plane.js';
import { keepFlowSchemaConditions } from './flow-schema-conditions.js';
import type { FlowSchemaConditionOptions } from './flow-schema-conditions.js';
import { keepTrackingDate } from './legacy-token-tracking.js';
import type { TrackingDateOptions } from './legacy-token-tracking.js';
import { agentClient, openApi } from './open-api.js';
import type { Api } from './open-api.js';
import { openServer, serverIdentity } from './open-server.js';
import { lifetimesMs } from './pki/authority.js';
import type { SigningOrder } from './pki/authority.js';
import { keepRenewed } from './pki/renewal.js';
import { serverUser } from './registry/own-writes.js';
import { firstServiceAddress } from './registry/service-ranges.js';
import { Aggregator } from './server/aggregation/aggregator.js';
import { createInProcessTransport } from './server/in-process-transport.js';

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
  const common = { clock, random, logger, metrics };
  const nodeIp = config.nodeIp ?? defaultNodeIp();
  const serviceAddress = addressFromNumber(firstServiceAddress(config.serviceCidr));
  const api = await openApi({ ...common, config, nodeIp, serviceAddress });
  const { resources, pki, store, gate, agents, start, audit } = api;
  const { trust, tokens } = api.authentication;
  const { caPem } = pki;
  const hooks = [start.cluster, start.roles, start.flowControl];
  const transportFor = (user: Requester): Transport =>
    createInProcessTransport(user, { gate, clock, audit });
  const client = createClient(transportFor(serverUser));
  const aggregator = openAggregator(api, { client, logger });
  const stopped = new AbortController();
  const serving = { config, nodeIp, aggregator, start: hooks, stopped: stopped.signal };
  const server = await openServer({ ...api, ...common, ...serving });
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
