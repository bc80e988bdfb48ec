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
import {
  atLeast,
  atLeastTimesFloor,
  atMost,
  atMostTimesFloor,
  type Figure,
  figuresTable,
  floorOnly,
  quantile,
} from './statistics.js';

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

const apiFigures = (api: ApiFigures): readonly Figure[] => [
  floorOnly({ name: 'bare node:https echo', value: api.echo, unit: '/s' }),
  floorOnly({ name: 'LMDB commits of 1 KB, 32 at a time', value: api.commits, unit: '/s' }),
  atLeast(4000, { name: 'API create', value: api.create, unit: '/s', floor: api.echo }),
  atLeast(10_000, { name: 'API get', value: api.get, unit: '/s', floor: api.echo }),
  atLeast(3500, { name: 'API patch', value: api.patch, unit: '/s', floor: api.echo }),
  atLeast(3000, { name: 'API create pod', value: api.createPod, unit: '/s', floor: api.echo }),
  atLeast(150, { name: 'LIST 2,000 objects', value: api.list, unit: '/s' }),
  atLeast(100_000, { name: 'watch fan-out, 100 watchers', value: api.fanOut, unit: 'events/s' }),
  atMost(30, { name: 'watch fan-out, p99', value: api.fanOutP99Ms, unit: 'ms' }),
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
    atMost(3, { name: 'start → node Ready', value: input.readySeconds, unit: 's' }),
    atMost(2, { name: 'idle CPU, master', value: masterCpu, unit: '% of a core' }),
    atMost(1, { name: 'idle CPU, agent', value: agentCpu, unit: '% of a core' }),
    atMost(150, {
      name: 'memory idle, master',
      value: residentMegabytes(input.masterPid),
      unit: 'MB',
    }),
    atMost(100, {
      name: 'memory idle, agent',
      value: residentMegabytes(input.agentPid),
      unit: 'MB',
    }),
  ];
  const floor = await measureFloor(input.engineSocket, 15);
  const pods = await measurePods(createClient(transport), 15);
  figures.push(
    atMostTimesFloor(1.25, {
      name: 'pod create → Ready, p50',
      value: quantile(pods.startMs, 0.5),
      unit: 'ms',
      floor: quantile(floor.pairMs, 0.5),
    }),
    atLeastTimesFloor(0.9, {
      name: 'burst of 30 pods',
      value: pods.burstPerSecond,
      unit: 'pods/s',
      floor: floor.burstPerSecond,
    }),
    atMost(6, { name: 'delete 30 pods', value: pods.deleteBurstSeconds, unit: 's' }),
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
