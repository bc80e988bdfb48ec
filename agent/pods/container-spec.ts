/** A pod's sandbox and containers as specs for the runtime. Pure: everything it needs is handed over. */
import type {
  Container,
  Pod,
  PodSecurityContext,
  SeccompProfile,
  SecurityContext,
} from '../../api/core/v1/types.js';
import {
  engineNameOf,
  identityLabels,
  labelNames,
  sandboxContainerName,
} from '../runtime/labels.js';
import type {
  ContainerSecurity,
  ContainerSpec,
  MountSpec,
  ProfileSpec,
} from '../runtime/runtime.js';
import { kernelResources, oomScoreOf, sandboxOomScore } from './container-resources.js';
import { ContainerConfigError } from './environment.js';
import { expandReferences } from './expansion.js';
import type { PodContainer } from './pod-containers.js';
import type { PodPaths } from './pod-paths.js';

/** The label that holds the image as the pod named it. */
export const imageLabel = 'io.pintle.image';

export interface SandboxInputs {
  readonly pod: Pod;
  readonly attempt: number;
  readonly pauseImage: string;
  readonly hostname: string;
}

const identityOf = (pod: Pod, containerName: string, attempt: number) => ({
  podName: pod.metadata.name,
  podNamespace: pod.metadata.namespace ?? 'default',
  podUid: pod.metadata.uid,
  containerName,
  attempt,
});

/** The pause container of a pod, which owns its namespaces. */
export function sandboxSpec({ pod, attempt, pauseImage, hostname }: SandboxInputs): ContainerSpec {
  const identity = identityOf(pod, sandboxContainerName, attempt);
  const { hostNetwork, hostIPC, hostPID, securityContext = {} } = pod.spec;
  const sysctls = (securityContext.sysctls ?? []).map(({ name, value }) => [name, value] as const);
  return {
    name: engineNameOf(identity),
    labels: { ...identityLabels(identity), [labelNames.type]: 'podsandbox' },
    image: pauseImage,
    network: hostNetwork === true ? 'host' : 'none',
    ipc: hostIPC === true ? 'host' : 'shareable',
    pid: hostPID === true ? 'host' : 'private',
    ...(hostNetwork === true ? {} : { hostname }),
    oomScoreAdj: sandboxOomScore,
    resources: { cpuShares: 2 },
    security: { noNewPrivileges: true },
    ...(sysctls.length === 0 ? {} : { sysctls: Object.fromEntries(sysctls) }),
  };
}

export interface ContainerInputs {
  readonly pod: Pod;
  readonly podContainer: PodContainer;
  readonly attempt: number;
  readonly sandboxId: string;
  readonly variables: ReadonlyMap<string, string>;
  readonly volumeMounts: readonly MountSpec[];
  readonly paths: PodPaths;
  /** The USER of the image. */
  readonly imageUser: string;
  readonly nodeMemoryBytes: number;
  readonly qosClass: string;
  /** The container whose processes an ephemeral container is to see. */
  readonly targetId?: string | undefined;
  /** JSON of a `Localhost` seccomp profile. */
  readonly seccompJson?: string | undefined;
}

/** Checks `runAsNonRoot` against the user the container will really have. */
function assertUserAllowed(pod: Pod, container: Container, imageUser: string): void {
  const own = container.securityContext ?? {};
  const shared = pod.spec.securityContext ?? {};
  if ((own.runAsNonRoot ?? shared.runAsNonRoot) !== true) return;
  const uid = own.runAsUser ?? shared.runAsUser;
  if (uid === 0) {
    throw new ContainerConfigError("container's runAsUser breaks non-root policy");
  }
  if (uid !== undefined) return;
  const [user = ''] = imageUser.split(':');
  if (user === '' || Number(user) === 0) {
    throw new ContainerConfigError('container has runAsNonRoot and image will run as root');
  }
  if (!/^\d+$/.test(user)) {
    throw new ContainerConfigError(
      `container has runAsNonRoot and image has non-numeric user (${user}), cannot verify user is non-root`,
    );
  }
}

function userOf(own: SecurityContext, shared: PodSecurityContext): string | undefined {
  const uid = own.runAsUser ?? shared.runAsUser;
  const gid = own.runAsGroup ?? shared.runAsGroup;
  if (uid === undefined) return gid === undefined ? undefined : `0:${gid}`;
  return gid === undefined ? String(uid) : `${uid}:${gid}`;
}

/** Kubernetes runs containers without a seccomp profile unless one is asked for. */
function seccompOf(profile: SeccompProfile | undefined, json: string | undefined): ProfileSpec {
  if (profile === undefined || profile.type === 'Unconfined') return 'unconfined';
  if (profile.type === 'RuntimeDefault') return 'default';
  if (json === undefined) {
    throw new ContainerConfigError(`cannot read seccomp profile ${profile.localhostProfile ?? ''}`);
  }
  return { custom: json };
}

function apparmorOf(own: SecurityContext, shared: PodSecurityContext): ProfileSpec {
  const profile = own.appArmorProfile ?? shared.appArmorProfile;
  if (profile === undefined || profile.type === 'RuntimeDefault') return 'default';
  return profile.type === 'Unconfined' ? 'unconfined' : { custom: profile.localhostProfile ?? '' };
}

const withoutCapPrefix = (name: string): string => name.replace(/^CAP_/, '');

function securityOf(inputs: ContainerInputs): ContainerSecurity {
  const own = inputs.podContainer.container.securityContext ?? {};
  const shared = inputs.pod.spec.securityContext ?? {};
  const { user, role, type, level } = { ...shared.seLinuxOptions, ...own.seLinuxOptions };
  const selinux = Object.fromEntries(
    Object.entries({ user, role, type, level }).filter(([, value]) => value !== undefined),
  );
  return {
    privileged: own.privileged ?? false,
    readOnlyRoot: own.readOnlyRootFilesystem ?? false,
    addCapabilities: (own.capabilities?.add ?? []).map(withoutCapPrefix),
    dropCapabilities: (own.capabilities?.drop ?? []).map(withoutCapPrefix),
    noNewPrivileges: own.allowPrivilegeEscalation === false,
    seccomp: seccompOf(own.seccompProfile ?? shared.seccompProfile, inputs.seccompJson),
    apparmor: apparmorOf(own, shared),
    unmaskedProc: own.procMount === 'Unmasked',
    selinux,
  };
}

function mountsOf(inputs: ContainerInputs): readonly MountSpec[] {
  const { pod, podContainer, attempt, paths, volumeMounts } = inputs;
  const { container } = podContainer;
  const messagePath = container.terminationMessagePath ?? '/dev/termination-log';
  const own: MountSpec[] = [
    { source: paths.resolvConf, target: '/etc/resolv.conf', readOnly: false },
    {
      source: paths.terminationMessage(container.name, attempt),
      target: messagePath,
      readOnly: false,
    },
    ...(pod.spec.hostNetwork === true
      ? []
      : [{ source: paths.hosts, target: '/etc/hosts', readOnly: false }]),
  ];
  const taken = new Set(volumeMounts.map(({ target }) => target));
  return [...volumeMounts, ...own.filter(({ target }) => !taken.has(target))];
}

const expanded = (
  texts: readonly string[],
  variables: ReadonlyMap<string, string>,
): readonly string[] => texts.map((text) => expandReferences(text, variables));

function pidNamespaceOf(inputs: ContainerInputs): ContainerSpec['pid'] {
  const { pod, sandboxId, targetId } = inputs;
  if (pod.spec.hostPID === true) return 'host';
  if (pod.spec.shareProcessNamespace === true) return { container: sandboxId };
  return targetId === undefined ? 'private' : { container: targetId };
}

/** Throws `ContainerConfigError` when the spec asks for what cannot be. */
export function containerSpec(inputs: ContainerInputs): ContainerSpec {
  const { pod, podContainer, attempt, sandboxId, variables } = inputs;
  const { container } = podContainer;
  const { command = [], args = [] } = container;
  assertUserAllowed(pod, container, inputs.imageUser);
  const identity = identityOf(pod, container.name, attempt);
  const shared = pod.spec.securityContext ?? {};
  const user = userOf(container.securityContext ?? {}, shared);
  const groups = [
    ...(shared.supplementalGroups ?? []),
    ...(shared.fsGroup === undefined ? [] : [shared.fsGroup]),
  ];
  const { nodeMemoryBytes, qosClass } = inputs;
  return {
    name: engineNameOf(identity),
    labels: {
      ...identityLabels(identity),
      [labelNames.type]: 'container',
      [labelNames.sandboxId]: sandboxId,
      [imageLabel]: container.image ?? '',
      [labelNames.terminationMessage]: inputs.paths.terminationMessage(container.name, attempt),
    },
    image: container.image ?? '',
    ...(command.length === 0 ? {} : { command: expanded(command, variables) }),
    ...(args.length === 0 ? {} : { args: expanded(args, variables) }),
    env: [...variables].map(([name, value]) => `${name}=${value}`),
    ...(container.workingDir === undefined || container.workingDir === ''
      ? {}
      : { workingDir: container.workingDir }),
    ...(user === undefined ? {} : { user }),
    ...(groups.length === 0 ? {} : { groups: groups.map(String) }),
    tty: container.tty ?? false,
    stdin: container.stdin ?? false,
    stdinOnce: container.stdinOnce ?? false,
    mounts: mountsOf(inputs),
    network: pod.spec.hostNetwork === true ? 'host' : { container: sandboxId },
    ipc: pod.spec.hostIPC === true ? 'host' : { container: sandboxId },
    pid: pidNamespaceOf(inputs),
    resources: kernelResources(container),
    oomScoreAdj: oomScoreOf(pod, container, { qosClass, nodeMemoryBytes }),
    security: securityOf(inputs),
  };
}
