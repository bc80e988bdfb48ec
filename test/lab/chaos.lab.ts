/**
 * Kills master, agents and a Docker engine with SIGKILL, again and again, while an application runs and changes. Nothing
 * acknowledged may be lost, no container restarted or doubled (but by its engine's own death), and the cluster converges.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually } from '../../testing/eventually.js';
import { shellManifest, webManifest } from '../compat/web-manifest.js';
import { type LabNode, sharedCluster } from './cluster.js';

const cluster = sharedCluster();
const namespace = 'chaos';
const rounds = 4;

const kubectl = async (args: readonly string[], input?: string): Promise<string> =>
  (
    await cluster.kubectl(['-n', namespace, ...args], {
      timeoutMs: 90_000,
      ...(input === undefined ? {} : { input }),
    })
  ).stdout;

interface RunningContainer {
  readonly id: string;
  readonly podUid: string;
  readonly container: string;
}

async function runningContainers(node: LabNode): Promise<readonly RunningContainer[]> {
  const format =
    '{{.ID}} {{.Label "io.kubernetes.pod.uid"}} {{.Label "io.kubernetes.container.name"}} {{.Label "io.kubernetes.pod.namespace"}}';
  const lines = (await node.engine.docker(['ps', '--no-trunc', '--format', format])).split('\n');
  return lines
    .map((line) => line.split(' '))
    .filter((parts) => parts[3] === namespace)
    .map(([id = '', podUid = '', container = '']) => ({ id, podUid, container }));
}

async function allContainers(): Promise<readonly RunningContainer[]> {
  return (await Promise.all(cluster.nodes.map(runningContainers))).flat();
}

async function assertNothingDoubled(): Promise<void> {
  const seen = (await allContainers()).map(({ podUid, container }) => `${podUid}/${container}`);
  assert.deepEqual(
    seen.filter((name, position) => seen.indexOf(name) !== position),
    [],
  );
}

async function converged(): Promise<void> {
  await cluster.kubectl(['wait', '--for=condition=Ready', 'node', '--all', '--timeout=60s']);
  await kubectl(['rollout', 'status', 'deployment/web', '--timeout=60s']);
  await kubectl(['wait', '--for=condition=Ready', 'pod/shell', '--timeout=60s']);
}

/** Creates ConfigMaps one after another until stopped; returns the names whose creation was acknowledged. */
function startWriter(prefix: string): { readonly stop: () => Promise<readonly string[]> } {
  const acknowledged: string[] = [];
  let stopped = false;
  const run = async (): Promise<void> => {
    for (let count = 0; count < 500 && !stopped; count++) {
      const name = `${prefix}-${String(count)}`;
      try {
        await kubectl(['create', 'configmap', name, '--from-literal=n=1']);
        acknowledged.push(name);
      } catch {
        // The master is being killed: what was not acknowledged may or may not exist.
      }
    }
  };
  const running = run();
  return {
    stop: async () => {
      stopped = true;
      await running;
      return acknowledged;
    },
  };
}

describe('killing parts of a cluster', () => {
  before(async () => {
    await cluster.kubectl(['create', 'namespace', namespace]);
    await kubectl(['apply', '-f', '-'], webManifest({ namespace, nodePort: 30_099 }));
    await kubectl(['apply', '-f', '-'], shellManifest(namespace));
    await converged();
  });

  after(async () => {
    await cluster.kubectl(['delete', 'namespace', namespace, '--timeout=90s'], {
      timeoutMs: 100_000,
    });
  });

  test('the master loses no acknowledged write and containers run on', async () => {
    const containers = await allContainers();
    const acknowledged: string[] = [];
    for (let round = 0; round < rounds; round++) {
      const writer = startWriter(`kept-${String(round)}`);
      await eventually(async () => {
        const found = await kubectl(['get', 'configmaps', '-o', 'name']);
        assert.match(found, new RegExp(`kept-${String(round)}-1`));
      });
      await cluster.crashMaster();
      await cluster.startMaster();
      acknowledged.push(...(await writer.stop()));
    }
    const stored = (await kubectl(['get', 'configmaps', '-o', 'name'])).split('\n');
    const lost = acknowledged.filter((name) => !stored.includes(`configmap/${name}`));
    assert.deepEqual(lost, []);
    assert.ok(acknowledged.length > rounds, 'the writer must have written something');
    await converged();
    assert.deepEqual(await allContainers(), containers);
  });

  test('an agent killed at rest adopts its containers', async () => {
    const containers = await allContainers();
    for (const node of cluster.nodes) {
      for (let round = 0; round < rounds; round++) {
        await cluster.crashAgent(node);
        await cluster.startAgent(node);
      }
    }
    await converged();
    assert.deepEqual(await allContainers(), containers);
    assert.doesNotMatch(
      await kubectl(['get', 'pods', '-l', 'app=web', '--no-headers']),
      /Running\s+[1-9]/,
    );
  });

  test('agents and master killed during a rollout leave nothing doubled', async () => {
    for (let round = 0; round < rounds; round++) {
      await kubectl(['set', 'image', 'deployment/web', `web=web:${round % 2 === 0 ? 'v2' : 'v1'}`]);
      const node = cluster.nodes[round % cluster.nodes.length] ?? cluster.masterNode;
      await cluster.crashAgent(node);
      await cluster.crashMaster();
      await assertNothingDoubled();
      await cluster.startMaster();
      await cluster.startAgent(node);
      await assertNothingDoubled();
      await converged();
      await assertNothingDoubled();
    }
  });

  test('a Docker engine that dies and returns gets its pods back', async () => {
    const node = cluster.nodes.at(-1) ?? cluster.masterNode;
    await node.engine.crash();
    await eventually(
      async () => {
        assert.match(await kubectl(['get', 'node', node.name]), /NotReady/);
      },
      { what: 'the node to say that its engine is gone', timeoutMs: 60_000 },
    );
    await node.engine.start();
    await eventually(converged, { timeoutMs: 90_000 });
    await assertNothingDoubled();
    assert.equal((await allContainers()).filter(({ container }) => container === 'web').length, 3);
  });
});
