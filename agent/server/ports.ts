/** What the node's server needs of the rest of the agent; implemented beside `agent/pods`, wired in `main.ts`. */
import type { Duplex, Readable, Writable } from 'node:stream';
import type { Pod } from '../../api/core/v1/types.js';

/** Names a container of a pod of this node; `container` is empty when the client named none. */
export interface ContainerTarget {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** When given, a pod of that name with another uid is not meant. */
  readonly uid?: string;
}

/** Fields of `PodLogOptions`. */
export interface ContainerLogOptions {
  readonly follow: boolean;
  /** The instance before the current one. */
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly tailLines?: number;
  /** Milliseconds since the epoch. */
  readonly sinceMs?: number;
  readonly stream?: 'stdout' | 'stderr';
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal;
}

export interface StreamRequest {
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

/** A process's streams; with a terminal everything comes on `stdout`. */
export interface ContainerSession {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly resize: (size: { readonly width: number; readonly height: number }) => Promise<void>;
  /** Resolves when the process has ended; rejects when the engine is lost. */
  readonly exitCode: Promise<number>;
  /** Gives up the streams. */
  readonly close: () => void;
}

/**
 * There is nothing to stream with, because the container does not run. What it says reaches the user by the ways a kubelet's
 * words take: as bare text in place of an upgrade, and as an internal error on a WebSocket of `v5.channel.k8s.io`, which the
 * API server has opened by the time it hears of it.
 */
export class StreamRefusal extends Error {
  override readonly name = 'StreamRefusal';
}

/**
 * Reaches the containers of this node. Failures are `StatusError`s: `NotFound`, `BadRequest` and so on; `exec` and `attach`
 * also reject with a `StreamRefusal`.
 */
export interface ContainerAccess {
  /** The pods the agent has been told to run, with their current status. */
  pods(): readonly Pod[];
  /** The container's output in the order it was written. */
  logs(target: ContainerTarget, options: ContainerLogOptions): Promise<Readable>;
  exec(
    target: ContainerTarget,
    request: StreamRequest & { readonly command: readonly string[] },
  ): Promise<ContainerSession>;
  attach(target: ContainerTarget, request: StreamRequest): Promise<ContainerSession>;
  /** A connection to a port of the loopback address inside the pod's network namespace, as port forwarding has it. */
  forward(target: Omit<ContainerTarget, 'container'>, port: number): Promise<Duplex>;
  /** A connection to a port of the pod's address. */
  connect(target: Omit<ContainerTarget, 'container'>, port: number): Promise<Duplex>;
}
