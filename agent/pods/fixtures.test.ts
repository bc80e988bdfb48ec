/** A node for tests: fake engine, fake API, fake network, real files in a temporary folder. */
import { pods } from '../../api/core/v1/pod/pod.js';
import { services } from '../../api/core/v1/service.js';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Container, Pod, PodSpec } from '../../api/core/v1/types.js';
import { FakeClient } from '../../machinery/client/fake-client.js';
import { FakeClock } from '../../machinery/clock/clock.js';
import { systemRandom } from '../../machinery/clock/random.js';
import { InformerFactory } from '../../machinery/informer/informer.js';
import { silentLogger } from '../../machinery/log/log.js';
import { Metrics } from '../../machinery/metrics/metrics.js';
import { Images } from '../images/images.js';
import { ProbeRunner } from '../probes/probe-runner.js';
import { FakeRuntime } from '../runtime/fake.js';
import { labelNames } from '../runtime/labels.js';
import { execCommand } from './exec-command.js';
import { hookRunner } from './hooks.js';
import { LogLinks } from './log-links.js';
import { podMetrics } from './metrics.js';
import { PodWorkers } from './pod-workers.js';
import type { PodEvent, PodNetwork, PodVolumes } from './ports.js';
import { References } from './references.js';
import { RuntimeView } from './runtime-view.js';

export const container = (name: string, changes: Partial<Container> = {}): Container => ({
  name,
  image: 'web:1',
  imagePullPolicy: 'IfNotPresent',
  ...changes,
});

class FakeNetwork implements PodNetwork {
  readonly wired = new Map<string, string>();
  private last = 1;

  setup({ sandboxId }: { readonly sandboxId: string }) {
    const known = this.wired.get(sandboxId);
    if (known === undefined) this.last += 1;
    const ip = known ?? `10.244.0.${String(this.last)}`;
    this.wired.set(sandboxId, ip);
    return Promise.resolve({ ips: [ip] });
  }

  teardown({ sandboxId }: { readonly sandboxId: string }) {
    this.wired.delete(sandboxId);
    return Promise.resolve();
  }

  check({ sandboxId }: { readonly sandboxId: string }) {
    const ip = this.wired.get(sandboxId);
    return Promise.resolve(ip === undefined ? undefined : { ips: [ip] });
  }
}

class FakeVolumes implements PodVolumes {
  readonly mounted = new Set<string>();
  /** Why mounting fails, while set. */
  failure: string | undefined;

  mount(pod: Pod): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(new Error(this.failure));
    this.mounted.add(pod.metadata.uid);
    return Promise.resolve();
  }

  mountsFor(): Promise<readonly never[]> {
    return Promise.resolve([]);
  }

  update(): void {
    // Nothing is made of the pod's own fields here.
  }

  unmount(podUid: string): Promise<void> {
    this.mounted.delete(podUid);
    return Promise.resolve();
  }

  podsOnDisk(): Promise<readonly string[]> {
    return Promise.resolve([...this.mounted]);
  }
}

export class TestNode {
  readonly clock = new FakeClock();
  readonly client = new FakeClient(this.clock);
  readonly runtime = new FakeRuntime(this.clock);
  readonly network = new FakeNetwork();
  readonly volumes = new FakeVolumes();
  readonly events: PodEvent[] = [];
  private folder = '';
  private stop = new AbortController();

  /** Starts an agent's pods on this node; call again after `stopAgent` for a restart. */
  async startAgent(): Promise<void> {
    const { client, clock, runtime, network, volumes } = this;
    if (this.folder === '') this.folder = await mkdtemp(path.join(tmpdir(), 'pintle-pods-'));
    this.stop = new AbortController();
    const random = systemRandom;
    const logger = silentLogger;
    const informers = new InformerFactory({ client, clock, random, logger });
    const metrics = new Metrics();
    const references = new References({
      client,
      clock,
      random,
      logger,
      services: informers.of(services),
    });
    const images = new Images({
      engine: runtime,
      clock,
      secret: (namespace, name) => references.secret(namespace, name),
    });
    const workers = new PodWorkers({
      dependencies: {
        client,
        clock,
        logger,
        runtime,
        view: new RuntimeView(),
        network,
        volumes,
        images,
        references,
        events: { record: (_pod, event) => void this.events.push(event) },
        probes: new ProbeRunner({
          clock,
          metrics,
          exec: (containerId, command, signal) =>
            execCommand(runtime, { containerId, command }, signal),
          onFailure: () => undefined,
        }),
        runHook: hookRunner({ runtime, clock }),
        logLinks: new LogLinks({ logRoot: this.folder, engineRoot: '/nowhere' }),
        metrics: podMetrics(metrics, { pods: () => 0, containers: () => 0 }),
        node: {
          name: 'node-1',
          ips: ['192.168.0.1'],
          allocatable: { cpuMilli: 2000, memoryBytes: 1024 ** 3 },
        },
        pauseImage: await runtime.prepare(),
        dataDir: this.folder,
        clusterDns: '10.96.0.10',
        clusterDomain: 'cluster.local',
        resolvConfPath: '/nowhere/resolv.conf',
      },
      pods: informers.informer(pods, { fieldSelector: 'spec.nodeName=node-1' }),
      onImagesChanged: () => {
        images.invalidate();
      },
    });
    informers.start(this.stop.signal);
    await workers.start(this.stop.signal);
  }

  /** Ends the agent as a crash would: the engine's containers stay. */
  stopAgent(): void {
    this.stop.abort();
  }

  async close(): Promise<void> {
    this.stopAgent();
    if (this.folder !== '') await rm(this.folder, { recursive: true, force: true });
  }

  createPod(name: string, spec: Partial<PodSpec> = {}): Promise<Pod> {
    return this.client.create(pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default' },
      spec: {
        nodeName: 'node-1',
        restartPolicy: 'Always',
        terminationGracePeriodSeconds: 1,
        containers: [container('main')],
        ...spec,
      },
    });
  }

  pod(name: string): Promise<Pod> {
    return this.client.get(pods, { namespace: 'default', name });
  }

  /** Ids of the running containers of a name, of any pod. */
  async running(name: string): Promise<readonly string[]> {
    const all = await this.runtime.list();
    return all
      .filter(
        ({ state, labels }) => state === 'running' && labels[labelNames.containerName] === name,
      )
      .map(({ id }) => id);
  }
}
