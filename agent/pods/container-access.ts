/** Finds the containers the agent's server is asked for: by pod, container and instance. */
import { connect } from 'node:net';
import type { Duplex, Readable } from 'node:stream';
import type { Pod } from '../../api/core/v1/types.js';
import { badRequest, internalError, notFound } from '../../api/meta/status-error.js';
import { connectionErrorText } from '../../machinery/connection-error-text.js';
import type { Runtime } from '../runtime/runtime.js';
import { isRuntimeError } from '../runtime/runtime-error.js';
import { StreamRefusal } from '../server/ports.js';
import type {
  ContainerAccess,
  ContainerLogOptions,
  ContainerSession,
  ContainerTarget,
  StreamRequest,
} from '../server/ports.js';
import type { ObservedContainer } from './observed.js';
import { podContainers } from './pod-containers.js';
import type { RuntimeView } from './runtime-view.js';

export interface ContainerAccessOptions {
  readonly runtime: Runtime;
  readonly view: RuntimeView;
  readonly pods: () => readonly Pod[];
  /** Connects to a port of the loopback address in the network namespace at a path. */
  readonly dialIn: (path: string, port: number) => Promise<Duplex>;
}

const waitingTexts: Readonly<Record<string, string>> = {
  ErrImagePull: "image can't be pulled",
  ImagePullBackOff: 'trying and failing to pull image',
};

const podsResource = { group: '', plural: 'pods' };

export class PodContainerAccess implements ContainerAccess {
  private readonly options: ContainerAccessOptions;

  constructor(options: ContainerAccessOptions) {
    this.options = options;
  }

  pods(): readonly Pod[] {
    return this.options.pods();
  }

  private podOf(target: Omit<ContainerTarget, 'container'>): Pod {
    const pod = this.options
      .pods()
      .find(
        ({ metadata }) => metadata.name === target.pod && metadata.namespace === target.namespace,
      );
    if (pod === undefined || (target.uid !== undefined && pod.metadata.uid !== target.uid)) {
      throw notFound(podsResource, target.pod);
    }
    return pod;
  }

  /** Instances of the container, the newest first. */
  private instancesOf(target: ContainerTarget): readonly ObservedContainer[] {
    const pod = this.podOf(target);
    const all = podContainers(pod);
    const name = target.container === '' ? this.firstContainerOf(target) : target.container;
    if (!all.some(({ container }) => container.name === name)) {
      throw badRequest(`container ${name} is not valid for pod ${target.pod}`);
    }
    return this.options.view
      .containersOf(pod.metadata.uid, new Map())
      .filter((instance) => instance.name === name)
      .sort((a, b) => b.attempt - a.attempt);
  }

  private firstContainerOf(target: ContainerTarget): string {
    return this.podOf(target).spec.containers[0]?.name ?? '';
  }

  private hasTerminal(target: ContainerTarget): boolean {
    const name = target.container === '' ? this.firstContainerOf(target) : target.container;
    return podContainers(this.podOf(target)).some(
      ({ container }) => container.name === name && container.tty === true,
    );
  }

  /** Enters the container that runs; `refusal` words that none does, or does no longer. */
  private async entered<T>(
    target: ContainerTarget,
    refusal: (container: string) => string,
    enter: (containerId: string) => Promise<T>,
  ): Promise<T> {
    const [instance] = this.instancesOf(target);
    const record = instance === undefined ? undefined : this.options.view.get(instance.id);
    const name = target.container === '' ? this.firstContainerOf(target) : target.container;
    if (record?.state !== 'running') throw new StreamRefusal(refusal(name));
    try {
      return await enter(record.id);
    } catch (error) {
      if (!isRuntimeError(error, 'notRunning')) throw error;
      throw new StreamRefusal(refusal(name), { cause: error });
    }
  }

  async logs(target: ContainerTarget, options: ContainerLogOptions): Promise<Readable> {
    const [newest, before] = this.instancesOf(target).filter(
      ({ state, startError }) => state !== 'created' || startError !== undefined,
    );
    const instance = options.previous ? before : newest;
    if (instance === undefined) {
      throw badRequest(
        options.previous
          ? `previous terminated container "${target.container}" in pod "${target.pod}" not found`
          : `container "${target.container}" in pod "${target.pod}" is waiting to start: ${this.whyWaiting(target)}`,
      );
    }
    const { previous: _previous, ...rest } = options;
    return this.options.runtime.logs(instance.id, rest);
  }

  /** In Kubernetes' words. */
  private whyWaiting(target: ContainerTarget): string {
    const { initContainerStatuses = [], containerStatuses = [] } = this.podOf(target).status;
    const status = [...initContainerStatuses, ...containerStatuses].find(
      ({ name }) => name === target.container,
    );
    const reason = status?.state?.waiting?.reason ?? 'ContainerCreating';
    return waitingTexts[reason] ?? reason;
  }

  exec(
    target: ContainerTarget,
    request: StreamRequest & { readonly command: readonly string[] },
  ): Promise<ContainerSession> {
    return this.entered(
      target,
      (name) => `container not found (${JSON.stringify(name)})`,
      (id) => this.options.runtime.exec(id, request),
    );
  }

  attach(target: ContainerTarget, request: StreamRequest): Promise<ContainerSession> {
    return this.entered(
      target,
      (name) => `container ${name} not found in pod ${target.pod}_${target.namespace}`,
      // Whether there is a terminal was decided when the container began; clients without one of their own do not say.
      (id) => this.options.runtime.attach(id, { ...request, tty: this.hasTerminal(target) }),
    );
  }

  /** On the host's network the loopback address is the host's own. */
  async forward(target: Omit<ContainerTarget, 'container'>, port: number): Promise<Duplex> {
    const pod = this.podOf(target);
    if (pod.spec.hostNetwork === true) return this.connect(target, port);
    const { view, dialIn } = this.options;
    const sandbox = view.sandboxesOf(pod.metadata.uid).find(({ state }) => state === 'running');
    if (sandbox === undefined) throw badRequest(`pod ${target.pod} is not running`);
    return dialIn(`/proc/${String(sandbox.pid)}/ns/net`, port);
  }

  /** By the pod's address; on the host's network by the loopback address, where most servers listen. */
  async connect(target: Omit<ContainerTarget, 'container'>, port: number): Promise<Duplex> {
    const pod = this.podOf(target);
    const host = pod.spec.hostNetwork === true ? '127.0.0.1' : (pod.status.podIP ?? '');
    if (host === '') throw badRequest(`pod ${target.pod} has no address yet`);
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port });
      socket.once('connect', () => {
        resolve(socket);
      });
      socket.once('error', (error) => {
        reject(internalError(new Error(connectionErrorText(error), { cause: error })));
      });
    });
  }
}
