/**
 * The `Runtime` over a Docker engine's socket; the only place that knows dockerode. Stateless but for one fact about the
 * engine: whether it may set negative OOM scores.
 */
import Docker from 'dockerode';
import { Readable } from 'node:stream';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../../machinery/clock/clock.js';
import type { Logger } from '../../../machinery/log/log.js';
import { labelNames } from '../labels.js';
import { attachEndMs } from '../limits.js';
import type {
  ContainerRecord,
  ContainerSpec,
  ContainerSummary,
  ContainerUsage,
  EngineVersion,
  ExecOptions,
  ImageRecord,
  LogOptions,
  RegistryCredentials,
  Runtime,
  RuntimeEvent,
  StreamSession,
} from '../runtime.js';
import { isRuntimeError, RuntimeError } from '../runtime-error.js';
import { recordFrom, stateFrom } from './container-record.js';
import { createOptionsFrom } from './create-options.js';
import { runtimeErrorFrom, translated } from './docker-errors.js';
import { eventFilters, readEvents } from './event-stream.js';
import { unframedLog } from './log-frames.js';
import { pauseImageArchive, pauseImageName } from './pause-image.js';
import { connectionEnd, execExitCode, splitStreams } from './sessions.js';

export interface DockerRuntimeOptions {
  /** `unix:///path` or `tcp://host:port`. */
  readonly dockerHost: string;
  readonly architecture: 'x64' | 'arm64';
  readonly clock: Clock;
  readonly logger: Logger;
}

function connect(dockerHost: string): Docker {
  const url = new URL(dockerHost);
  if (url.protocol === 'unix:') return new Docker({ socketPath: url.pathname });
  return new Docker({ protocol: 'http', host: url.hostname, port: url.port });
}

/** The container with which the engine is tried. Its label makes `pintle reset` remove what a killed agent left of it. */
const trialName = 'pintle-trial';
const trialLabels = { [labelNames.attempt]: '0' };

export class DockerRuntime implements Runtime {
  private readonly docker: Docker;
  private readonly options: DockerRuntimeOptions;
  private refusal: Promise<boolean> | undefined;

  constructor(options: DockerRuntimeOptions) {
    this.options = options;
    this.docker = connect(options.dockerHost);
  }

  async version(): Promise<EngineVersion> {
    const info = (await translated(this.docker.info())) as {
      ServerVersion: string;
      OperatingSystem: string;
      DockerRootDir: string;
      CgroupDriver: string;
    };
    return {
      name: 'docker',
      version: info.ServerVersion,
      operatingSystem: info.OperatingSystem,
      rootDirectory: info.DockerRootDir,
      cgroupDriver: info.CgroupDriver,
    };
  }

  async list(): Promise<readonly ContainerSummary[]> {
    const filters = { label: [labelNames.type, labelNames.podUid] };
    const containers = await translated(this.docker.listContainers({ all: true, filters }));
    return containers.map(({ Id: id, Labels: labels, State: state }) => ({
      id,
      labels,
      state: stateFrom(state),
    }));
  }

  async inspect(id: string): Promise<ContainerRecord | undefined> {
    try {
      return recordFrom(await translated(this.docker.getContainer(id).inspect()));
    } catch (error) {
      if (isRuntimeError(error, 'notFound')) return undefined;
      throw error;
    }
  }

  async create(spec: ContainerSpec): Promise<string> {
    const isRefused = (spec.oomScoreAdj ?? 0) < 0 && (await this.refusesNegativeOomScores());
    const options = createOptionsFrom(isRefused ? { ...spec, oomScoreAdj: 0 } : spec);
    return (await translated(this.docker.createContainer(options))).id;
  }

  async start(id: string): Promise<void> {
    try {
      await this.docker.getContainer(id).start();
    } catch (error) {
      this.failedStart(error);
    }
  }

  private failedStart(error: unknown): void {
    const { statusCode } = error as { statusCode?: number };
    if (statusCode === 304) return;
    const failure = runtimeErrorFrom(error);
    if (failure.kind === 'failed') {
      throw new RuntimeError('startFailed', failure.message, { cause: error });
    }
    throw failure;
  }

  async kill(id: string, signal: string): Promise<void> {
    await translated(this.docker.getContainer(id).kill({ signal }));
  }

  async remove(id: string): Promise<void> {
    try {
      await translated(this.docker.getContainer(id).remove({ force: true, v: true }));
    } catch (error) {
      // A conflict says that it is being removed already.
      if (isRuntimeError(error, 'notFound') || isRuntimeError(error, 'conflict')) return;
      throw error;
    }
  }

  async *events(signal: AbortSignal, onOpen: () => void): AsyncIterable<RuntimeEvent> {
    const stream = (await translated(
      this.docker.getEvents({ filters: eventFilters, abortSignal: signal }),
    )) as unknown as Readable;
    onOpen();
    try {
      yield* readEvents(stream);
    } catch (error) {
      if (signal.aborted) return;
      throw runtimeErrorFrom(error);
    } finally {
      stream.destroy();
    }
  }

  async exec(id: string, options: ExecOptions): Promise<StreamSession> {
    const tty = options.tty ?? false;
    const exec = await translated(
      this.docker.getContainer(id).exec({
        Cmd: [...options.command],
        Tty: tty,
        AttachStdin: options.stdin ?? false,
        AttachStdout: options.stdout ?? true,
        AttachStderr: (options.stderr ?? true) && !tty,
      }),
    );
    const connection = await translated(
      exec.start({ hijack: true, stdin: options.stdin ?? false, Tty: tty }),
    );
    const exitCode = connectionEnd(connection).then(() =>
      execExitCode(this.options.clock, () => translated(exec.inspect())),
    );
    return this.session(connection, tty, exitCode, async ({ width, height }) => {
      await translated(exec.resize({ w: width, h: height }));
    });
  }

  async attach(id: string, options: Omit<ExecOptions, 'command'>): Promise<StreamSession> {
    const container = this.docker.getContainer(id);
    const connection = (await translated(
      container.attach({
        hijack: true,
        stream: true,
        stdin: options.stdin ?? false,
        stdout: options.stdout ?? true,
        stderr: options.stderr ?? true,
      }),
    )) as unknown as Duplex;
    const ended = connectionEnd(connection);
    const exitCode = ended.then(async () => {
      const record = await this.inspect(id);
      return record?.exitCode ?? 0;
    });
    const resize: StreamSession['resize'] = async ({ width, height }) => {
      await translated(container.resize({ w: width, h: height }));
    };
    const session = this.session(connection, options.tty ?? false, exitCode, resize);
    try {
      await this.attachedInTime(id, ended);
      return session;
    } catch (error) {
      session.close();
      throw error;
    }
  }

  /** The engine attaches to a container that has ended, too, and waits for its next start; ours are never started again. */
  private async attachedInTime(id: string, ended: Promise<void>): Promise<void> {
    if ((await this.inspect(id))?.state === 'running') return;
    const inTime = ended.then(() => true);
    const tooLate = this.options.clock.sleep(attachEndMs).then(() => false);
    if (await Promise.race([inTime, tooLate])) return;
    throw new RuntimeError('notRunning', `container ${id} is not running`);
  }

  private session(
    connection: Duplex,
    tty: boolean,
    exitCode: Promise<number>,
    resize: StreamSession['resize'],
  ): StreamSession {
    // A session may be given up without anyone asking how it ended.
    exitCode.catch(() => undefined);
    const close = (): void => {
      connection.destroy();
    };
    return { stdin: connection, ...splitStreams(connection, tty), resize, exitCode, close };
  }

  async logs(id: string, options: LogOptions): Promise<Readable> {
    const record = await this.inspect(id);
    if (record === undefined) throw new RuntimeError('notFound', `no such container: ${id}`);
    const request = {
      stdout: options.stream !== 'stderr',
      stderr: options.stream !== 'stdout',
      timestamps: options.timestamps ?? false,
      ...(options.tailLines === undefined ? {} : { tail: options.tailLines }),
      ...(options.sinceMs === undefined ? {} : { since: options.sinceMs / 1000 }),
      ...(options.signal === undefined ? {} : { abortSignal: options.signal }),
    };
    const container = this.docker.getContainer(id);
    const source =
      options.follow === true
        ? ((await translated(container.logs({ ...request, follow: true }))) as unknown as Readable)
        : Readable.from([await translated(container.logs({ ...request, follow: false }))]);
    if (record.tty) return source;
    const lines = unframedLog();
    source.on('error', (error) => lines.destroy(runtimeErrorFrom(error)));
    lines.on('close', () => source.destroy());
    return source.pipe(lines);
  }

  async logPath(id: string): Promise<string | undefined> {
    const info = await translated(this.docker.getContainer(id).inspect());
    const { LogPath: logPath } = info as unknown as { LogPath?: string };
    return logPath === undefined || logPath === '' ? undefined : logPath;
  }

  async usage(id: string): Promise<ContainerUsage | undefined> {
    try {
      const stats = await translated(
        this.docker.getContainer(id).stats({ stream: false, 'one-shot': true }),
      );
      const memory = stats.memory_stats as { usage?: number; stats?: Record<string, number> };
      const usage = memory.usage ?? 0;
      const inactive = memory.stats?.total_inactive_file ?? memory.stats?.inactive_file ?? 0;
      return {
        cpuNanoseconds: stats.cpu_stats.cpu_usage.total_usage,
        memoryBytes: usage,
        workingSetBytes: Math.max(usage - inactive, 0),
      };
    } catch (error) {
      if (isRuntimeError(error, 'notFound') || isRuntimeError(error, 'notRunning'))
        return undefined;
      throw error;
    }
  }

  async prepare(): Promise<string> {
    await this.ensurePauseImage();
    // This takes as long as a pod's start, and only who makes a container has to wait for it.
    this.refusesNegativeOomScores().catch(() => undefined);
    return pauseImageName;
  }

  /** Learnt once, by trying. */
  private refusesNegativeOomScores(): Promise<boolean> {
    this.refusal ??= this.tryNegativeOomScore().catch((error: unknown) => {
      // The engine was away: who asks next tries again.
      this.refusal = undefined;
      throw error;
    });
    return this.refusal;
  }

  /** An engine without CAP_SYS_RESOURCE can run nothing with a negative OOM score, and does not say why. */
  private async tryNegativeOomScore(): Promise<boolean> {
    const error = await this.failureOfTrial(-1);
    if (error === undefined || (await this.failureOfTrial(0)) !== undefined) return false;
    this.options.logger.warn('the engine cannot set negative OOM scores; going on without', {
      error,
    });
    return true;
  }

  /** Runs a container for a moment and gives what kept it from starting. */
  private async failureOfTrial(oomScoreAdj: number): Promise<RuntimeError | undefined> {
    await this.remove(trialName);
    const container = await translated(
      this.docker.createContainer({
        name: trialName,
        Image: pauseImageName,
        Labels: trialLabels,
        HostConfig: { NetworkMode: 'none', OomScoreAdj: oomScoreAdj },
      }),
    );
    try {
      await container.start();
      return undefined;
    } catch (error) {
      return runtimeErrorFrom(error);
    } finally {
      await this.remove(container.id);
    }
  }

  private async ensurePauseImage(): Promise<void> {
    if ((await this.inspectImage(pauseImageName)) === undefined) {
      const archive = await pauseImageArchive(this.options.architecture);
      const progress = await translated(this.docker.loadImage(Readable.from([archive])));
      await this.drain(progress as unknown as Readable);
    }
  }

  /** Reads a progress stream to its end; the engine reports failures in it. */
  private async drain(progress: Readable): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.docker.modem.followProgress(progress, (error: Error | null) => {
        if (error === null) resolve();
        else reject(runtimeErrorFrom(error));
      });
    });
  }

  async inspectImage(reference: string): Promise<ImageRecord | undefined> {
    try {
      const info = await translated(this.docker.getImage(reference).inspect());
      return {
        id: info.Id,
        names: info.RepoTags,
        digests: info.RepoDigests,
        sizeBytes: info.Size,
        user: info.Config.User,
      };
    } catch (error) {
      if (isRuntimeError(error, 'notFound') || isRuntimeError(error, 'imageMissing'))
        return undefined;
      throw error;
    }
  }

  async listImages(): Promise<readonly ImageRecord[]> {
    const images = await translated(this.docker.listImages());
    return images.map((image) => ({
      id: image.Id,
      names: (image.RepoTags ?? []).filter((name) => name !== '<none>:<none>'),
      digests: (image.RepoDigests ?? []).filter((digest) => !digest.startsWith('<none>')),
      sizeBytes: image.Size,
      user: '',
    }));
  }

  async pullImage(
    reference: string,
    options: { readonly credentials?: RegistryCredentials; readonly signal?: AbortSignal },
  ): Promise<void> {
    const { credentials } = options;
    const authconfig =
      credentials === undefined
        ? {}
        : {
            authconfig: {
              username: credentials.username ?? '',
              password: credentials.password ?? '',
              serveraddress: credentials.serverAddress ?? '',
              ...(credentials.identityToken === undefined
                ? {}
                : { identitytoken: credentials.identityToken }),
            },
          };
    const progress = (await translated(
      this.docker.pull(reference, {
        ...authconfig,
        ...(options.signal === undefined ? {} : { abortSignal: options.signal }),
      }),
    )) as unknown as Readable;
    await this.drain(progress);
  }

  async removeImage(id: string): Promise<void> {
    await translated(this.docker.getImage(id).remove());
  }
}
