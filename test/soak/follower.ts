/**
 * One informer as clients have them: lists or begins with the state, watches on, resumes where it was when its connection ends,
 * lists again when it is told that it is too late. Everything it hears is compared with the store's own log.
 */
import type { ServerConnection } from '../../machinery/client/https-transport.js';
import { ask, WatchRefused, watchLines } from './requests.js';
import type { Witness } from './witness.js';

/** How a follower asks. */
export type FollowerForm = 'objects' | 'metadata' | 'table' | 'watch-list';

export interface FollowerOptions {
  readonly connection: ServerConnection;
  readonly witness: Witness;
  /** The collection's path. */
  readonly path: string;
  /** Group, plural and namespace as the store has them, such as `core/configmaps/default`. */
  readonly resource: string;
  readonly form: FollowerForm;
  /** Reads nothing for this long after each batch, as a client that is too slow does. */
  readonly dawdleMs?: number;
}

interface Heard {
  readonly revision: number;
  readonly key: string;
  readonly type: string;
}

const accepts: Record<FollowerForm, string> = {
  objects: 'application/json',
  'watch-list': 'application/json',
  metadata: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json',
  table: 'application/json;as=Table;v=v1;g=meta.k8s.io',
};
const watchAccepts: Record<FollowerForm, string> = {
  ...accepts,
  metadata: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json',
};

interface Meta {
  readonly namespace?: string;
  readonly name: string;
  readonly resourceVersion: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface Listed {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items?: readonly { readonly metadata: Meta }[];
  readonly rows?: readonly { readonly object: { readonly metadata: Meta } }[];
}

const keyOf = ({ namespace, name }: Meta): string =>
  namespace === undefined ? name : `${namespace}/${name}`;

/** What was heard from one listing of the state to the next, resumed watches included. */
interface Stretch {
  readonly startRevision: number;
  /** Until it was compared. */
  startState: ReadonlyMap<string, number> | undefined;
  readonly heard: Heard[];
}

class TooLate extends Error {}

const isGone = (error: unknown): boolean => error instanceof WatchRefused && error.code === 410;

export class Follower {
  private readonly options: FollowerOptions;
  /** What the follower believes to exist, with the revision of each object. */
  private state = new Map<string, number>();
  private revision = 0;
  /** Where the next event it hears stands in the log. */
  private position = 0;
  private readonly stretches: Stretch[] = [];
  private session = new AbortController();
  private readonly over = new AbortController();
  /** Events that stood where they belong. */
  checked = 0;
  lists = 0;
  sessions = 0;
  readonly mistakes: string[] = [];

  constructor(options: FollowerOptions) {
    this.options = options;
  }

  /** Breaks the connection off; the follower resumes where it was. */
  interrupt(): void {
    this.session.abort();
  }

  /** As if its state had been lost. */
  forget(): void {
    this.revision = 0;
    this.session.abort();
  }

  stop(): void {
    this.over.abort();
    this.session.abort();
  }

  async run(): Promise<void> {
    while (!this.over.signal.aborted) {
      this.session = new AbortController();
      try {
        await this.follow();
      } catch (error) {
        if (error instanceof TooLate || isGone(error)) this.revision = 0;
        // The master is away, or the connection was broken off.
        else await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  private async follow(): Promise<void> {
    this.sessions++;
    if (this.options.form === 'watch-list' && this.revision === 0) {
      await this.watch('sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=');
      return;
    }
    if (this.revision === 0) await this.list();
    await this.watch(`resourceVersion=${String(this.revision)}`);
  }

  private async list(): Promise<void> {
    const { connection, path, form } = this.options;
    const found = new Map<string, number>();
    let token = '';
    let revision: number;
    do {
      const query = `limit=200${token === '' ? '' : `&continue=${encodeURIComponent(token)}`}`;
      const { signal } = this.session;
      const { code, body } = await ask(connection, `${path}?${query}`, {
        accept: accepts[form],
        signal,
      });
      if (code === 410) throw new TooLate('the continue token has expired');
      if (code !== 200) throw new Error(`list: ${String(code)}`);
      const page = JSON.parse(body) as Listed;
      for (const { metadata } of page.items ?? (page.rows ?? []).map(({ object }) => object)) {
        found.set(keyOf(metadata), Number(metadata.resourceVersion));
      }
      token = page.metadata.continue ?? '';
      revision = Number(page.metadata.resourceVersion);
    } while (token !== '');
    this.lists++;
    this.begin(found, revision);
  }

  private begin(state: Map<string, number>, revision: number): void {
    this.state = state;
    this.revision = revision;
    this.stretches.push({ startRevision: revision, startState: new Map(state), heard: [] });
  }

  private async watch(query: string): Promise<void> {
    const { connection, path, form, dawdleMs } = this.options;
    const initial = query.startsWith('sendInitialEvents') ? new Map<string, number>() : undefined;
    const lines = watchLines(connection, `${path}?watch=1&allowWatchBookmarks=true&${query}`, {
      accept: watchAccepts[form],
      signal: this.session.signal,
    });
    let isInitial = initial !== undefined;
    for await (const line of lines) {
      const { type, object } = JSON.parse(line) as {
        type: string;
        object: Record<string, unknown>;
      };
      if (type === 'ERROR') throw new TooLate(line);
      const metadata = this.metadataOf(object);
      const revision = Number(metadata.resourceVersion);
      if (type === 'BOOKMARK') {
        if (isInitial && metadata.annotations?.['k8s.io/initial-events-end'] === 'true') {
          isInitial = false;
          this.lists++;
          this.begin(initial ?? new Map<string, number>(), revision);
        } else if (!isInitial) this.revision = Math.max(this.revision, revision);
        continue;
      }
      if (isInitial) initial?.set(keyOf(metadata), revision);
      else this.hear({ type, revision, key: keyOf(metadata) });
      if (dawdleMs !== undefined) await new Promise((resolve) => setTimeout(resolve, dawdleMs));
    }
  }

  private metadataOf(object: Record<string, unknown>): Meta {
    const rows = object.rows as { object: { metadata: Meta } }[] | undefined;
    const [row] = rows ?? [];
    return row === undefined ? (object.metadata as Meta) : row.object.metadata;
  }

  private hear(event: Heard): void {
    if (event.revision <= this.revision) {
      this.mistake(
        `repeated or out of order: ${JSON.stringify(event)} after ${String(this.revision)}`,
      );
    }
    this.revision = event.revision;
    if (event.type === 'DELETED') this.state.delete(event.key);
    else this.state.set(event.key, event.revision);
    this.stretches.at(-1)?.heard.push(event);
  }

  private mistake(what: string): void {
    const { resource, form } = this.options;
    if (this.mistakes.length < 10) this.mistakes.push(`${resource} (${form}): ${what}`);
  }

  /** Compares what was heard with the log, as far as the log has been read. */
  settle(): void {
    const { witness } = this.options;
    for (;;) {
      const [stretch, ...later] = this.stretches;
      if (stretch === undefined || witness.revision < stretch.startRevision) return;
      this.settleStart(stretch);
      this.settleHeard(stretch);
      if (stretch.heard.length > 0 || later.length === 0) return;
      this.stretches.shift();
    }
  }

  private settleStart(stretch: Stretch): void {
    const { startState, startRevision } = stretch;
    if (startState === undefined) return;
    stretch.startState = undefined;
    const log = this.options.witness.of(this.options.resource);
    this.position = log.positionAfter(startRevision);
    const expected = log.stateAt(startRevision);
    for (const [key, revision] of expected) {
      const found = startState.get(key);
      if (found === revision) continue;
      this.mistake(`started with ${key} at ${String(found)}, the log has ${String(revision)}`);
    }
    for (const key of startState.keys()) {
      if (!expected.has(key)) this.mistake(`started with ${key}, which was gone`);
    }
  }

  private settleHeard({ heard }: Stretch): void {
    const { witness, resource } = this.options;
    const log = witness.of(resource);
    let done = 0;
    for (const event of heard) {
      if (event.revision > witness.revision) break;
      const expected = log.events[this.position];
      done++;
      this.position++;
      this.checked++;
      const isRight =
        expected?.revision === event.revision &&
        expected.key === event.key &&
        expected.type === event.type;
      if (isRight) continue;
      this.mistake(`heard ${JSON.stringify(event)} where the log has ${JSON.stringify(expected)}`);
      this.position = log.positionAfter(event.revision);
    }
    heard.splice(0, done);
  }

  /** Whether everything that happened was heard and compared. */
  isCaughtUp(): boolean {
    const { events } = this.options.witness.of(this.options.resource);
    return (
      this.position >= events.length && this.stretches.every(({ heard }) => heard.length === 0)
    );
  }

  /** At the end: nothing heard is left to compare, and nothing that happened was missed. */
  finish(): void {
    this.settle();
    const { witness, resource } = this.options;
    const missed = witness.of(resource).events.slice(this.position);
    const before = missed.filter(({ revision }) => revision <= this.revision);
    if (before.length > 0) this.mistake(`skipped ${JSON.stringify(before.slice(0, 3))}`);
    const latest = witness.of(resource).stateAt(this.revision);
    if (latest.size !== this.state.size) {
      this.mistake(
        `ends with ${String(this.state.size)} objects, the log has ${String(latest.size)}`,
      );
    }
  }
}
