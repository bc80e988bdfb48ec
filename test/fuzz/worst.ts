/**
 * `npm run fuzz:worst [-- WORDS]`: sends a master the requests that cost its parsers most, and tells for how long each
 * kept it busy. Exits with 1 where one did for longer than it may, or was answered with what it must not be.
 */
import { FuzzClient } from './fuzz-client.js';
import { FuzzedMaster } from './fuzzed-master.js';
import { faultOf } from './judge.js';
import { bodyCases } from './worst/bodies.js';
import { definitionCases } from './worst/definitions.js';
import { objectCases } from './worst/objects.js';
import { patchCases } from './worst/patches.js';
import { targets } from './worst/pieces.js';
import type { WorstCase } from './worst/pieces.js';
import { podCases } from './worst/pods.js';
import { readCases } from './worst/reads.js';

const worstCases: readonly WorstCase[] = [
  ...bodyCases,
  ...podCases,
  ...objectCases,
  ...definitionCases,
  ...patchCases,
  ...readCases,
];

/** For how long 3 MB of the worst may keep the thread busy that serves everybody: what takes longer takes the square of its length. */
const longestBusyMs = 4_000;
const maxResidentBytes = 900 * 1024 * 1024;

interface Outcome {
  readonly told: string;
  readonly busyMs: number;
  readonly fault: string | undefined;
}

async function attempt(
  { request }: WorstCase,
  client: FuzzClient,
  master: FuzzedMaster,
): Promise<Outcome> {
  const beforeMs = master.busyMs;
  try {
    const answer = await client.send(request);
    const told = `${String(answer.status)} in ${String(Math.round(answer.durationMs))} ms`;
    // How long it takes on this machine at this time says nothing.
    const fault = faultOf(request, { ...answer, durationMs: 0 });
    return {
      told,
      busyMs: master.busyMs - beforeMs,
      fault: fault && `${fault} ${answer.body.toString('utf8', 0, 300)}`,
    };
  } catch (error) {
    const told = (error as Error).message;
    return { told, busyMs: master.busyMs - beforeMs, fault: told };
  }
}

async function main(words: readonly string[]): Promise<number> {
  const chosen = worstCases.filter(
    ({ name }) => words.length === 0 || words.some((word) => name.includes(word)),
  );
  const master = await FuzzedMaster.start();
  const client = new FuzzClient(master.connection, 1);
  let bad = 0;
  try {
    for (const request of targets) await client.send(request);
    for (const worst of chosen) {
      // The second time its code is compiled, as it would be for somebody who means it.
      await attempt(worst, client, master);
      const { told, busyMs, fault } = await attempt(worst, client, master);
      const slow = busyMs > longestBusyMs;
      if (slow || fault !== undefined) bad += 1;
      const mark = slow ? 'SLOW' : fault === undefined ? 'ok' : 'BAD';
      console.log(
        `${mark.padEnd(5)}${String(Math.round(busyMs)).padStart(6)} ms  ${worst.name}: ${told}`,
      );
      if (fault !== undefined) console.log(`       ${fault}`);
      if (master.end !== undefined) throw new Error(`the master is gone: ${master.end}`);
    }
    const resident = master.residentBytes;
    console.log(
      `${String(chosen.length)} cases, ${String(bad)} bad; RSS ${String(resident >> 20)} MB`,
    );
    if (resident > maxResidentBytes) bad += 1;
  } finally {
    client.close();
    await master.stop();
  }
  return bad === 0 ? 0 : 1;
}

process.exit(await main(process.argv.slice(2)));
