/**
 * The volumes of pods on this node. Disk volumes live in `DATA_DIR/pods/UID/volumes`; what must never touch a disk lives in
 * one tmpfs at `DATA_DIR/memory`, a folder a pod, so that mounting a Secret forks no process. Projected files are kept up
 * to date until the pod is unmounted. Unmounting needs nothing but the pod's uid.
 */
import { chmod, chown, mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Pod, Volume, VolumeMount } from '../../api/core/v1/types.js';
import { parseQuantity, quantityValue } from '../../api/quantity.js';
import type { CancelTimer, Clock } from '../../machinery/clock/clock.js';
import type { Exec } from '../../machinery/exec/exec.js';
import type { Logger } from '../../machinery/log/log.js';
import { writePayload } from './atomic-writer.js';
import { ensureHostPath } from './host-path.js';
import { updateDelayMs, updateRetryMs } from './limits.js';
import { mountsBelow, mountTmpfs, unmountBelow } from './mounts.js';
import { isProjected, project, referencesOf } from './projection.js';
import { VolumeError, type VolumeSources } from './sources.js';
import { pinSubPath } from './sub-path.js';
import { allContainers } from '../../api/core/v1/pod/containers.js';
import { errorText } from '../../machinery/error-text.js';

export interface PodVolumesOptions {
  readonly dataDir: string;
  readonly sources: VolumeSources;
  readonly exec: Exec;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A mount of one container, as the runtime takes it. */
export interface VolumeMountSource {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  readonly propagation: 'private' | 'rslave' | 'rshared';
}

interface Watching {
  pod: Pod;
  readonly stops: (() => void)[];
  readonly timers: Map<string, CancelTimer>;
}

const propagations = {
  None: 'private',
  HostToContainer: 'rslave',
  Bidirectional: 'rshared',
} as const;

/** Kubernetes' names of volume kinds in paths. */
function kindFolder(volume: Volume): string {
  if (volume.configMap !== undefined) return 'kubernetes.io~configmap';
  if (volume.secret !== undefined) return 'kubernetes.io~secret';
  if (volume.downwardAPI !== undefined) return 'kubernetes.io~downward-api';
  if (volume.projected !== undefined) return 'kubernetes.io~projected';
  return 'kubernetes.io~empty-dir';
}

const expandVariables = (text: string, variables: ReadonlyMap<string, string>): string =>
  text.replace(/\$\(([^)]*)\)/g, (match, name: string) => variables.get(name) ?? match);

export class NodeVolumes {
  private readonly options: PodVolumesOptions;
  private readonly watching = new Map<string, Watching>();

  constructor(options: PodVolumesOptions) {
    this.options = options;
  }

  private get memoryRoot(): string {
    return path.join(this.options.dataDir, 'memory');
  }

  private podRoot(podUid: string): string {
    return path.join(this.options.dataDir, 'pods', podUid);
  }

  /** Mounts the tmpfs of the agent unless it is there already. Called once, before any pod. */
  async prepare(): Promise<void> {
    await mkdir(this.memoryRoot, { recursive: true });
    if ((await mountsBelow(this.memoryRoot)).includes(this.memoryRoot)) return;
    // Nobody else on the machine looks in; containers get at their volumes past this folder.
    await mountTmpfs(this.options.exec, this.memoryRoot, 'mode=0700');
  }

  private folderOf(pod: Pod, volume: Volume): string {
    const { uid } = pod.metadata;
    // A ConfigMap is no secret; the rest may hold tokens.
    const inMemory = isProjected(volume) && volume.configMap === undefined;
    const root = inMemory
      ? path.join(this.memoryRoot, uid)
      : path.join(this.podRoot(uid), 'volumes');
    return path.join(root, kindFolder(volume), volume.name);
  }

  async mount(pod: Pod): Promise<void> {
    const volumes = pod.spec.volumes ?? [];
    await Promise.all(volumes.map((volume) => this.mountOne(pod, volume)));
    this.watch(pod);
  }

  private async mountOne(pod: Pod, volume: Volume): Promise<void> {
    try {
      if (isProjected(volume)) await this.write(pod, volume);
      else if (volume.hostPath !== undefined) await ensureHostPath(volume.hostPath);
      else if (volume.emptyDir !== undefined) await this.makeEmptyDir(pod, volume);
      else {
        const [kind = 'nothing'] = Object.keys(volume).filter((name) => name !== 'name');
        throw new VolumeError(`volumes of kind ${kind} are not supported by this agent`);
      }
    } catch (error) {
      const why = errorText(error);
      throw new VolumeError(`MountVolume.SetUp failed for volume "${volume.name}" : ${why}`, {
        cause: error,
      });
    }
  }

  private async makeEmptyDir(pod: Pod, volume: Volume): Promise<void> {
    const folder = this.folderOf(pod, volume);
    await mkdir(folder, { recursive: true });
    const { medium = '', sizeLimit } = volume.emptyDir ?? {};
    if (medium === 'Memory' && !(await mountsBelow(folder)).includes(folder)) {
      const size = sizeLimit === undefined ? 0 : quantityValue(parseQuantity(sizeLimit));
      await mountTmpfs(
        this.options.exec,
        folder,
        size === 0 ? 'mode=0777' : `mode=0777,size=${size}`,
      );
    } else if (medium !== '' && medium !== 'Memory') {
      throw new VolumeError(`emptyDir medium ${medium} is not supported`);
    }
    const group = pod.spec.securityContext?.fsGroup;
    if (group !== undefined) await chown(folder, 0, group);
    await chmod(folder, group === undefined ? 0o777 : 0o2777);
  }

  private async write(pod: Pod, volume: Volume): Promise<void> {
    const { sources, clock } = this.options;
    const nowMs = clock.now();
    const { payload, renewAtMs } = await project(pod, volume, { sources, nowMs });
    const groupId = pod.spec.securityContext?.fsGroup;
    await writePayload(this.folderOf(pod, volume), payload, { nowMs, groupId });
    if (renewAtMs !== undefined) this.updateLater(pod.metadata.uid, volume, renewAtMs - nowMs);
  }

  /** Follows the objects the pod's volumes are made of. */
  private watch(pod: Pod): void {
    const { uid } = pod.metadata;
    const known = this.watching.get(uid);
    if (known !== undefined) {
      known.pod = pod;
      return;
    }
    const watching: Watching = {
      pod,
      stops: [],
      timers: this.watching.get(uid)?.timers ?? new Map<string, CancelTimer>(),
    };
    this.watching.set(uid, watching);
    for (const volume of (pod.spec.volumes ?? []).filter(isProjected)) {
      for (const reference of referencesOf(pod, volume)) {
        const onChange = (): void => {
          this.updateLater(uid, volume, updateDelayMs);
        };
        watching.stops.push(this.options.sources.watch(reference, onChange));
      }
    }
    for (const [name, cancel] of this.early.get(uid) ?? []) watching.timers.set(name, cancel);
    this.early.delete(uid);
  }

  /** Renewals asked for while the pod is being mounted for the first time. */
  private readonly early = new Map<string, Map<string, CancelTimer>>();

  private updateLater(podUid: string, volume: Volume, delayMs: number): void {
    const timers =
      this.watching.get(podUid)?.timers ?? this.early.get(podUid) ?? new Map<string, CancelTimer>();
    if (!this.watching.has(podUid)) this.early.set(podUid, timers);
    timers.get(volume.name)?.();
    const cancel = this.options.clock.after(delayMs, () => {
      void this.updateNow(podUid, volume);
    });
    timers.set(volume.name, cancel);
  }

  private async updateNow(podUid: string, volume: Volume): Promise<void> {
    const watching = this.watching.get(podUid);
    if (watching === undefined) return;
    try {
      await this.write(watching.pod, volume);
    } catch (error) {
      // The files as they are stay until the source can be read again.
      this.options.logger.warn('a volume could not be brought up to date', {
        error,
        uid: podUid,
        volume: volume.name,
      });
      if (this.watching.has(podUid)) this.updateLater(podUid, volume, updateRetryMs);
    }
  }

  /** Takes up changes of the pod's own labels and annotations. */
  update(pod: Pod): void {
    const watching = this.watching.get(pod.metadata.uid);
    if (watching === undefined) return;
    const before = watching.pod.metadata;
    watching.pod = pod;
    const same =
      JSON.stringify([before.labels, before.annotations]) ===
      JSON.stringify([pod.metadata.labels, pod.metadata.annotations]);
    if (same) return;
    for (const volume of pod.spec.volumes ?? []) {
      const downward =
        volume.downwardAPI !== undefined ||
        volume.projected?.sources?.some((source) => source.downwardAPI !== undefined) === true;
      if (downward) this.updateLater(pod.metadata.uid, volume, updateDelayMs);
    }
  }

  async mountsFor(
    pod: Pod,
    containerName: string,
    variables: ReadonlyMap<string, string>,
  ): Promise<readonly VolumeMountSource[]> {
    const container = allContainers(pod.spec).find(({ name }) => name === containerName);
    const mounts: VolumeMountSource[] = [];
    for (const [position, mount] of (container?.volumeMounts ?? []).entries()) {
      const volume = (pod.spec.volumes ?? []).find(({ name }) => name === mount.name);
      if (volume === undefined) {
        throw new VolumeError(
          `cannot find volume "${mount.name}" to mount into container "${containerName}"`,
        );
      }
      const base = volume.hostPath?.path ?? this.folderOf(pod, volume);
      const place = path.join(
        this.podRoot(pod.metadata.uid),
        'volume-subpaths',
        volume.name,
        containerName,
        String(position),
      );
      const source = await this.sourceOf({ volume, mount, base, place, variables });
      const propagation = propagations[mount.mountPropagation ?? 'None'];
      const target = path.isAbsolute(mount.mountPath) ? mount.mountPath : `/${mount.mountPath}`;
      // What the agent writes to as root must not be what a container can put links into.
      const readOnly = isProjected(volume) || mount.readOnly === true;
      mounts.push({ source, target, readOnly, propagation });
    }
    return mounts;
  }

  private async sourceOf(options: {
    readonly volume: Volume;
    readonly mount: VolumeMount;
    readonly base: string;
    readonly place: string;
    readonly variables: ReadonlyMap<string, string>;
  }): Promise<string> {
    const { volume, mount, base, place, variables } = options;
    const expression = mount.subPathExpr ?? '';
    const subPath =
      expression === '' ? (mount.subPath ?? '') : expandVariables(expression, variables);
    if (subPath === '') return base;
    const trusted = isProjected(volume);
    const readOnly = mount.readOnly ?? false;
    await pinSubPath(this.options.exec, {
      volume: base,
      subPath,
      target: place,
      trusted,
      readOnly,
    });
    return place;
  }

  async unmount(podUid: string): Promise<void> {
    const watching = this.watching.get(podUid);
    this.watching.delete(podUid);
    for (const stop of watching?.stops ?? []) stop();
    for (const cancel of watching?.timers.values() ?? []) cancel();
    for (const cancel of this.early.get(podUid)?.values() ?? []) cancel();
    this.early.delete(podUid);
    await unmountBelow(this.options.exec, this.podRoot(podUid));
    await Promise.all(
      [this.podRoot(podUid), path.join(this.memoryRoot, podUid)].map((folder) =>
        rm(folder, { recursive: true, force: true }),
      ),
    );
  }

  async podsOnDisk(): Promise<readonly string[]> {
    const folders = [path.join(this.options.dataDir, 'pods'), this.memoryRoot];
    const names = await Promise.all(folders.map((folder) => readdir(folder).catch(() => [])));
    return [...new Set(names.flat())];
  }
}
