/** The first part of the composition in `main.ts`: the doors to the outside, made once and passed to everything else. */
import { createClient } from '../machinery/client/api-client.js';
import type { Client } from '../machinery/client/client.js';
import { createHttpsTransport, type HttpsTransport } from '../machinery/client/https-transport.js';
import type { Clock } from '../machinery/clock/clock.js';
import { systemRandom } from '../machinery/clock/random.js';
import { EventRecorder } from '../machinery/controller/event-recorder.js';
import { type Exec, systemExec } from '../machinery/exec/exec.js';
import { InformerFactory } from '../machinery/informer/informer.js';
import type { Logger } from '../machinery/log/log.js';
import type { Metrics } from '../machinery/metrics/metrics.js';
import type { AgentConfig } from './config.js';
import * as limits from './limits.js';
import type { JoinedNode } from './node/join.js';
import { DockerRuntime } from './runtime/docker/docker-runtime.js';
import { instrumented } from './runtime/instrumented.js';
import type { EngineVersion, Runtime } from './runtime/runtime.js';

/** The doors to the outside, and what everything else is made from. */
export interface Base {
  readonly config: AgentConfig;
  readonly nodeName: string;
  readonly nodeIp: string;
  readonly clock: Clock;
  readonly exec: Exec;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly client: Client;
  readonly informers: InformerFactory;
  /** Tells in events, under the name people look for, what becomes of the node and its pods. */
  readonly recorder: EventRecorder;
  readonly runtime: Runtime;
  readonly stopped: AbortController;
  /** How the node is known to the master, and renewed. */
  readonly joined: JoinedNode;
  readonly transport: HttpsTransport;
}

/** Tries until it works; the engine or the master may be starting still. */
export async function untilDone<T>(
  { clock, logger, stopped }: Pick<Base, 'clock' | 'logger' | 'stopped'>,
  what: string,
  attempt: () => Promise<T>,
): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      stopped.signal.throwIfAborted();
      logger.warn(what, { error });
      await clock.sleep(limits.startRetryMs, stopped.signal);
    }
  }
}

/** The container engine, which is made ready while the node joins. */
export interface Engine {
  readonly runtime: Runtime;
  readonly version: Promise<EngineVersion>;
  readonly pauseImage: Promise<string>;
}

/** Connects to the container engine and begins what it must have done before it can run pods. */
export function openEngine(
  config: AgentConfig,
  options: Pick<Base, 'clock' | 'logger' | 'metrics' | 'stopped'>,
): Engine {
  const { clock, logger, metrics } = options;
  const architecture = process.arch === 'arm64' ? 'arm64' : 'x64';
  const { dockerHost } = config;
  const docker = new DockerRuntime({ dockerHost, architecture, clock, logger });
  const runtime = instrumented(docker, { metrics, clock, concurrency: limits.engineConcurrency });
  const version = untilDone(options, 'the container engine does not answer yet', () =>
    runtime.version(),
  );
  const pauseImage = version.then(() =>
    untilDone(options, 'the container engine cannot run pods yet', () => runtime.prepare()),
  );
  // Both fail only when the agent is stopped, perhaps before anybody waits for them.
  pauseImage.catch(() => undefined);
  return { runtime, version, pauseImage };
}

/** Makes them for a node that has joined. */
export function buildBase(
  config: AgentConfig,
  joined: JoinedNode,
  options: Pick<
    Base,
    'nodeName' | 'nodeIp' | 'clock' | 'logger' | 'metrics' | 'runtime' | 'stopped'
  >,
): Base {
  const { clock, logger, nodeName } = options;
  // Known to people and programs as the owner of what a node says of itself and its pods.
  const component = 'kubelet';
  const transport = createHttpsTransport(joined.connection, component);
  const client = createClient(transport);
  const recorder = new EventRecorder({ client, clock, logger, component, host: nodeName });
  const informers = new InformerFactory({ client, clock, random: systemRandom, logger });
  return { ...options, config, exec: systemExec, client, informers, recorder, joined, transport };
}
