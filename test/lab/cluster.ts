/**
 * A cluster in the lab: a master and N agents of the built project, each node in a network namespace with a Docker engine of
 * its own. `run.ts` starts one and shares it with every lab test; a test attaches to it and may crash and restart its parts.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { systemExec } from '../../machinery/exec/exec.js';
import { startProcess } from '../../machinery/exec/process.js';
import { eventually } from '../../testing/eventually.js';
import { besideTest } from '../../testing/golden.js';
import { labsRoot } from './cleanup.js';
import { crashPid } from './crash.js';
import { Engine } from './engine.js';
import { buildTestImages, loadImages } from './images.js';
import {
  createNode,
  createSwitch,
  inNamespace,
  nodeAddress,
  nodeNamespace,
  switchNamespace,
} from './namespaces.js';
import { type Kubectl, type KubectlSetting, kubectlFor } from './stock-clients.js';

/** The `pintle` command of the built project. */
export const pintleCommand = besideTest(import.meta.url, '../../bin/pintle');

export interface LabNode {
  readonly name: string;
  readonly address: string;
  readonly namespace: string;
  readonly folder: string;
  readonly engine: Engine;
}

const readPid = (file: string): number => Number(readFileSync(file, 'utf8'));

export class LabCluster {
  readonly labId: string;
  readonly folder: string;
  readonly nodes: readonly LabNode[];
  readonly kubectl: Kubectl;

  constructor(labId: string, nodeCount: number) {
    this.labId = labId;
    this.folder = path.join(labsRoot, labId);
    this.nodes = Array.from({ length: nodeCount }, (_, index) => {
      const position = index + 1;
      const name = `node-${String(position)}`;
      const folder = path.join(this.folder, name);
      const namespace = nodeNamespace(labId, position);
      const engine = new Engine({ labId, namespace, folder: path.join(folder, 'engine') });
      return { name, address: nodeAddress(position), namespace, folder, engine };
    });
    this.kubectl = kubectlFor(this.kubectlSetting);
  }

  /** Where this cluster's kubectl runs and as whom: its administrator, in the namespace between the nodes. */
  get kubectlSetting(): KubectlSetting {
    return {
      namespace: switchNamespace(this.labId),
      kubeconfig: this.kubeconfig,
      cacheFolder: path.join(this.folder, 'kubectl-cache'),
    };
  }

  get kubeconfig(): string {
    return path.join(this.masterData, 'admin.conf');
  }

  get masterData(): string {
    return path.join(this.folder, 'master');
  }

  /** Makes namespaces, engines and images, then starts master and agents and waits until every node is Ready. */
  async start(): Promise<void> {
    mkdirSync(this.folder, { recursive: true });
    writeFileSync(path.join(this.folder, 'owner'), String(process.pid));
    const images = await buildTestImages(path.join(this.folder, 'images'));
    await createSwitch(systemExec, this.labId);
    for (const index of this.nodes.keys()) await createNode(systemExec, this.labId, index + 1);
    await Promise.all(
      this.nodes.map(async ({ engine }) => {
        await engine.start();
        await loadImages(engine, images);
      }),
    );
    await this.startMaster();
    const token = await this.createToken();
    for (const node of this.nodes) {
      writeFileSync(path.join(node.folder, 'join'), token);
      await this.startAgent(node);
    }
    await this.allNodesReady();
  }

  private async allNodesReady(): Promise<void> {
    await eventually(
      async () => {
        const { stdout } = await this.kubectl(['get', 'nodes', '--no-headers']);
        const ready = stdout.split('\n').filter((line) => line.includes(' Ready '));
        if (ready.length < this.nodes.length) throw new Error(`nodes:\n${stdout}`);
      },
      { what: 'every node to be Ready', timeoutMs: 60_000, intervalMs: 200 },
    );
  }

  private async createToken(): Promise<string> {
    const { stdout } = await systemExec(
      inNamespace(this.masterNode.namespace, [
        process.execPath,
        pintleCommand,
        'token',
        'create',
        `--data-dir=${this.masterData}`,
      ]),
    );
    return stdout;
  }

  get masterNode(): LabNode {
    const [first] = this.nodes;
    if (first === undefined) throw new Error('a lab needs at least one node');
    return first;
  }

  private async startPintle(
    node: LabNode,
    args: readonly string[],
    logFile: string,
  ): Promise<number> {
    const argv = inNamespace(node.namespace, [process.execPath, pintleCommand, ...args]);
    const { pid } = await startProcess(argv, { output: { file: logFile }, detached: true });
    return pid;
  }

  async startMaster(moreFlags: readonly string[] = []): Promise<void> {
    mkdirSync(this.masterData, { recursive: true });
    const node = this.masterNode;
    const pid = await this.startPintle(
      node,
      [
        'master',
        `--data-dir=${this.masterData}`,
        `--node-ip=${node.address}`,
        '--listen=0.0.0.0:6443',
        ...moreFlags,
      ],
      path.join(this.folder, 'master.log'),
    );
    writeFileSync(path.join(this.folder, 'master.pid'), String(pid));
    await eventually(() => this.kubectl(['get', '--raw', '/readyz'], { timeoutMs: 5000 }), {
      what: 'the master’s /readyz',
      timeoutMs: 30_000,
      intervalMs: 100,
    });
  }

  /** SIGKILL; resolves when the process is gone. */
  async crashMaster(): Promise<void> {
    await crashPid(readPid(path.join(this.folder, 'master.pid')));
  }

  async startAgent(node: LabNode): Promise<void> {
    // The whole join command as `pintle token create` prints it: agent, server, token and CA hash.
    const join = readFileSync(path.join(node.folder, 'join'), 'utf8');
    const values = [...join.matchAll(/--(server|token|ca-hash)[ =](\S+)/g)].map(
      ([, name = '', value = '']) => `--${name}=${value}`,
    );
    if (values.length < 3) throw new Error(`cannot read the join command: ${join}`);
    const pid = await this.startPintle(
      node,
      [
        'agent',
        ...values,
        `--data-dir=${node.folder}/data`,
        `--node-name=${node.name}`,
        `--node-ip=${node.address}`,
        `--docker-host=unix://${node.engine.socket}`,
      ],
      path.join(node.folder, 'agent.log'),
    );
    writeFileSync(path.join(node.folder, 'agent.pid'), String(pid));
  }

  async crashAgent(node: LabNode): Promise<void> {
    await crashPid(readPid(path.join(node.folder, 'agent.pid')));
  }

  /** Runs a command in a node's network namespace and returns what it printed. */
  async onNode(node: LabNode, argv: readonly string[]): Promise<string> {
    return (await systemExec(inNamespace(node.namespace, argv))).stdout;
  }
}

/** The cluster `run.ts` started for this test process. */
export function sharedCluster(): LabCluster {
  const [labId, nodes] = (process.env.PINTLE_LAB ?? '').split(':');
  if (labId === undefined || labId === '' || nodes === undefined) {
    throw new Error(
      'lab tests run through `npm run test:lab`, which starts the cluster they share',
    );
  }
  return new LabCluster(labId, Number(nodes));
}
