/** Takes every measurement against a cluster that `run.ts` started; runs inside the lab's switch namespace. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '../machinery/client/api-client.js';
import { createHttpsTransport } from '../machinery/client/https-transport.js';
import { readKubeconfig } from '../machinery/client/kubeconfig.js';
import { measureApi } from './api.js';
import type { ApiFigures } from './api.js';
import { measureFloor } from './floor.js';
import { idleCpuPercent, residentMegabytes } from './idle.js';
import { measurePods } from './pods.js';
import { type Figure, figuresTable, quantile } from './statistics.js';

/** What `run.ts` hands over. */
export interface BenchInput {
  readonly dataDir: string;
  readonly engineSocket: string;
  readonly masterPid: number;
  readonly agentPid: number;
  readonly readySeconds: number;
  readonly resultFile: string;
}

/** V8 compacts the heap of what has just started; only then is it idle. */
const settleSeconds = 30;
const idleSeconds = 30;

const atMost = (
  name: string,
  value: number,
  unit: string,
  limit: number,
  floor?: number,
): Figure => ({
  name,
  value,
  unit,
  target: `≤ ${String(limit)}${floor === undefined ? '' : ' × floor'}`,
  isMet: floor === undefined ? value <= limit : value / floor <= limit,
  ...(floor === undefined ? {} : { floor, ratio: value / floor }),
});

const atLeast = (
  name: string,
  value: number,
  unit: string,
  limit: number,
  floor?: number,
): Figure => ({
  name,
  value,
  unit,
  target: `≥ ${String(limit)}`,
  isMet: value >= limit,
  ...(floor === undefined ? {} : { floor, ratio: value / floor }),
});

const floorOnly = (name: string, value: number, unit: string): Figure => ({
  name,
  value,
  unit,
  target: 'a floor',
  isMet: true,
});

const apiFigures = (api: ApiFigures): readonly Figure[] => [
  floorOnly('bare node:https echo', api.echo, '/s'),
  floorOnly('LMDB commits of 1 KB, 32 at a time', api.commits, '/s'),
  atLeast('API create', api.create, '/s', 4000, api.echo),
  atLeast('API get', api.get, '/s', 10_000, api.echo),
  atLeast('API patch', api.patch, '/s', 3500, api.echo),
  atLeast('API create pod', api.createPod, '/s', 3000, api.echo),
  atLeast('LIST 2,000 objects', api.list, '/s', 150),
  atLeast('watch fan-out, 100 watchers', api.fanOut, 'events/s', 100_000),
  atMost('watch fan-out, p99', api.fanOutP99Ms, 'ms', 30),
];

async function measure(input: BenchInput): Promise<readonly Figure[]> {
  const connection = readKubeconfig(path.join(input.dataDir, 'admin.conf'));
  const transport = createHttpsTransport(connection);
  await sleep(settleSeconds * 1000);
  const [masterCpu = NaN, agentCpu = NaN] = await idleCpuPercent(
    [input.masterPid, input.agentPid],
    idleSeconds,
  );
  const figures: Figure[] = [
    atMost('start → node Ready', input.readySeconds, 's', 3),
    atMost('idle CPU, master', masterCpu, '% of a core', 2),
    atMost('idle CPU, agent', agentCpu, '% of a core', 1),
    atMost('memory idle, master', residentMegabytes(input.masterPid), 'MB', 150),
    atMost('memory idle, agent', residentMegabytes(input.agentPid), 'MB', 100),
  ];
  const floor = await measureFloor(input.engineSocket, 15);
  const pods = await measurePods(createClient(transport), 15);
  figures.push(
    atMost(
      'pod create → Ready, p50',
      quantile(pods.startMs, 0.5),
      'ms',
      1.25,
      quantile(floor.pairMs, 0.5),
    ),
    {
      ...atLeast('burst of 30 pods', pods.burstPerSecond, 'pods/s', 0, floor.burstPerSecond),
      target: '≥ 0.9 × floor',
      isMet: pods.burstPerSecond / floor.burstPerSecond >= 0.9,
    },
    atMost('delete 30 pods', pods.deleteBurstSeconds, 's', 6),
  );
  const pki = (name: string): string => readFileSync(path.join(input.dataDir, 'pki', name), 'utf8');
  const echoPair = { cert: pki('server.crt'), key: pki('server.key') };
  const { dataDir } = input;
  figures.push(...apiFigures(await measureApi(connection, { echoPair, dataDir })));
  transport.close();
  return figures;
}

const input = JSON.parse(process.env.PINTLE_BENCH ?? '{}') as BenchInput;
const figures = await measure(input);
console.log(figuresTable(figures));
mkdirSync(path.dirname(input.resultFile), { recursive: true });
writeFileSync(input.resultFile, `${JSON.stringify(figures, null, 2)}\n`);
process.exit(0);
