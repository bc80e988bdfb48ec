/** Clients that create, change and delete objects of several kinds at a steady rate, undisturbed by a master that is away. */
import type { ServerConnection } from '../../machinery/client/https-transport.js';
import { ask } from './requests.js';

/** A kind that is written, by its collection's path and how the store calls it. */
export interface WrittenKind {
  readonly path: string;
  readonly resource: string;
  readonly body: (name: string, turn: number) => object;
}

const namespace = 'soak';
const data = (turn: number): Record<string, string> => ({
  turn: String(turn),
  filler: 'x'.repeat(500),
});

/** What is written, and how each kind's objects change. */
export const writtenKinds: readonly WrittenKind[] = [
  {
    path: `/api/v1/namespaces/${namespace}/configmaps`,
    resource: `core/configmaps/${namespace}`,
    body: (name, turn) => ({ metadata: { name }, data: data(turn) }),
  },
  {
    path: `/api/v1/namespaces/${namespace}/secrets`,
    resource: `core/secrets/${namespace}`,
    body: (name, turn) => ({ metadata: { name }, stringData: data(turn) }),
  },
  {
    path: `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`,
    resource: `coordination.k8s.io/leases/${namespace}`,
    body: (name, turn) => ({ metadata: { name }, spec: { holderIdentity: String(turn) } }),
  },
  {
    path: `/api/v1/namespaces/${namespace}/pods`,
    resource: `core/pods/${namespace}`,
    body: (name, turn) => ({
      metadata: { name, labels: { turn: String(turn) } },
      spec: { schedulerName: 'nobody', containers: [{ name: 'c', image: 'busybox' }] },
    }),
  },
];

const namesPerKind = 200;

export class Writers {
  private readonly connection: () => ServerConnection;
  private turn = 0;
  private isOver = false;
  written = 0;

  constructor(connection: () => ServerConnection) {
    this.connection = connection;
  }

  async prepare(): Promise<void> {
    const body = { metadata: { name: namespace } };
    await ask(this.connection(), '/api/v1/namespaces', { method: 'POST', body });
  }

  stop(): void {
    this.isOver = true;
  }

  /** So many writers side by side, each with a pause after every write. */
  async run(writers: number, pauseMs: number): Promise<void> {
    const connection = this.connection();
    const one = async (): Promise<void> => {
      while (!this.isOver) {
        await this.writeOne(connection).catch(() => undefined);
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    };
    await Promise.all(Array.from({ length: writers }, one));
  }

  private async writeOne(connection: ServerConnection): Promise<void> {
    const turn = this.turn++;
    const kind = writtenKinds[turn % writtenKinds.length];
    if (kind === undefined) return;
    const name = `object-${String(Math.floor(Math.random() * namesPerKind))}`;
    const path = `${kind.path}/${name}`;
    const chance = Math.random();
    const body = { apiVersion: undefined, ...kind.body(name, turn) };
    const answer =
      chance < 0.2
        ? await ask(connection, `${path}?gracePeriodSeconds=0`, { method: 'DELETE' })
        : chance < 0.5
          ? await ask(connection, kind.path, { method: 'POST', body })
          : await ask(connection, path, {
              method: 'PATCH',
              body: { metadata: { annotations: { turn: String(turn) } } },
              contentType: 'application/merge-patch+json',
            });
    if (answer.code < 300) this.written++;
  }
}
