/**
 * Connections to the loopback address of another network namespace. A process cannot enter one for a single connection, so a
 * child that lives there makes them and hands the open sockets over; it is started when first needed and ends when it has had
 * nothing to do for a while.
 *
 * Called by whoever forwards ports into pods.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { CancelTimer, Clock } from '../clock/clock.js';
import { dialerIdleMs } from './limits.js';

/** What the child is asked. */
export interface DialOrder {
  readonly id: number;
  readonly port: number;
}

/** What it answers, with the connection beside it unless it failed. */
export interface DialAnswer {
  readonly id: number;
  readonly error?: string;
}

interface Waiting {
  readonly resolve: (socket: Socket) => void;
  readonly reject: (error: Error) => void;
}

const childProgram = fileURLToPath(new URL('./namespace-dialer-child.js', import.meta.url));

/** One child in one namespace. */
class Dialer {
  private readonly child: ChildProcess;
  private readonly waiting = new Map<number, Waiting>();
  private readonly clock: Clock;
  private readonly onEnd: () => void;
  private nextId = 0;
  private cancelEnd: CancelTimer = () => undefined;

  constructor(path: string, clock: Clock, onEnd: () => void) {
    this.clock = clock;
    this.onEnd = onEnd;
    this.child = spawn('nsenter', [`--net=${path}`, process.execPath, childProgram], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.child.on('message', (message: unknown, socket: unknown) => {
      this.answered(message as DialAnswer, socket as Socket | undefined);
    });
    this.child.once('error', (error) => {
      this.end(error);
    });
    this.child.once('exit', () => {
      this.end(new Error('the namespace cannot be entered'));
    });
    this.endWhenIdle();
  }

  dial(port: number): Promise<Socket> {
    this.cancelEnd();
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.child.send({ id, port } satisfies DialOrder);
    });
  }

  private answered({ id, error }: DialAnswer, socket: Socket | undefined): void {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (this.waiting.size === 0) this.endWhenIdle();
    if (waiting === undefined) socket?.destroy();
    else if (socket === undefined) waiting.reject(new Error(error ?? 'no connection was made'));
    else waiting.resolve(socket);
  }

  private endWhenIdle(): void {
    this.cancelEnd();
    this.cancelEnd = this.clock.after(dialerIdleMs, () => {
      this.child.disconnect();
    });
  }

  private end(error: Error): void {
    this.cancelEnd();
    this.onEnd();
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }
}

export class NamespaceDialer {
  private readonly clock: Clock;
  private readonly dialers = new Map<string, Dialer>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Connects to a port of 127.0.0.1 in the namespace at a path such as `/proc/PID/ns/net`. */
  dial(path: string, port: number): Promise<Socket> {
    const known = this.dialers.get(path);
    const dialer =
      known ??
      new Dialer(path, this.clock, () => {
        this.dialers.delete(path);
      });
    this.dialers.set(path, dialer);
    return dialer.dial(port);
  }
}
