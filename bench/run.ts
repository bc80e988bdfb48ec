/**
 * `npm run bench`: starts a one-node cluster with `pintle up` in a lab namespace, measures it against floors of the same run,
 * prints a table and writes bench/results/latest.json.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { systemExec } from '../machinery/exec/exec.js';
import { startProcess } from '../machinery/exec/process.js';
import { removeAbandonedLabs, removeLab } from '../test/lab/cleanup.js';
import { LabCluster, pintleCommand } from '../test/lab/cluster.js';
import { buildTestImages, loadImages } from '../test/lab/images.js';
import { createNode, createSwitch, inNamespace } from '../test/lab/namespaces.js';
import { eventually } from '../testing/eventually.js';
import { besideTest } from '../testing/golden.js';
import type { BenchInput } from './measure.js';

function childOf(parent: number, component: string): number {
  const found = readdirSync('/proc').find((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const isChild = new RegExp(`^PPid:\\s+${String(parent)}$`, 'm').test(
        readFileSync(`/proc/${pid}/status`, 'utf8'),
      );
      return isChild && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`\0${component}\0`);
    } catch {
      // The process ended while we looked.
      return false;
    }
  });
  if (found === undefined) throw new Error(`pintle up has no ${component} process`);
  return Number(found);
}

async function startCluster(lab: LabCluster): Promise<Omit<BenchInput, 'resultFile'>> {
  const node = lab.masterNode;
  mkdirSync(lab.folder, { recursive: true });
  writeFileSync(path.join(lab.folder, 'owner'), String(process.pid));
  await createSwitch(systemExec, lab.labId);
  await createNode(systemExec, lab.labId, 1);
  const images = await buildTestImages(path.join(lab.folder, 'images'));
  await node.engine.start();
  await loadImages(node.engine, images);
  const dataDir = path.join(lab.folder, 'pintle');
  const log = path.join(lab.folder, 'up.log');
  const startedMs = performance.now();
  const up = await startProcess(
    inNamespace(node.namespace, [
      process.execPath,
      pintleCommand,
      'up',
      `--data-dir=${dataDir}`,
      `--node-name=${node.name}`,
      `--node-ip=${node.address}`,
      `--docker-host=unix://${node.engine.socket}`,
    ]),
    { output: { file: log } },
  );
  await eventually(
    () => {
      if (!readFileSync(log, 'utf8').includes('Ready after'))
        throw new Error(readFileSync(log, 'utf8'));
    },
    { what: 'pintle up', timeoutMs: 60_000, intervalMs: 10 },
  );
  return {
    dataDir,
    engineSocket: node.engine.socket,
    readySeconds: (performance.now() - startedMs) / 1000,
    masterPid: childOf(up.pid, 'master'),
    agentPid: childOf(up.pid, 'agent'),
  };
}

async function main(): Promise<number> {
  await removeAbandonedLabs();
  const lab = new LabCluster(randomBytes(3).toString('hex'), 1);
  try {
    const cluster = await startCluster(lab);
    const input: BenchInput = {
      ...cluster,
      resultFile: besideTest(import.meta.url, 'results/latest.json'),
    };
    const measure = besideTest(import.meta.url, '../dist/bench/measure.js');
    const process_ = await startProcess(
      inNamespace(lab.masterNode.namespace, [process.execPath, measure]),
      { output: 'inherit', env: { PINTLE_BENCH: JSON.stringify(input) } },
    );
    return (await process_.exited).exitCode ?? 1;
  } finally {
    if (process.env.PINTLE_LAB_KEEP === '1') console.log(`lab kept in ${lab.folder}`);
    else await removeLab(lab.labId);
  }
}

process.exitCode = await main();
