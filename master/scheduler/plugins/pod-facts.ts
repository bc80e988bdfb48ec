/**
 * What filters and scorers know of a pod, read once from the object and kept while the pod is queued or placed.
 */
import type { Pod, Toleration } from '../../../api/core/v1/types.js';
import { podAmounts, type Amounts } from './amounts.js';

export interface HostPort {
  readonly protocol: string;
  /** `0.0.0.0` stands for every address of the node. */
  readonly address: string;
  readonly port: number;
}

/** Read from one revision of a Pod; never changed. */
export interface PodFacts {
  readonly pod: Pod;
  readonly uid: string;
  /** `namespace/name`. */
  readonly key: string;
  readonly requests: Amounts;
  /** As `requests`, but containers without requests count too; for comparing nodes. */
  readonly assumed: Amounts;
  readonly hostPorts: readonly HostPort[];
  readonly tolerations: readonly Toleration[];
  /** Uid of the controller that owns the pod, empty when there is none. */
  readonly owner: string;
  readonly priority: number;
}

/** The address that stands for all of them. */
export const anyAddress = '0.0.0.0';

function hostPortsOf(pod: Pod): readonly HostPort[] {
  const sidecars = (pod.spec.initContainers ?? []).filter(
    (container) => container.restartPolicy === 'Always',
  );
  const ports: HostPort[] = [];
  for (const container of [...pod.spec.containers, ...sidecars]) {
    for (const port of container.ports ?? []) {
      if (port.hostPort === undefined || port.hostPort <= 0) continue;
      ports.push({
        protocol: port.protocol ?? 'TCP',
        address: port.hostIP === undefined || port.hostIP === '' ? anyAddress : port.hostIP,
        port: port.hostPort,
      });
    }
  }
  return ports;
}

/** The uid of the owner that controls the pod, empty when nothing does. */
export const controllerUidOf = (pod: Pod): string =>
  pod.metadata.ownerReferences?.find((owner) => owner.controller === true)?.uid ?? '';

/** The facts of a pod. */
export const podFactsOf = (pod: Pod): PodFacts => ({
  pod,
  uid: pod.metadata.uid,
  key: `${pod.metadata.namespace ?? ''}/${pod.metadata.name}`,
  requests: podAmounts(pod, { assumeMissing: false }),
  assumed: podAmounts(pod, { assumeMissing: true }),
  hostPorts: hostPortsOf(pod),
  tolerations: pod.spec.tolerations ?? [],
  owner: controllerUidOf(pod),
  priority: pod.spec.priority ?? 0,
});
