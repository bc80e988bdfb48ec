/**
 * The engine's containers as far as the agent knows: filled by listing, kept up by events and by the results of our own
 * calls, so that planning asks the engine nothing. Records are replaced, never changed.
 */
import { identityFromLabels, labelNames } from '../runtime/labels.js';
import type { ContainerRecord } from '../runtime/runtime.js';
import { imageLabel } from './container-spec.js';
import type { ObservedContainer, ObservedSandbox } from './observed.js';

export interface PodIdentity {
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
}

export class RuntimeView {
  private readonly records = new Map<string, ContainerRecord>();
  private readonly idsByPod = new Map<string, Set<string>>();

  get(id: string): ContainerRecord | undefined {
    return this.records.get(id);
  }

  put(record: ContainerRecord): void {
    const uid = record.labels[labelNames.podUid];
    if (uid === undefined) return;
    this.records.set(record.id, record);
    const ids = this.idsByPod.get(uid) ?? new Set();
    this.idsByPod.set(uid, ids.add(record.id));
  }

  /** What a successful start tells; a death that was reported in the meantime stands. */
  markRunning(id: string, nowMs: number): void {
    const record = this.records.get(id);
    if (record?.state !== 'created') return;
    this.put({ ...record, state: 'running', startedAtMs: nowMs });
  }

  remove(id: string): void {
    const uid = this.records.get(id)?.labels[labelNames.podUid];
    this.records.delete(id);
    if (uid === undefined) return;
    const ids = this.idsByPod.get(uid);
    ids?.delete(id);
    if (ids?.size === 0) this.idsByPod.delete(uid);
  }

  ids(): readonly string[] {
    return [...this.records.keys()];
  }

  /** Every sandbox, whatever its state. */
  sandboxIds(): readonly string[] {
    return [...this.records.values()]
      .filter(({ labels }) => labels[labelNames.type] === 'podsandbox')
      .map(({ id }) => id);
  }

  /** The pods that have containers here. */
  pods(): readonly PodIdentity[] {
    const pods: PodIdentity[] = [];
    for (const [uid, ids] of this.idsByPod) {
      const [id = ''] = ids;
      const identity = identityFromLabels(this.records.get(id)?.labels ?? {});
      if (identity !== undefined) {
        pods.push({ uid, name: identity.podName, namespace: identity.podNamespace });
      }
    }
    return pods;
  }

  private recordsOf(uid: string, type: 'podsandbox' | 'container'): readonly ContainerRecord[] {
    return [...(this.idsByPod.get(uid) ?? [])].flatMap((id) => {
      const record = this.records.get(id);
      return record?.labels[labelNames.type] === type ? [record] : [];
    });
  }

  /** Newest first. */
  sandboxesOf(uid: string): readonly ObservedSandbox[] {
    return this.recordsOf(uid, 'podsandbox')
      .map(({ id, labels, state, pid, createdAtMs }) => ({
        id,
        attempt: Number(labels[labelNames.attempt] ?? 0),
        state,
        pid,
        createdAtMs,
      }))
      .sort((a, b) => b.createdAtMs - a.createdAtMs || b.attempt - a.attempt);
  }

  containersOf(uid: string, messages: ReadonlyMap<string, string>): readonly ObservedContainer[] {
    return this.recordsOf(uid, 'container').map((record) => ({
      id: record.id,
      name: record.labels[labelNames.containerName] ?? '',
      attempt: Number(record.labels[labelNames.attempt] ?? 0),
      sandboxId: record.labels[labelNames.sandboxId] ?? '',
      image: record.labels[imageLabel] ?? '',
      imageId: record.imageId,
      state: record.state,
      createdAtMs: record.createdAtMs,
      startedAtMs: record.startedAtMs,
      finishedAtMs: record.finishedAtMs,
      exitCode: record.exitCode,
      oomKilled: record.oomKilled,
      startError: record.startError,
      message: messages.get(record.id),
    }));
  }
}
