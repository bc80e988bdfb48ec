/**
 * The labels and names every container of ours carries. They are Kubernetes' own, so that log shippers, cAdvisor and
 * people find what they expect; the `io.pintle.*` ones hold what the agent needs to adopt containers after a restart.
 */

export const labelNames = {
  podName: 'io.kubernetes.pod.name',
  podNamespace: 'io.kubernetes.pod.namespace',
  podUid: 'io.kubernetes.pod.uid',
  containerName: 'io.kubernetes.container.name',
  /** `podsandbox` or `container`. */
  type: 'io.kubernetes.docker.type',
  sandboxId: 'io.kubernetes.sandbox.id',
  logPath: 'io.kubernetes.container.logpath',
  /** Which try this is: 0 for the first container of a name in a pod. */
  attempt: 'io.pintle.attempt',
  /** Digest of the container's spec. */
  hash: 'io.pintle.hash',
  /** Where the container writes its termination message, as a path on the host. */
  terminationMessage: 'io.pintle.termination-message',
} as const;

/** The name the sandbox has among the containers of its pod. */
export const sandboxContainerName = 'POD';

export interface ContainerIdentity {
  readonly podName: string;
  readonly podNamespace: string;
  readonly podUid: string;
  readonly containerName: string;
  readonly attempt: number;
}

/** Deterministic, so that creating the same container twice is refused by the engine. */
export const engineNameOf = (identity: ContainerIdentity): string =>
  [
    'k8s',
    identity.containerName,
    identity.podName,
    identity.podNamespace,
    identity.podUid,
    String(identity.attempt),
  ].join('_');

/** The labels that say whose container it is. */
export const identityLabels = (identity: ContainerIdentity): Record<string, string> => ({
  [labelNames.podName]: identity.podName,
  [labelNames.podNamespace]: identity.podNamespace,
  [labelNames.podUid]: identity.podUid,
  [labelNames.containerName]: identity.containerName,
  [labelNames.attempt]: String(identity.attempt),
});

/** Undefined when the labels are not those of one of our containers. */
export function identityFromLabels(
  labels: Readonly<Record<string, string>>,
): ContainerIdentity | undefined {
  const podUid = labels[labelNames.podUid];
  const podName = labels[labelNames.podName];
  const podNamespace = labels[labelNames.podNamespace];
  const containerName = labels[labelNames.containerName];
  const attempt = Number(labels[labelNames.attempt]);
  if (podUid === undefined || podName === undefined || podNamespace === undefined) return undefined;
  if (containerName === undefined || !Number.isInteger(attempt)) return undefined;
  return { podUid, podName, podNamespace, containerName, attempt };
}
