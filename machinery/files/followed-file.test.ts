import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { Clock } from '../clock/clock.js';
import { systemClock } from '../clock/clock.js';
import { followFile } from './followed-file.js';

/** A clock on which every pause is a step of the test's. */
function steppingClock(steps: readonly (() => Promise<void>)[], end: () => void): Clock {
  const left = [...steps];
  const sleep = async (): Promise<void> => {
    const step = left.shift();
    if (step === undefined) end();
    else await step();
  };
  return { ...systemClock, sleep };
}

test('followFile tells of another text, and once of a file that cannot be read', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'pintle-followed-'));
  const file = path.join(folder, 'config');
  await writeFile(file, 'one');
  const seen: string[] = [];
  const aborter = new AbortController();
  const clock = steppingClock(
    [
      () => writeFile(file, 'three'),
      () => writeFile(file, 'three'),
      () => rm(file),
      () => Promise.resolve(),
      () => writeFile(file, 'four!!'),
    ],
    () => {
      aborter.abort();
    },
  );
  await followFile({
    file,
    text: 'one',
    clock,
    signal: aborter.signal,
    onChanged: (text) => {
      seen.push(text);
    },
    onError: () => {
      seen.push('unreadable');
    },
  });
  await rm(folder, { recursive: true });
  assert.deepEqual(seen, ['three', 'unreadable', 'four!!']);
});
