/**
 * The composition point of what runs beside the API in the master's process: controllers and the scheduler, each an API client
 * of its own user over the in-process transport. Moving them to another process means giving them another transport.
 */
import type { ResourceDefinition, Requester } from '../api/schema/resource.js';
import { accountGroups, accountUsername, authenticatedGroup } from '../api/user-names.js';
import { createClient } from '../machinery/client/api-client.js';
import type { Transport } from '../machinery/client/transport.js';
import type { Clock } from '../machinery/clock/clock.js';
import type { Random } from '../machinery/clock/random.js';
import { InformerFactory } from '../machinery/informer/informer.js';
import type { Logger } from '../machinery/log/log.js';
import type { Metrics } from '../machinery/metrics/metrics.js';
import type { MasterConfig } from './config.js';
import { type ControllersOptions, startControllers } from './controllers.js';
import { startScheduler } from './scheduler/scheduler.js';

export interface ControlPlaneOptions {
  readonly config: MasterConfig;
  readonly transportFor: (user: Requester) => Transport;
  /** What is served. */
  readonly resources: readonly ResourceDefinition[];
  /** The authority's certificate, published to every namespace. */
  readonly caPem: string;
  readonly signing: ControllersOptions['signing'];
  readonly signToken: ControllersOptions['signToken'];
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export interface ControlPlane {
  readonly stop: () => Promise<void>;
}

const systemNamespace = 'kube-system';

/** Reads for the caches that all controllers share. */
const controllerUser: Requester = {
  username: 'system:kube-controller-manager',
  groups: [authenticatedGroup],
};
const schedulerUser: Requester = {
  username: 'system:kube-scheduler',
  groups: [authenticatedGroup],
};

/** A service account of kube-system, as each controller has one. */
const accountUser = (name: string): Requester => ({
  username: accountUsername(systemNamespace, name),
  groups: [...accountGroups(systemNamespace), authenticatedGroup],
});

/** Starts them; they work from the moment their caches have synced. */
export function startControlPlane(options: ControlPlaneOptions): ControlPlane {
  const { clock, random, metrics, transportFor, config, caPem } = options;
  const over = new AbortController();
  const { signal } = over;
  const logger = options.logger.with({ component: 'controllers' });
  const client = createClient(transportFor(controllerUser));
  // Controllers and the scheduler share the caches: they live in one process and never change what they read.
  const informers = new InformerFactory({ client, clock, random, logger });
  const controllers = startControllers({
    clientFor: (account) => createClient(transportFor(accountUser(account))),
    informers,
    clock,
    logger,
    metrics,
    signal,
    resources: options.resources,
    podCidr: config.podCidr,
    disabled: config.disableControllers ?? [],
    caPem,
    signing: options.signing,
    signToken: options.signToken,
  });
  startScheduler({
    client: createClient(transportFor(schedulerUser)),
    informers,
    clock,
    random,
    logger: options.logger.with({ component: 'scheduler' }),
    metrics,
    signal,
  });
  informers.start(signal);
  return {
    stop: async () => {
      over.abort();
      await controllers;
    },
  };
}
