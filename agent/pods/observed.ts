/**
 * What is known about one pod on this node: the engine's containers, and what the worker remembers of its own doings. Plain
 * values, rebuilt from Docker labels and the network after a restart; `plan` and `status` read nothing else.
 */

/** One instance of a container; restarts make new instances with the next attempt. */
export interface ObservedContainer {
  readonly id: string;
  readonly name: string;
  readonly attempt: number;
  readonly sandboxId: string;
  /** The image as the pod's spec named it when the instance was made. */
  readonly image: string;
  readonly imageId: string;
  readonly state: 'created' | 'running' | 'exited';
  readonly createdAtMs: number;
  readonly startedAtMs?: number | undefined;
  readonly finishedAtMs?: number | undefined;
  readonly exitCode?: number | undefined;
  readonly oomKilled: boolean;
  /** Set when the process could not be started; the instance counts as exited then. */
  readonly startError?: string | undefined;
  /** What the process left as its termination message. */
  readonly message?: string | undefined;
}

export interface ObservedSandbox {
  readonly id: string;
  readonly attempt: number;
  readonly state: 'created' | 'running' | 'exited';
  readonly pid: number;
  readonly createdAtMs: number;
}

/** A step that failed, and when it may be tried again. */
export interface StepFailure {
  /** What the container's status shows, such as `ErrImagePull`. */
  readonly reason: string;
  readonly message: string;
  readonly count: number;
  readonly retryAtMs: number;
}

export interface ImageState {
  readonly state: 'getting' | 'present';
  readonly id?: string;
  readonly reference?: string;
  readonly user?: string;
  /** An instance was started with it. */
  readonly used?: boolean;
}

/** Delay before the next restart of a container that keeps exiting. */
export interface CrashBackoff {
  readonly delayMs: number;
  readonly restartedAtMs: number;
}

export interface HookState {
  readonly postStart?: 'running' | 'done' | 'failed';
  readonly preStop?: 'running' | 'done';
}

export interface KillState {
  readonly requestedAtMs: number;
  readonly graceMs: number;
  readonly termAtMs?: number;
  readonly killAtMs?: number;
}

/** What probes have found so far; undefined where nothing is known yet. */
export interface ProbeState {
  readonly started?: boolean;
  readonly ready?: boolean;
  /** Why the container must be restarted. */
  readonly unhealthy?: { readonly probe: 'liveness' | 'startup'; readonly message: string };
}

export interface ObservedPod {
  /** Newest first. */
  readonly sandboxes: readonly ObservedSandbox[];
  /** Every instance of every container. */
  readonly containers: readonly ObservedContainer[];
  /** Addresses by sandbox id, for the sandboxes that are wired. */
  readonly networks: Readonly<Record<string, readonly string[]>>;
  readonly volumesMounted: boolean;
  /** By container name. */
  readonly images: Readonly<Record<string, ImageState>>;
  /** By failure key: `sandbox`, `network`, `volumes`, `image:NAME`, `create:NAME`, `api`. */
  readonly failures: Readonly<Record<string, StepFailure>>;
  /** By container name. */
  readonly backoffs: Readonly<Record<string, CrashBackoff>>;
  /** By container id, as the next two. */
  readonly hooks: Readonly<Record<string, HookState>>;
  readonly kills: Readonly<Record<string, KillState>>;
  readonly probes: Readonly<Record<string, ProbeState>>;
}

/** A pod of which this node has nothing yet. */
export const nothingObserved: ObservedPod = {
  sandboxes: [],
  containers: [],
  networks: {},
  volumesMounted: false,
  images: {},
  failures: {},
  backoffs: {},
  hooks: {},
  kills: {},
  probes: {},
};
