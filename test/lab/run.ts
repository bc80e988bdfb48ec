/**
 * `npm run test:lab [-- words]`: starts one shared cluster, runs the lab tests whose path contains one of the words inside
 * the lab's switch namespace, and takes the lab down again whatever happens. Lab tests that need no cluster make their own
 * namespaces.
 */
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { startProcess } from '../../machinery/exec/process.js';
import { removeAbandonedLabs, removeLab } from './cleanup.js';
import { LabCluster } from './cluster.js';
import { inNamespace, switchNamespace } from './namespaces.js';

const nodeCount = 2;

function labFiles(words: readonly string[]): readonly string[] {
  return readdirSync('dist', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.lab.js'))
    .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
    .map((file) => path.join('dist', file))
    .sort();
}

async function runTests(cluster: LabCluster, files: readonly string[]): Promise<number> {
  const argv = inNamespace(switchNamespace(cluster.labId), [
    process.execPath,
    '--enable-source-maps',
    '--test',
    '--test-concurrency=1',
    ...files,
  ]);
  const tests = await startProcess(argv, {
    output: 'inherit',
    env: { PINTLE_LAB: `${cluster.labId}:${String(nodeCount)}` },
  });
  return (await tests.exited).exitCode ?? 1;
}

async function main(): Promise<number> {
  const files = labFiles(process.argv.slice(2));
  if (files.length === 0) throw new Error(`no lab test matches ${process.argv.slice(2).join(' ')}`);
  await removeAbandonedLabs();
  const cluster = new LabCluster(randomBytes(3).toString('hex'), nodeCount);
  const onSignal = (): void => {
    void removeLab(cluster.labId).finally(() => process.exit(130));
  };
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    await cluster.start();
    return await runTests(cluster, files);
  } finally {
    if (process.env.PINTLE_LAB_KEEP === '1') console.log(`lab kept in ${cluster.folder}`);
    else await removeLab(cluster.labId);
  }
}

// Crashed and restarted parts of the cluster must not keep the runner.
process.exit(await main());
