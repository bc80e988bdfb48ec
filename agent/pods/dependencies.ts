/** Everything pod workers are given; put together in `main.ts`. */
import type { Client } from '../../machinery/client/client.js';
import type { Clock } from '../../machinery/clock/clock.js';
import type { Logger } from '../../machinery/log/log.js';
import type { Container, LifecycleHandler, Pod } from '../../api/core/v1/types.js';
import type { Runtime } from '../runtime/runtime.js';
import type { LogLinks } from './log-links.js';
import type { PodMetrics } from './metrics.js';
import type { ProbeState } from './observed.js';
import type {
  NodeFacts,
  PodEvents,
  PodImages,
  PodNetwork,
  PodReferences,
  PodVolumes,
} from './ports.js';
import type { RuntimeView } from './runtime-view.js';

/** A container to be probed. */
export interface ProbeTarget {
  readonly pod: Pod;
  readonly container: Container;
  readonly containerId: string;
  readonly startedAtMs: number;
  readonly podIP: string;
  /** What is known already, when the agent takes the container over. */
  readonly initial?: ProbeState | undefined;
}

/** Runs probes; results are told when they change. */
export interface PodProbes {
  /** Probes exactly these containers of the pod from now on. */
  sync(
    podUid: string,
    targets: readonly ProbeTarget[],
    onChange: (containerId: string, state: ProbeState) => void,
  ): void;
}

export interface HookTarget {
  readonly pod: Pod;
  readonly container: Container;
  readonly containerId: string;
  readonly podIP: string;
  readonly signal: AbortSignal;
}

/** Runs a lifecycle handler to its end; rejects when it fails. */
export type RunHook = (handler: LifecycleHandler, target: HookTarget) => Promise<void>;

export interface PodDependencies {
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly runtime: Runtime;
  readonly view: RuntimeView;
  readonly network: PodNetwork;
  readonly volumes: PodVolumes;
  readonly images: PodImages;
  readonly references: PodReferences;
  readonly events: PodEvents;
  readonly probes: PodProbes;
  readonly runHook: RunHook;
  readonly logLinks: LogLinks;
  readonly metrics: PodMetrics;
  readonly node: NodeFacts;
  readonly pauseImage: string;
  readonly dataDir: string;
  readonly clusterDns: string;
  readonly clusterDomain: string;
  /** The machine's /etc/resolv.conf, or the one the agent was told to use. */
  readonly resolvConfPath: string;
}
