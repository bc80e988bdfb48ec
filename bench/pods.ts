/** Pods through the API: create → Ready one at a time, a burst of 30, and their deletion. */
import { namespaces } from '../api/core/v1/namespace.js';
import { pods } from '../api/core/v1/pod/pod.js';
import type { Pod } from '../api/core/v1/types.js';
import type { Client } from '../machinery/client/client.js';

const namespace = 'bench';

const isReady = (pod: Pod): boolean =>
  (pod.status.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True');

async function createPod(client: Client, name: string): Promise<void> {
  await client.create(pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name, labels: { bench: 'pods' } },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [
        {
          name: 'main',
          image: 'busybox:latest',
          imagePullPolicy: 'IfNotPresent',
          command: ['sh', '-c', 'trap "exit 0" TERM; sleep 1000 & wait'],
        },
      ],
    },
  });
}

/** Follows the namespace's pods; `wait` resolves when as many as asked for fulfil the condition. */
class PodWatcher {
  readonly current = new Map<string, Pod>();
  private readonly over = new AbortController();
  private changed: () => void = () => undefined;

  async start(client: Client): Promise<void> {
    const { metadata } = await client.list(pods, { namespace });
    const events = client.watch(pods, {
      namespace,
      resourceVersion: metadata.resourceVersion ?? '',
      signal: this.over.signal,
    });
    void this.follow(events);
  }

  private async follow(events: ReturnType<Client['watch']>): Promise<void> {
    try {
      for await (const { type, object } of events) {
        if (type === 'DELETED') this.current.delete(object.metadata.name);
        else this.current.set(object.metadata.name, object as Pod);
        this.changed();
      }
    } catch (error) {
      if (!this.over.signal.aborted) throw error;
    }
  }

  async wait(holds: (current: ReadonlyMap<string, Pod>) => boolean): Promise<void> {
    while (!holds(this.current)) {
      await new Promise<void>((resolve) => {
        this.changed = resolve;
      });
    }
  }

  stop(): void {
    this.over.abort();
  }
}

export interface PodFigures {
  readonly startMs: readonly number[];
  readonly burstPerSecond: number;
  readonly deleteBurstSeconds: number;
}

/** Runs the three measurements with `count` pods each. */
export async function measurePods(client: Client, count: number): Promise<PodFigures> {
  await client.create(namespaces, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
    spec: {},
  });
  const watcher = new PodWatcher();
  await watcher.start(client);
  const gone = (name: string) => watcher.wait((current) => !current.has(name));
  const startMs: number[] = [];
  for (let index = 0; index < count; index++) {
    const name = `one-${String(index)}`;
    const startedMs = performance.now();
    await createPod(client, name);
    await watcher.wait((current) => {
      const pod = current.get(name);
      return pod !== undefined && isReady(pod);
    });
    startMs.push(performance.now() - startedMs);
    await client.delete(pods, { namespace, name }, { gracePeriodSeconds: 0 });
    await gone(name);
  }
  const burst = Array.from({ length: 30 }, (_, index) => `burst-${String(index)}`);
  const burstStartMs = performance.now();
  await Promise.all(burst.map((name) => createPod(client, name)));
  await watcher.wait((current) => [...current.values()].filter(isReady).length === burst.length);
  const burstPerSecond = burst.length / ((performance.now() - burstStartMs) / 1000);
  const deleteStartMs = performance.now();
  await Promise.all(burst.map((name) => client.delete(pods, { namespace, name })));
  await watcher.wait((current) => current.size === 0);
  const deleteBurstSeconds = (performance.now() - deleteStartMs) / 1000;
  watcher.stop();
  return { startMs, burstPerSecond, deleteBurstSeconds };
}
