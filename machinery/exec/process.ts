/** Long-running child processes: started, watched to their end, and stopped by the one who started them. */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

export interface ProcessOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Where both output streams go: a file that is appended to, or this process's own. */
  readonly output: 'inherit' | { readonly file: string };
  /** Written to the process's standard input once it is known; nothing where it never will be. */
  readonly input?: Promise<string>;
  /** Makes the process a group leader, out of reach of the terminal's interrupt; it does not keep this process running. */
  readonly detached?: boolean;
}

export interface ProcessExit {
  /** Undefined when a signal ended it. */
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
}

export interface RunningProcess {
  readonly pid: number;
  /** Resolves when the process has ended; never rejects. */
  readonly exited: Promise<ProcessExit>;
  readonly kill: (signal: 'SIGTERM' | 'SIGKILL' | 'SIGINT' | 'SIGSTOP' | 'SIGCONT') => void;
}

/** Starts a command without a shell; rejects when it cannot be started. */
export async function startProcess(
  argv: readonly string[],
  options: ProcessOptions,
): Promise<RunningProcess> {
  const [command = '', ...args] = argv;
  const file = options.output === 'inherit' ? undefined : openSync(options.output.file, 'a');
  const sink = file ?? 'inherit';
  const child = spawn(command, args, {
    stdio: [options.input === undefined ? 'ignore' : 'pipe', sink, sink],
    detached: options.detached ?? false,
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  if (options.detached === true) child.unref();
  const { stdin } = child;
  // A process that has ended does not read; how it ended is told by `exited`.
  stdin?.on('error', () => undefined);
  options.input?.then(
    (text) => stdin?.end(text),
    () => stdin?.destroy(),
  );
  const exited = new Promise<ProcessExit>((resolve) => {
    child.once('exit', (code, signal) => {
      resolve({ exitCode: code ?? undefined, signal: signal ?? undefined });
    });
  });
  try {
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error) => {
        reject(new Error(`cannot start ${command}: ${error.message}`, { cause: error }));
      });
    });
  } finally {
    if (file !== undefined) closeSync(file);
  }
  return {
    pid: child.pid ?? 0,
    exited,
    kill: (signal) => {
      child.kill(signal);
    },
  };
}
