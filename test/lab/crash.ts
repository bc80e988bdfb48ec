/** Ends a process the way a power cut does, and waits until it is gone. */
import { existsSync, readFileSync } from 'node:fs';
import { eventually } from '../../testing/eventually.js';

export async function crashPid(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL');
  await eventually(
    () => {
      // A zombie still has its folder, but no command line.
      const commandLine = existsSync(`/proc/${String(pid)}/cmdline`)
        ? readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8')
        : '';
      if (commandLine !== '') throw new Error(`process ${String(pid)} still runs`);
    },
    { what: `the end of process ${String(pid)}` },
  );
}
