/** Follows the text of a file that people or tools replace while the process runs. */
import { readFile, stat } from 'node:fs/promises';
import type { Clock } from '../clock/clock.js';
import { followedFilePollMs } from './limits.js';

export interface FollowedFile {
  readonly file: string;
  /** The text as it was read before. */
  readonly text: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onChanged: (text: string) => void | Promise<void>;
  /** Told once for each time the file becomes unreadable. */
  readonly onError: (error: unknown) => void;
}

/** Calls back whenever the text has become another one; resolves when the signal is aborted. Looks at the file itself, so that a link put elsewhere is noticed too. */
export async function followFile(options: FollowedFile): Promise<void> {
  const { file, clock, signal, onChanged, onError } = options;
  let { text } = options;
  let seen = '';
  let isReadable = true;
  while (!signal.aborted) {
    try {
      const { mtimeMs, size, ino } = await stat(file);
      const now = `${String(mtimeMs)} ${String(size)} ${String(ino)}`;
      if (now !== seen) {
        const current = await readFile(file, 'utf8');
        seen = now;
        if (current !== text) await onChanged((text = current));
      }
      isReadable = true;
    } catch (error) {
      if (isReadable) onError(error);
      isReadable = false;
    }
    await clock.sleep(followedFilePollMs, signal).catch(() => undefined);
  }
}
