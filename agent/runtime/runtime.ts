/**
 * What the agent needs of a container engine, in the terms of pods: sandboxes and containers with Kubernetes' labels.
 * Called by `agent/pods`, `agent/images` (through its own port) and the agent's server. Implementations: `docker/` and
 * `fake.ts`; both pass `contract.ts`. Nothing here decides anything: no restarts, no policies, no retries.
 *
 * Every method rejects with a `RuntimeError`.
 */
import type { Readable, Writable } from 'node:stream';

export type ContainerStateName = 'created' | 'running' | 'exited';

/** A container of ours as the engine knows it. Times are milliseconds since the epoch. */
export interface ContainerRecord {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly imageId: string;
  /** `created` means its process has never been started successfully. */
  readonly state: ContainerStateName;
  /** 0 unless running. */
  readonly pid: number;
  readonly tty: boolean;
  readonly createdAtMs: number;
  readonly startedAtMs?: number | undefined;
  readonly finishedAtMs?: number | undefined;
  readonly exitCode?: number | undefined;
  readonly oomKilled: boolean;
  /** Why the process could not be started. */
  readonly startError?: string | undefined;
}

/** What listing gives without asking about each container. */
export interface ContainerSummary {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly state: ContainerStateName;
}

export interface MountSpec {
  /** An existing path of the host. */
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  readonly propagation?: 'private' | 'rslave' | 'rshared';
}

export type NetworkNamespace = 'none' | 'host' | { readonly container: string };
export type IpcNamespace = 'shareable' | 'host' | { readonly container: string };
export type PidNamespace = 'private' | 'host' | { readonly container: string };

export interface ContainerResources {
  readonly cpuShares?: number;
  readonly cpuQuotaUs?: number;
  readonly cpuPeriodUs?: number;
  readonly memoryBytes?: number;
}

/** A security profile: none, the engine's own, or one named or written out. */
export type ProfileSpec = 'unconfined' | 'default' | { readonly custom: string };

export interface ContainerSecurity {
  readonly privileged?: boolean;
  readonly readOnlyRoot?: boolean;
  readonly addCapabilities?: readonly string[];
  readonly dropCapabilities?: readonly string[];
  readonly noNewPrivileges?: boolean;
  /** `custom` holds the profile's JSON text. */
  readonly seccomp?: ProfileSpec;
  /** `custom` holds the name of a loaded profile. */
  readonly apparmor?: ProfileSpec;
  readonly selinux?: {
    readonly user?: string;
    readonly role?: string;
    readonly type?: string;
    readonly level?: string;
  };
  /** Leaves /proc as it is instead of masking parts of it. */
  readonly unmaskedProc?: boolean;
}

export interface ContainerSpec {
  /** Unique in the engine; see `engineNameOf`. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly image: string;
  /** Replaces the image's ENTRYPOINT. */
  readonly command?: readonly string[];
  /** Replaces the image's CMD. */
  readonly args?: readonly string[];
  readonly env?: readonly string[];
  readonly workingDir?: string;
  /** `uid` or `uid:gid`; the image's when absent. */
  readonly user?: string;
  readonly groups?: readonly string[];
  readonly hostname?: string;
  readonly tty?: boolean;
  readonly stdin?: boolean;
  readonly stdinOnce?: boolean;
  readonly mounts?: readonly MountSpec[];
  readonly network: NetworkNamespace;
  readonly ipc: IpcNamespace;
  readonly pid: PidNamespace;
  readonly resources?: ContainerResources;
  readonly oomScoreAdj?: number;
  readonly security?: ContainerSecurity;
  readonly sysctls?: Readonly<Record<string, string>>;
  readonly stopSignal?: string;
}

/** What happened to a container or to the engine's images. */
export type RuntimeEvent =
  | {
      readonly type: 'created' | 'started' | 'died' | 'removed';
      readonly id: string;
      readonly labels: Readonly<Record<string, string>>;
      readonly timeMs: number;
    }
  | { readonly type: 'imagesChanged' };

export interface ExecOptions {
  readonly command: readonly string[];
  readonly tty?: boolean;
  readonly stdin?: boolean;
  readonly stdout?: boolean;
  readonly stderr?: boolean;
}

/** A process run in a container, or a container's own streams. With a terminal everything comes on `stdout`. */
export interface StreamSession {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly resize: (size: { readonly width: number; readonly height: number }) => Promise<void>;
  /** Resolves when the process has ended. Never rejects before the streams are read; rejects when the engine is lost. */
  readonly exitCode: Promise<number>;
  /** Gives up the connection; the process itself is left alone. */
  readonly close: () => void;
}

export interface LogOptions {
  readonly follow?: boolean;
  /** Only the last so many lines. */
  readonly tailLines?: number;
  /** Milliseconds since the epoch. */
  readonly sinceMs?: number;
  readonly timestamps?: boolean;
  readonly stream?: 'stdout' | 'stderr';
  readonly signal?: AbortSignal;
}

export interface RegistryCredentials {
  readonly username?: string;
  readonly password?: string;
  readonly identityToken?: string;
  readonly serverAddress?: string;
}

export interface ImageRecord {
  /** `sha256:…`. */
  readonly id: string;
  readonly names: readonly string[];
  readonly digests: readonly string[];
  readonly sizeBytes: number;
  /** The USER of the image; empty for root. */
  readonly user: string;
}

export interface EngineVersion {
  readonly name: string;
  readonly version: string;
  readonly operatingSystem: string;
  readonly rootDirectory: string;
  readonly cgroupDriver: string;
}

/** CPU and memory a container uses now. */
export interface ContainerUsage {
  readonly cpuNanoseconds: number;
  readonly memoryBytes: number;
  readonly workingSetBytes: number;
}

export interface Runtime {
  version(): Promise<EngineVersion>;
  /** Every container with our labels, running or not. */
  list(): Promise<readonly ContainerSummary[]>;
  /** Undefined when there is no such container. */
  inspect(id: string): Promise<ContainerRecord | undefined>;
  /** Gives the id. Rejects with `conflict` when the name is taken, `imageMissing` when the image is not there. */
  create(spec: ContainerSpec): Promise<string>;
  /** Resolves when the process runs; starting a running container does nothing. */
  start(id: string): Promise<void>;
  /** Rejects with `notRunning` when there is no process any more. */
  kill(id: string, signal: string): Promise<void>;
  /** Kills and removes; a container that is gone already is fine. */
  remove(id: string): Promise<void>;
  /** Events from now on; ends or throws when the engine is lost or the signal aborts. */
  events(signal: AbortSignal, onOpen: () => void): AsyncIterable<RuntimeEvent>;
  exec(id: string, options: ExecOptions): Promise<StreamSession>;
  attach(id: string, options: Omit<ExecOptions, 'command'>): Promise<StreamSession>;
  /** The container's output in the order it was written. */
  logs(id: string, options: LogOptions): Promise<Readable>;
  /** The file the engine writes the container's output to; undefined when it keeps none. */
  logPath(id: string): Promise<string | undefined>;
  usage(id: string): Promise<ContainerUsage | undefined>;
  /** Loads the image sandboxes are made of, learns what the engine refuses, and gives the image's name. */
  prepare(): Promise<string>;
  inspectImage(reference: string): Promise<ImageRecord | undefined>;
  listImages(): Promise<readonly ImageRecord[]>;
  pullImage(
    reference: string,
    options: { readonly credentials?: RegistryCredentials; readonly signal?: AbortSignal },
  ): Promise<void>;
  removeImage(id: string): Promise<void>;
}
