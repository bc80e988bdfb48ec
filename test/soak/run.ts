/** `npm run soak -- MINUTES`: runs the soak in a network namespace of its own, prints what came of it, and leaves nothing. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemExec } from '../../machinery/exec/exec.js';
import { startProcess } from '../../machinery/exec/process.js';
import { inNamespace } from '../lab/namespaces.js';
import { soak } from './soak.js';

const address = '10.79.0.1';
const followers = 50;
/** What V8 keeps or gives back from one moment to the next. */
const memoryToleranceMegabytes = 30;

async function inside(minutes: number, dataDir: string): Promise<number> {
  const log = (line: string): void => {
    console.log(line);
  };
  const result = await soak({ dataDir, nodeIp: address, minutes, followers, log });
  log(JSON.stringify({ ...result, mistakes: result.mistakes.length }));
  for (const mistake of result.mistakes.slice(0, 50)) log(mistake);
  const grown = result.memory.end - result.memory.warm;
  if (grown > memoryToleranceMegabytes) log(`the master's memory grew by ${grown.toFixed(0)} MB`);
  return result.mistakes.length === 0 && grown <= memoryToleranceMegabytes ? 0 : 1;
}

/** A namespace with an address and a default route that leads nowhere. */
async function withNamespace(work: (name: string) => Promise<number>): Promise<number> {
  const name = `pintle-soak-${randomBytes(3).toString('hex')}`;
  await systemExec(['ip', 'netns', 'add', name]);
  try {
    const setup = [
      'link set lo up',
      'link add br0 type bridge',
      `addr add ${address}/24 dev br0`,
      'link set br0 up',
      'route add default dev br0',
      '',
    ];
    await systemExec(['ip', '-n', name, '-batch', '-'], { input: setup.join('\n') });
    return await work(name);
  } finally {
    await systemExec(['ip', 'netns', 'delete', name]);
  }
}

const [argument = '30', dataDir] = process.argv.slice(2);
if (dataDir !== undefined) process.exit(await inside(Number(argument), dataDir));
const folder = mkdtempSync(path.join(tmpdir(), 'pintle-soak-'));
try {
  process.exitCode = await withNamespace(async (name) => {
    const self = process.argv[1] ?? '';
    const argv = inNamespace(name, [process.execPath, self, argument, folder]);
    const child = await startProcess(argv, { output: 'inherit' });
    return (await child.exited).exitCode ?? 1;
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
