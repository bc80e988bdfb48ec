/**
 * The only door to child processes. Commands are run without a shell, with bounded output and time, and fail with an
 * error that names the command, how it ended and what it wrote to standard error.
 */
import { spawn } from 'node:child_process';
import { defaultMaxOutputBytes, defaultTimeoutMs } from './limits.js';

export interface ExecOptions {
  /** Written to the process's standard input, which is then closed. */
  readonly input?: string | Buffer;
  readonly timeoutMs?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly signal?: AbortSignal;
  /** Output beyond this many bytes a stream fails the command. 64 MiB unless given. */
  readonly maxOutputBytes?: number;
}

export interface ExecResult {
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that could not be started, exited non-zero, was killed, or ran out of time. */
export class ExecError extends Error {
  /** Undefined when the process was killed by a signal or never started. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;

  constructor(
    message: string,
    outcome: { exitCode: number | undefined; stdout: string; stderr: string; cause?: unknown },
  ) {
    super(message, outcome.cause === undefined ? undefined : { cause: outcome.cause });
    this.name = 'ExecError';
    this.exitCode = outcome.exitCode;
    this.stdout = outcome.stdout;
    this.stderr = outcome.stderr;
  }
}

/** Whether an error is that of a command that failed, was stopped or could not be started. */
export const isExecError = (error: unknown): error is ExecError => error instanceof ExecError;

/** Runs a command to its end. `argv[0]` is looked up in PATH. */
export type Exec = (argv: readonly string[], options?: ExecOptions) => Promise<ExecResult>;

/** Runs commands on this machine. */
export const systemExec: Exec = (argv, options = {}) =>
  new Promise((resolve, reject) => {
    const [command = '', ...args] = argv;
    const child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    const limitBytes = options.maxOutputBytes ?? defaultMaxOutputBytes;
    const collect = (stream: NodeJS.ReadableStream): (() => string) => {
      const chunks: Buffer[] = [];
      let sizeBytes = 0;
      stream.on('data', (chunk: Buffer) => {
        sizeBytes += chunk.length;
        if (sizeBytes > limitBytes) stop(`wrote more than ${String(limitBytes)} bytes`);
        else chunks.push(chunk);
      });
      return () => Buffer.concat(chunks).toString('utf8');
    };
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    let stopped: string | undefined;
    const stop = (why: string): void => {
      stopped ??= why;
      child.kill('SIGKILL');
    };
    const timer = setTimeout(() => {
      stop(`ran longer than ${String(options.timeoutMs ?? defaultTimeoutMs)} ms`);
    }, options.timeoutMs ?? defaultTimeoutMs);
    const fail = (why: string, exitCode: number | undefined, cause?: unknown): void => {
      clearTimeout(timer);
      const said = stderr().trim() || stdout().trim();
      const message = `${argv.join(' ')}: ${why}${said === '' ? '' : `: ${said}`}`;
      reject(new ExecError(message, { exitCode, stdout: stdout(), stderr: stderr(), cause }));
    };
    child.on('error', (error) => {
      fail(error.message, undefined, error);
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (stopped !== undefined) fail(stopped, undefined);
      else if (code === 0) resolve({ stdout: stdout(), stderr: stderr() });
      else
        fail(
          code === null ? `killed by ${String(signal)}` : `exit status ${String(code)}`,
          code ?? undefined,
        );
    });
    // A command that exits without reading its input closes the pipe; its exit status tells the story.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });
