/** A container of ours as Docker's create request. */
import type { ContainerCreateOptions, HostConfig } from 'dockerode';
import type { ContainerSecurity, ContainerSpec, MountSpec } from '../runtime.js';

const namespaceText = (namespace: string | { readonly container: string }): string =>
  typeof namespace === 'string' ? namespace : `container:${namespace.container}`;

function securityOptions(security: ContainerSecurity): readonly string[] {
  const options: string[] = [];
  const { seccomp, apparmor, selinux } = security;
  if (security.noNewPrivileges === true) options.push('no-new-privileges');
  if (seccomp === 'unconfined') options.push('seccomp=unconfined');
  else if (typeof seccomp === 'object') options.push(`seccomp=${seccomp.custom}`);
  if (apparmor === 'unconfined') options.push('apparmor=unconfined');
  else if (typeof apparmor === 'object') options.push(`apparmor=${apparmor.custom}`);
  for (const part of ['user', 'role', 'type', 'level'] as const) {
    const value = selinux?.[part];
    if (value !== undefined) options.push(`label=${part}:${value}`);
  }
  return options;
}

/**
 * What is asked to be private is left to the engine: it makes it so, but for what lies above its own folder (`/` of the host,
 * say), where it takes no other word than those by which mounts of its own can go away again.
 */
const bindMount = ({
  source,
  target,
  readOnly,
  propagation = 'private',
}: MountSpec): NonNullable<HostConfig['Mounts']>[number] => ({
  Type: 'bind',
  Source: source,
  Target: target,
  ReadOnly: readOnly,
  ...(propagation === 'private' ? {} : { BindOptions: { Propagation: propagation } }),
});

function resourceOptions(spec: ContainerSpec): HostConfig {
  const { cpuShares, cpuQuotaUs, cpuPeriodUs, memoryBytes } = spec.resources ?? {};
  return {
    ...(cpuShares === undefined ? {} : { CpuShares: cpuShares }),
    ...(cpuQuotaUs === undefined ? {} : { CpuQuota: cpuQuotaUs }),
    ...(cpuPeriodUs === undefined ? {} : { CpuPeriod: cpuPeriodUs }),
    // Without swap beyond it, so that the limit means what it says.
    ...(memoryBytes === undefined ? {} : { Memory: memoryBytes, MemorySwap: memoryBytes }),
    ...(spec.oomScoreAdj === undefined ? {} : { OomScoreAdj: spec.oomScoreAdj }),
  };
}

function hostConfig(spec: ContainerSpec): HostConfig {
  const security = spec.security ?? {};
  return {
    NetworkMode: namespaceText(spec.network),
    IpcMode: namespaceText(spec.ipc),
    ...(spec.pid === 'private' ? {} : { PidMode: namespaceText(spec.pid) }),
    Mounts: (spec.mounts ?? []).map(bindMount),
    ...resourceOptions(spec),
    Privileged: security.privileged ?? false,
    ReadonlyRootfs: security.readOnlyRoot ?? false,
    CapAdd: [...(security.addCapabilities ?? [])],
    CapDrop: [...(security.dropCapabilities ?? [])],
    SecurityOpt: [...securityOptions(security)],
    ...(security.unmaskedProc === true ? { MaskedPaths: [], ReadonlyPaths: [] } : {}),
    ...(spec.groups === undefined ? {} : { GroupAdd: [...spec.groups] }),
    ...(spec.sysctls === undefined ? {} : { Sysctls: { ...spec.sysctls } }),
    LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '5' } },
    RestartPolicy: { Name: 'no' },
  };
}

/**
 * Docker wires `none` networks through a helper process at start, about 100 ms; a container with networking disabled gets
 * the same empty namespace without it, and other containers can join that namespace all the same.
 */
export function createOptionsFrom(spec: ContainerSpec): ContainerCreateOptions & { name: string } {
  return {
    name: spec.name,
    Image: spec.image,
    Labels: { ...spec.labels },
    ...(spec.command === undefined ? {} : { Entrypoint: [...spec.command] }),
    ...(spec.args === undefined ? {} : { Cmd: [...spec.args] }),
    ...(spec.env === undefined ? {} : { Env: [...spec.env] }),
    ...(spec.workingDir === undefined ? {} : { WorkingDir: spec.workingDir }),
    ...(spec.user === undefined ? {} : { User: spec.user }),
    ...(spec.hostname === undefined ? {} : { Hostname: spec.hostname }),
    ...(spec.stopSignal === undefined ? {} : { StopSignal: spec.stopSignal }),
    ...(spec.network === 'none' ? { NetworkDisabled: true } : {}),
    Tty: spec.tty ?? false,
    OpenStdin: spec.stdin ?? false,
    StdinOnce: spec.stdinOnce ?? false,
    // Kubernetes has probes of its own; an image's HEALTHCHECK is not run.
    Healthcheck: { Test: ['NONE'] },
    HostConfig: hostConfig(spec),
  };
}
