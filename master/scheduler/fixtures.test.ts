/** Pods and nodes for the scheduler's tests, and a cluster small enough to read: one object a name, handlers told at once. */
import type { Node, NodeSpec, Pod, PodCondition, PodSpec } from '../../api/core/v1/types.js';
import { conflict, notFound } from '../../api/meta/status-error.js';
import type { KubeObject, ObjectMeta } from '../../api/meta/v1/types.js';
import type { ResourceRef } from '../../api/schema/resource.js';
import type { Client } from '../../machinery/client/client.js';
import type { SchedulerInformers } from './scheduler.js';

let serial = 0;

const metadata = (name: string, extra: Partial<ObjectMeta>): ObjectMeta => ({
  name,
  uid: `uid-${(serial += 1)}`,
  resourceVersion: String(serial),
  creationTimestamp: '2026-01-01T00:00:00Z',
  ...extra,
});

export interface PodShape {
  readonly requests?: Record<string, string>;
  readonly spec?: Partial<PodSpec>;
  readonly meta?: Partial<ObjectMeta>;
}

export const makePod = (name: string, { requests, spec, meta }: PodShape = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: metadata(name, { namespace: 'default', generation: 1, ...meta }),
  spec: {
    containers: [
      {
        name: 'app',
        image: 'web:1',
        ...(requests === undefined ? {} : { resources: { requests } }),
      },
    ],
    schedulerName: 'default-scheduler',
    ...spec,
  },
  status: { phase: 'Pending' },
});

export interface NodeShape {
  readonly allocatable?: Record<string, string>;
  readonly labels?: Record<string, string>;
  readonly spec?: NodeSpec;
  readonly images?: NonNullable<Node['status']['images']>;
}

export const makeNode = (name: string, shape: NodeShape = {}): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: metadata(name, { labels: { 'kubernetes.io/hostname': name, ...shape.labels } }),
  spec: shape.spec ?? {},
  status: {
    allocatable: {
      cpu: '4',
      memory: '8Gi',
      'ephemeral-storage': '100Gi',
      pods: '110',
      ...shape.allocatable,
    },
    images: shape.images ?? [],
  },
});

interface Handler<T> {
  readonly onAdd?: (object: T) => void;
  readonly onUpdate?: (object: T, previous: T) => void;
  readonly onDelete?: (object: T) => void;
}

class Store<T extends KubeObject> {
  readonly objects = new Map<string, T>();
  handlers: Handler<T>[] = [];

  set(object: T): void {
    const previous = this.objects.get(object.metadata.name);
    this.objects.set(object.metadata.name, object);
    for (const handler of this.handlers) {
      if (previous === undefined) handler.onAdd?.(object);
      else handler.onUpdate?.(object, previous);
    }
  }

  delete(name: string): void {
    const previous = this.objects.get(name);
    this.objects.delete(name);
    if (previous === undefined) return;
    for (const handler of this.handlers) handler.onDelete?.(previous);
  }

  informer = {
    addHandler: (handler: Handler<T>): (() => void) => {
      this.handlers.push(handler);
      for (const object of this.objects.values()) handler.onAdd?.(object);
      return () => {
        this.handlers = this.handlers.filter((one) => one !== handler);
      };
    },
    waitForSync: async (): Promise<void> => Promise.resolve(),
  };
}

/** One namespace. `failBind` makes the next bindings fail. */
export class SmallCluster {
  readonly pods = new Store<Pod>();
  readonly nodes = new Store<Node>();
  readonly events: { reason: string; message: string; pod: string }[] = [];
  readonly binds: { pod: string; node: string }[] = [];
  failBind: Error | undefined;

  readonly informers: SchedulerInformers = {
    informer: <T extends KubeObject>(resource: ResourceRef<T>) =>
      (resource.plural === 'pods' ? this.pods : this.nodes).informer as unknown as ReturnType<
        typeof this.informers.informer<T>
      >,
  };

  readonly eventSink = {
    report: (event: {
      regarding: { metadata: ObjectMeta };
      eventReason: string;
      message: string;
    }): void => {
      const { eventReason: reason, message } = event;
      this.events.push({ reason, message, pod: event.regarding.metadata.name });
    },
  };

  readonly client = {
    createSubresource: async (
      _resource: ResourceRef,
      { name }: { name: string },
      body: { metadata: Partial<ObjectMeta>; target: { name?: string } },
    ): Promise<unknown> => {
      await Promise.resolve();
      if (this.failBind !== undefined) throw this.failBind;
      const pod = this.pods.objects.get(name);
      if (pod === undefined) throw notFound({ group: '', plural: 'pods' }, name);
      if (pod.metadata.uid !== body.metadata.uid || pod.spec.nodeName !== undefined) {
        throw conflict({ group: '', plural: 'pods' }, name, 'already assigned');
      }
      const nodeName = body.target.name ?? '';
      this.binds.push({ pod: name, node: nodeName });
      this.pods.set({ ...pod, spec: { ...pod.spec, nodeName } });
      return {};
    },
    patch: async (
      _resource: ResourceRef,
      { name }: { name: string },
      { body }: { body: { status: { conditions: PodCondition[] } } },
    ): Promise<unknown> => {
      await Promise.resolve();
      const pod = this.pods.objects.get(name);
      if (pod === undefined) throw notFound({ group: '', plural: 'pods' }, name);
      this.pods.set({ ...pod, status: { ...pod.status, conditions: body.status.conditions } });
      return {};
    },
  } as unknown as Client;

  /** Where a pod was put; undefined while it waits. */
  nodeOf(pod: string): string | undefined {
    return this.pods.objects.get(pod)?.spec.nodeName;
  }

  condition(pod: string): PodCondition | undefined {
    return this.pods.objects
      .get(pod)
      ?.status.conditions?.find(({ type }) => type === 'PodScheduled');
  }
}
