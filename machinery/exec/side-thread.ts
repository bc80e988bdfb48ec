/**
 * A thread beside the main one for work on text that would hold up everything else. Started when it is needed, ended when it is not,
 * and bounded: a call that takes too long or too much memory ends the thread and fails, and the next call starts another.
 */
import { Worker } from 'node:worker_threads';

export interface SideThreadLimits {
  /** For one call, from when its turn comes; starting the thread counts. */
  readonly timeoutMs: number;
  /** The thread ends after so long without work. */
  readonly idleMs: number;
  readonly maxHeapMiB: number;
  /** Calls that wait for their turn; more are refused. */
  readonly maxWaiting: number;
}

/** Why a call failed: too many were waiting, time ran out, or the thread ended, which too little memory makes it do. */
export type SideThreadFailure = 'busy' | 'timeout' | 'ended';

/** A call that the thread could not answer. */
export class SideThreadError extends Error {
  readonly reason: SideThreadFailure;

  constructor(reason: SideThreadFailure, cause?: unknown) {
    super(`side thread: ${reason}`, cause === undefined ? undefined : { cause });
    this.name = 'SideThreadError';
    this.reason = reason;
  }
}

/** Whether an error is one of those. */
export const isSideThreadError = (error: unknown): error is SideThreadError =>
  error instanceof SideThreadError;

interface Call {
  readonly text: string;
  readonly resolve: (answer: string) => void;
  readonly reject: (error: SideThreadError) => void;
}

/** Runs calls one at a time on a module that ends in `serveCalls`. */
export class SideThread {
  private readonly file: URL;
  private readonly limits: SideThreadLimits;
  private readonly waiting: Call[] = [];
  private current: Call | undefined;
  private worker: Worker | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(file: URL, limits: SideThreadLimits) {
    this.file = file;
    this.limits = limits;
  }

  /** Whether a thread is there; it is not before the first call, nor a while after the last. */
  get isRunning(): boolean {
    return this.worker !== undefined;
  }

  /** The thread's answer to a text. Rejects with SideThreadError only. */
  call(text: string): Promise<string> {
    if (this.waiting.length >= this.limits.maxWaiting) {
      return Promise.reject(new SideThreadError('busy'));
    }
    return new Promise((resolve, reject) => {
      this.waiting.push({ text, resolve, reject });
      this.next();
    });
  }

  private next(): void {
    if (this.current !== undefined) return;
    const call = this.waiting.shift();
    if (call === undefined) {
      this.endAfter(this.limits.idleMs);
      return;
    }
    this.current = call;
    this.worker ??= this.start();
    // A caller waits: the process is not to end meanwhile.
    this.worker.ref();
    this.worker.postMessage(call.text);
    this.endAfter(this.limits.timeoutMs);
  }

  /** Where a call is going on, it ends with the thread. */
  private endAfter(delayMs: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const { worker, current } = this;
      this.forget();
      void worker?.terminate();
      current?.reject(new SideThreadError('timeout'));
      if (current !== undefined) this.next();
    }, delayMs);
    this.timer.unref();
  }

  private start(): Worker {
    const worker = new Worker(this.file, {
      resourceLimits: { maxOldGenerationSizeMb: this.limits.maxHeapMiB },
    });
    let fault: unknown;
    worker.on('message', (answer: string) => {
      if (this.worker !== worker) return;
      const call = this.current;
      this.current = undefined;
      worker.unref();
      this.next();
      call?.resolve(answer);
    });
    worker.on('error', (error) => {
      fault = error;
    });
    worker.on('exit', () => {
      if (this.worker !== worker) return;
      const call = this.current;
      this.forget();
      call?.reject(new SideThreadError('ended', fault));
      this.next();
    });
    return worker;
  }

  private forget(): void {
    clearTimeout(this.timer);
    this.worker = undefined;
    this.current = undefined;
  }
}
