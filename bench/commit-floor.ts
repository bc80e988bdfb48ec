/** How many transactions of 1 KB LMDB commits durably on this disk, one commit for whatever 32 writers brought meanwhile. */
import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { open } from 'lmdb';

const writers = 32;
const seconds = 2;

/** Transactions a second, on the disk of that folder. */
export async function measureCommits(besideDir: string): Promise<number> {
  const directory = mkdtempSync(path.join(besideDir, 'bench-lmdb-'));
  const root = open<Buffer, number>({
    path: path.join(directory, 'floor.mdb'),
    encoding: 'binary',
    overlappingSync: false,
    eventTurnBatching: false,
  });
  const value = Buffer.alloc(1024, 'x');
  const startedMs = performance.now();
  const untilMs = startedMs + seconds * 1000;
  let committed = 0;
  while (performance.now() < untilMs) {
    const puts: Promise<boolean>[] = [];
    const batch = root.batch(() => {
      for (let writer = 0; writer < writers; writer++) puts.push(root.put(committed++, value));
    });
    await Promise.all([batch, ...puts]);
  }
  const elapsed = (performance.now() - startedMs) / 1000;
  await root.close();
  rmSync(directory, { recursive: true });
  return committed / elapsed;
}
