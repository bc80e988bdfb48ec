/**
 * Gives every certificate half a minute to live and goes on working for several of their lives: nodes stay Ready, logs are read
 * through master and agent, watches go on, and nothing is restarted for it.
 */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { systemClock } from '../../machinery/clock/clock.js';
import { eventually } from '../../testing/eventually.js';
import { type LabNode, sharedCluster } from './cluster.js';

const cluster = sharedCluster();
const lifetimeMs = 30_000;
const lives = 3;
const namespace = 'certificates';

const kubectl = async (args: readonly string[], input?: string): Promise<string> =>
  (await cluster.kubectl(args, input === undefined ? {} : { input })).stdout;

const masterFiles = ['server', 'agent-client', 'admin', 'front-proxy-client'].map((name) =>
  path.join(cluster.masterData, 'pki', name),
);
const agentFiles = (node: LabNode): readonly string[] =>
  ['agent', 'serving'].map((name) => path.join(node.folder, 'data/pki', name));
const allFiles = [...masterFiles, ...cluster.nodes.flatMap(agentFiles)];

/** Lets everything be issued anew by a master that is started with these flags. */
async function startOver(flags: readonly string[]): Promise<void> {
  await cluster.crashMaster();
  await Promise.all(cluster.nodes.map((node) => cluster.crashAgent(node)));
  for (const file of allFiles) {
    rmSync(`${file}.crt`, { force: true });
    rmSync(`${file}.key`, { force: true });
  }
  await cluster.startMaster(flags);
  for (const node of cluster.nodes) await cluster.startAgent(node);
  await eventually(
    () => kubectl(['wait', '--for=condition=Ready', 'node', '--all', '--timeout=5s']),
    { what: 'every node to be Ready', timeoutMs: 60_000 },
  );
}

const pod = ({ name }: LabNode): string => `
apiVersion: v1
kind: Pod
metadata: { name: talker-${name}, namespace: ${namespace} }
spec:
  nodeName: ${name}
  terminationGracePeriodSeconds: 0
  containers:
    - name: talker
      image: busybox
      imagePullPolicy: IfNotPresent
      command: [sh, -c, 'echo spoken; sleep 3600']
---`;

const processes = (): readonly string[] =>
  [
    path.join(cluster.folder, 'master.pid'),
    ...cluster.nodes.map(({ folder }) => path.join(folder, 'agent.pid')),
  ].map(
    (file) => readFileSync(`/proc/${readFileSync(file, 'utf8')}/stat`, 'utf8').split(' ')[21] ?? '',
  );

describe('certificates that live for half a minute', () => {
  before(async () => {
    await startOver([`--cluster-signing-duration=${String(lifetimeMs / 1000)}s`]);
    await kubectl(['create', 'namespace', namespace]);
    await kubectl(['apply', '-f', '-'], cluster.nodes.map(pod).join('\n'));
    const ready = ['--for=condition=Ready', 'pod', '--all', '--timeout=60s'];
    await kubectl(['-n', namespace, 'wait', ...ready]);
  });
  after(async () => {
    await kubectl(['delete', 'namespace', namespace]);
    await startOver([]);
  });

  test('are renewed by master and agents again and again, and nobody notices', async () => {
    const seen = new Map(allFiles.map((file) => [file, new Set<string>()]));
    const started = processes();
    const endMs = systemClock.now() + lifetimeMs * lives;
    while (systemClock.now() < endMs) {
      for (const file of allFiles) {
        const certificate = new X509Certificate(readFileSync(`${file}.crt`));
        assert.ok(Date.parse(certificate.validTo) > systemClock.now(), `${file} has ended`);
        seen.get(file)?.add(certificate.serialNumber);
      }
      for (const { name } of cluster.nodes) {
        const logs = await kubectl(['-n', namespace, 'logs', `talker-${name}`]);
        assert.equal(logs, 'spoken\n');
      }
      const nodes = await kubectl(['get', 'nodes', '--no-headers']);
      assert.equal(nodes.split('\n').filter((line) => line.includes(' Ready ')).length, 2);
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
    for (const [file, serials] of seen) assert.ok(serials.size >= lives, `${file} was not renewed`);
    assert.deepEqual(processes(), started);
  });

  test('keep watches going: what happens now reaches the agents', async () => {
    const [node] = cluster.nodes;
    assert.ok(node);
    await kubectl(['-n', namespace, 'delete', 'pod', `talker-${node.name}`]);
    await kubectl(['apply', '-f', '-'], pod(node));
    const ready = ['--for=condition=Ready', 'pod', `talker-${node.name}`, '--timeout=20s'];
    await kubectl(['-n', namespace, 'wait', ...ready]);
  });
});
