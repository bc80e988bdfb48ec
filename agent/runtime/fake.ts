/**
 * A container engine in memory that obeys the `Runtime` contract: names are unique, processes start, run and end, signals
 * are delivered, events are told in order. Tests script processes by image: what `images` holds says how they behave.
 */
import { PassThrough, Readable } from 'node:stream';
import type { Clock } from '../../machinery/clock/clock.js';
import type {
  ContainerRecord,
  ContainerSpec,
  ContainerSummary,
  EngineVersion,
  ExecOptions,
  ImageRecord,
  LogOptions,
  Runtime,
  RuntimeEvent,
  StreamSession,
} from './runtime.js';
import { RuntimeError } from './runtime-error.js';

/** How processes of an image behave. */
export interface FakeProcess {
  /** Ends by itself at once with this code; runs until it is told to end when absent. */
  readonly exitCode?: number;
  /** Why it cannot be started. */
  readonly startError?: string;
  /** Answers commands run in it with their exit code. */
  readonly exec?: (command: readonly string[]) => number;
}

interface FakeContainer {
  readonly spec: ContainerSpec;
  record: ContainerRecord;
  log: string;
}

interface Listener {
  readonly queue: RuntimeEvent[];
  lost: boolean;
  wake: () => void;
}

const pauseImage = 'pintle/pause:1';
const signalCodes: Readonly<Record<string, number>> = { SIGTERM: 143, SIGKILL: 137, SIGINT: 130 };

export class FakeRuntime implements Runtime {
  /** Images that are here, by name. */
  readonly images = new Map<string, FakeProcess>();
  /** Images that a pull would bring. */
  readonly registry = new Map<string, FakeProcess>();
  /** Every operation asked for, such as `start k8s_web_…`. */
  readonly operations: string[] = [];
  private readonly containers = new Map<string, FakeContainer>();
  private readonly listeners = new Set<Listener>();
  private readonly clock: Clock;
  private sequence = 0;
  private down = false;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  version(): Promise<EngineVersion> {
    this.assertUp();
    return Promise.resolve({
      name: 'fake',
      version: '1',
      operatingSystem: 'none',
      rootDirectory: '/nowhere',
      cgroupDriver: 'none',
    });
  }

  private assertUp(): void {
    if (this.down) throw new RuntimeError('unavailable', 'the fake engine is down');
  }

  private find(id: string): FakeContainer {
    this.assertUp();
    const named = [...this.containers.values()].find(({ spec }) => spec.name === id);
    const container = this.containers.get(id) ?? named;
    if (container === undefined) throw new RuntimeError('notFound', `no such container: ${id}`);
    return container;
  }

  private tell(type: 'created' | 'started' | 'died' | 'removed', { record }: FakeContainer): void {
    this.publish({ type, id: record.id, labels: record.labels, timeMs: this.clock.now() });
  }

  private publish(event: RuntimeEvent): void {
    for (const listener of this.listeners) {
      listener.queue.push(event);
      listener.wake();
    }
  }

  /** The engine dies as after kill -9 without live restore: its containers die with it, unseen. */
  crash(): void {
    for (const container of this.containers.values()) {
      if (container.record.state === 'running') this.finish(container, 255, false);
    }
    this.down = true;
    for (const listener of this.listeners) {
      listener.lost = true;
      listener.wake();
    }
  }

  /** The engine is back after `crash`. */
  recover(): void {
    this.down = false;
  }

  /** Ends a container's process, as if by itself. */
  exit(id: string, exitCode: number): void {
    this.finish(this.find(id), exitCode, true);
  }

  /** Adds to what a container has written. */
  write(id: string, text: string): void {
    this.find(id).log += text;
  }

  private finish(container: FakeContainer, exitCode: number, told: boolean): void {
    if (container.record.state !== 'running') return;
    container.record = {
      ...container.record,
      state: 'exited',
      pid: 0,
      exitCode,
      finishedAtMs: this.clock.now(),
    };
    if (told) this.tell('died', container);
  }

  async list(): Promise<readonly ContainerSummary[]> {
    this.assertUp();
    await Promise.resolve();
    return [...this.containers.values()].map(({ record }) => record);
  }

  async inspect(id: string): Promise<ContainerRecord | undefined> {
    await Promise.resolve();
    try {
      return this.find(id).record;
    } catch (error) {
      if (error instanceof RuntimeError && error.kind === 'notFound') return undefined;
      throw error;
    }
  }

  async create(spec: ContainerSpec): Promise<string> {
    this.assertUp();
    await Promise.resolve();
    this.operations.push(`create ${spec.name}`);
    if (!this.images.has(spec.image) && spec.image !== pauseImage) {
      throw new RuntimeError('imageMissing', `no such image: ${spec.image}`);
    }
    if ([...this.containers.values()].some((each) => each.spec.name === spec.name)) {
      throw new RuntimeError('conflict', `the name ${spec.name} is in use`);
    }
    this.sequence += 1;
    const id = `fake${String(this.sequence).padStart(8, '0')}`;
    const container: FakeContainer = {
      spec,
      log: '',
      record: {
        id,
        labels: spec.labels,
        imageId: `sha256:${spec.image}`,
        state: 'created',
        pid: 0,
        tty: spec.tty ?? false,
        createdAtMs: this.clock.now(),
        oomKilled: false,
      },
    };
    this.containers.set(id, container);
    this.tell('created', container);
    return id;
  }

  private processOf({ spec }: FakeContainer): FakeProcess {
    return this.images.get(spec.image) ?? {};
  }

  /** A container that joins another's namespaces needs it running. */
  private assertJoinable({ spec }: FakeContainer): void {
    for (const namespace of [spec.network, spec.ipc, spec.pid]) {
      if (typeof namespace !== 'object') continue;
      if (this.containers.get(namespace.container)?.record.state !== 'running') {
        throw new RuntimeError('startFailed', `cannot join namespaces of ${namespace.container}`);
      }
    }
  }

  async start(id: string): Promise<void> {
    const container = this.find(id);
    await Promise.resolve();
    if (container.record.state === 'running') return;
    this.operations.push(`start ${container.spec.name}`);
    this.assertJoinable(container);
    const { startError, exitCode } = this.processOf(container);
    if (startError !== undefined) {
      container.record = { ...container.record, startError, exitCode: 127 };
      throw new RuntimeError('startFailed', startError);
    }
    container.record = {
      ...container.record,
      state: 'running',
      pid: 1000 + this.sequence,
      startedAtMs: this.clock.now(),
    };
    this.tell('started', container);
    if (exitCode !== undefined) this.finish(container, exitCode, true);
  }

  async kill(id: string, signal: string): Promise<void> {
    const container = this.find(id);
    await Promise.resolve();
    this.operations.push(`kill ${signal} ${container.spec.name}`);
    if (container.record.state !== 'running') {
      throw new RuntimeError('notRunning', `container ${id} is not running`);
    }
    this.finish(container, signalCodes[signal] ?? 128, true);
  }

  async remove(id: string): Promise<void> {
    this.assertUp();
    await Promise.resolve();
    const container = this.containers.get(id);
    if (container === undefined) return;
    this.operations.push(`remove ${container.spec.name}`);
    this.finish(container, 137, true);
    this.containers.delete(id);
    this.tell('removed', container);
  }

  async *events(signal: AbortSignal, onOpen: () => void): AsyncIterable<RuntimeEvent> {
    this.assertUp();
    const listener: Listener = { queue: [], lost: false, wake: () => undefined };
    this.listeners.add(listener);
    signal.addEventListener('abort', () => {
      listener.wake();
    });
    onOpen();
    const isOver = (): boolean => signal.aborted || listener.lost;
    try {
      while (!isOver()) {
        const event = listener.queue.shift();
        if (event !== undefined) yield event;
        else {
          await new Promise<void>((resolve) => {
            listener.wake = resolve;
          });
        }
      }
    } finally {
      this.listeners.delete(listener);
    }
  }

  async exec(id: string, { command }: ExecOptions): Promise<StreamSession> {
    const container = this.find(id);
    await Promise.resolve();
    if (container.record.state !== 'running') {
      throw new RuntimeError('notRunning', `container ${id} is not running`);
    }
    const exitCode = this.processOf(container).exec?.(command) ?? 0;
    return this.session(Promise.resolve(exitCode));
  }

  async attach(id: string): Promise<StreamSession> {
    const { record } = this.find(id);
    await Promise.resolve();
    if (record.state !== 'running') {
      throw new RuntimeError('notRunning', `container ${id} is not running`);
    }
    return this.session(Promise.resolve(0));
  }

  private session(exitCode: Promise<number>): StreamSession {
    const stdout = new PassThrough();
    const stderr = new PassThrough();
    stdout.end();
    stderr.end();
    const resize = (): Promise<void> => Promise.resolve();
    return { stdin: new PassThrough(), stdout, stderr, resize, exitCode, close: () => undefined };
  }

  async logs(id: string, { tailLines }: LogOptions): Promise<Readable> {
    const { log } = this.find(id);
    await Promise.resolve();
    const lines = log.split('\n').filter((line) => line !== '');
    const chosen = tailLines === undefined ? lines : lines.slice(-tailLines);
    return Readable.from(chosen.map((line) => Buffer.from(`${line}\n`)));
  }

  logPath(): Promise<string | undefined> {
    return Promise.resolve(undefined);
  }

  usage(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  prepare(): Promise<string> {
    this.assertUp();
    return Promise.resolve(pauseImage);
  }

  async inspectImage(reference: string): Promise<ImageRecord | undefined> {
    this.assertUp();
    await Promise.resolve();
    if (!this.images.has(reference)) return undefined;
    return { id: `sha256:${reference}`, names: [reference], digests: [], sizeBytes: 1, user: '' };
  }

  async listImages(): Promise<readonly ImageRecord[]> {
    const found = await Promise.all([...this.images.keys()].map((name) => this.inspectImage(name)));
    return found.filter((image) => image !== undefined);
  }

  async pullImage(reference: string): Promise<void> {
    this.assertUp();
    await Promise.resolve();
    this.operations.push(`pull ${reference}`);
    const process = this.registry.get(reference);
    if (process === undefined) {
      throw new RuntimeError('failed', `pull access denied for ${reference}`);
    }
    this.images.set(reference, process);
    this.publish({ type: 'imagesChanged' });
  }

  removeImage(id: string): Promise<void> {
    this.images.delete(id.replace('sha256:', ''));
    return Promise.resolve();
  }
}
