/** The baseline level of the Pod Security Standards: no known way to more privileges. Texts are Kubernetes'. */
import type { Probe, SELinuxOptions } from '../../../api/core/v1/types.js';
import {
  isInUserNamespace,
  namesWhere,
  plural,
  quoted,
  setters,
  sortedSet,
  theContainers,
} from './check.js';
import type { PodCheck, SecuredPod, Violation } from './check.js';
import { allContainers, type AnyContainer } from '../../../api/core/v1/pod/containers.js';

const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/';
const confined = new Set(['RuntimeDefault', 'Localhost']);

const appArmor = (container: AnyContainer): string =>
  container.securityContext?.appArmorProfile?.type ?? 'RuntimeDefault';

function appArmorViolation(pod: SecuredPod): Violation | undefined {
  const ofPod = pod.spec.securityContext?.appArmorProfile?.type ?? 'RuntimeDefault';
  const bad = allContainers(pod.spec).filter((container) => !confined.has(appArmor(container)));
  const annotations = Object.entries(pod.metadata?.annotations ?? {}).filter(
    ([name, value]) =>
      name.startsWith(appArmorPrefix) &&
      value !== '' &&
      value !== 'runtime/default' &&
      !value.startsWith('localhost/'),
  );
  const values = sortedSet([
    ...(confined.has(ofPod) ? [] : [ofPod]),
    ...bad.map(appArmor),
    ...annotations.map(([name, value]) => `${name}=${JSON.stringify(value)}`),
  ]);
  if (values.length === 0) return undefined;
  const own = setters(
    !confined.has(ofPod),
    bad.map(({ name }) => name),
  );
  const all = [
    ...(own === '' ? [] : [own]),
    ...(annotations.length === 0 ? [] : [plural('annotation', annotations.length)]),
  ];
  return {
    reason: plural('forbidden AppArmor profile', values.length),
    detail: `${all.join(' and ')} must not set AppArmor profile type to ${quoted(values)}`,
  };
}

const defaultCapabilities = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

function capabilitiesViolation(pod: SecuredPod): Violation | undefined {
  const extra = ({ securityContext }: AnyContainer): readonly string[] =>
    (securityContext?.capabilities?.add ?? []).filter((name) => !defaultCapabilities.has(name));
  const bad = namesWhere(pod, (container) => extra(container).length > 0);
  if (bad.length === 0) return undefined;
  const names = sortedSet(allContainers(pod.spec).flatMap(extra));
  return {
    reason: 'non-default capabilities',
    detail: `${theContainers(bad)} must not include ${quoted(names)} in securityContext.capabilities.add`,
  };
}

function hostNamespacesViolation({ spec }: SecuredPod): Violation | undefined {
  const shared = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((name) => spec[name]);
  return shared.length === 0
    ? undefined
    : { reason: 'host namespaces', detail: shared.map((name) => `${name}=true`).join(', ') };
}

function hostPathVolumesViolation({ spec }: SecuredPod): Violation | undefined {
  const names = (spec.volumes ?? [])
    .filter(({ hostPath }) => hostPath !== undefined)
    .map(({ name }) => name);
  if (names.length === 0) return undefined;
  return {
    reason: 'hostPath volumes',
    detail: `${plural('volume', names.length)} ${quoted(names)}`,
  };
}

function hostPortsViolation(pod: SecuredPod): Violation | undefined {
  const portsOf = ({ ports }: AnyContainer): readonly string[] =>
    (ports ?? []).flatMap(({ hostPort = 0 }) => (hostPort === 0 ? [] : [String(hostPort)]));
  const bad = namesWhere(pod, (container) => portsOf(container).length > 0);
  if (bad.length === 0) return undefined;
  const ports = sortedSet(allContainers(pod.spec).flatMap(portsOf));
  const use = bad.length === 1 ? 'uses' : 'use';
  return {
    reason: 'hostPort',
    detail: `${theContainers(bad)} ${use} ${plural('hostPort', ports.length)} ${ports.join(', ')}`,
  };
}

const probeHosts = (probe: Probe | undefined): readonly (string | undefined)[] => [
  probe?.httpGet?.host,
  probe?.tcpSocket?.host,
];

function handlerHosts(container: AnyContainer): readonly string[] {
  const { lifecycle, livenessProbe, readinessProbe, startupProbe } = container;
  const handlers = [lifecycle?.postStart, lifecycle?.preStop];
  return [
    ...[livenessProbe, readinessProbe, startupProbe].flatMap(probeHosts),
    ...handlers.flatMap((handler) => [handler?.httpGet?.host, handler?.tcpSocket?.host]),
  ].filter((host): host is string => host !== undefined && host !== '');
}

function handlerHostsViolation(pod: SecuredPod): Violation | undefined {
  const bad = namesWhere(pod, (container) => handlerHosts(container).length > 0);
  if (bad.length === 0) return undefined;
  const hosts = sortedSet(allContainers(pod.spec).flatMap(handlerHosts));
  const use = bad.length === 1 ? 'uses' : 'use';
  return {
    reason: 'probe or lifecycle host',
    detail: `${theContainers(bad)} ${use} probe or lifecycle ${plural('host', hosts.length)} ${quoted(hosts)}`,
  };
}

function privilegedViolation(pod: SecuredPod): Violation | undefined {
  const bad = namesWhere(pod, ({ securityContext }) => securityContext?.privileged === true);
  if (bad.length === 0) return undefined;
  return {
    reason: 'privileged',
    detail: `${theContainers(bad)} must not set securityContext.privileged=true`,
  };
}

/** Unmasked process information, whoever root is; the restricted level asks for it of every pod. */
export function procMountViolation(pod: SecuredPod): Violation | undefined {
  const mountOf = ({ securityContext }: AnyContainer): string =>
    securityContext?.procMount ?? 'Default';
  const bad = allContainers(pod.spec).filter((container) => mountOf(container) !== 'Default');
  if (bad.length === 0) return undefined;
  const types = sortedSet(bad.map(mountOf));
  return {
    reason: 'procMount',
    detail: `${theContainers(bad.map(({ name }) => name))} must not set securityContext.procMount to ${quoted(types)}`,
  };
}

const relaxedProcMountViolation = (pod: SecuredPod, minor: number): Violation | undefined =>
  isInUserNamespace(pod, minor) ? undefined : procMountViolation(pod);

const seLinuxTypes = ['', 'container_t', 'container_init_t', 'container_kvm_t'];

function seLinuxViolation(pod: SecuredPod, minor: number): Violation | undefined {
  const allowed = new Set([...seLinuxTypes, ...(minor >= 31 ? ['container_engine_t'] : [])]);
  const isBad = (options: SELinuxOptions | undefined): boolean =>
    !allowed.has(options?.type ?? '') ||
    (options?.user ?? '') !== '' ||
    (options?.role ?? '') !== '';
  const ofPod = pod.spec.securityContext?.seLinuxOptions;
  const bad = allContainers(pod.spec).filter(({ securityContext }) =>
    isBad(securityContext?.seLinuxOptions),
  );
  if (!isBad(ofPod) && bad.length === 0) return undefined;
  const options = [ofPod, ...bad.map(({ securityContext }) => securityContext?.seLinuxOptions)];
  const types = sortedSet(options.map((one) => one?.type ?? '')).filter(
    (type) => !allowed.has(type),
  );
  const facts = [
    ...(types.length === 0 ? [] : [`${plural('type', types.length)} ${quoted(types)}`]),
    ...(options.some((one) => (one?.user ?? '') !== '') ? ['user may not be set'] : []),
    ...(options.some((one) => (one?.role ?? '') !== '') ? ['role may not be set'] : []),
  ];
  const who = setters(
    isBad(ofPod),
    bad.map(({ name }) => name),
  );
  return {
    reason: 'seLinuxOptions',
    detail: `${who} set forbidden securityContext.seLinuxOptions: ${facts.join('; ')}`,
  };
}

const seccompType = (container: AnyContainer): string | undefined =>
  container.securityContext?.seccompProfile?.type;

/** Profiles that are set, to something that does not confine; both levels ask for it. */
export function seccompViolation(pod: SecuredPod): Violation | undefined {
  const isBad = (type: string | undefined): type is string =>
    type !== undefined && !confined.has(type);
  const ofPod = pod.spec.securityContext?.seccompProfile?.type;
  const bad = allContainers(pod.spec).filter((container) => isBad(seccompType(container)));
  const values = sortedSet([ofPod, ...bad.map(seccompType)].filter(isBad));
  if (values.length === 0) return undefined;
  const who = setters(
    isBad(ofPod),
    bad.map(({ name }) => name),
  );
  return {
    reason: 'seccompProfile',
    detail: `${who} must not set securityContext.seccompProfile.type to ${quoted(values)}`,
  };
}

const seccompAnnotation = 'seccomp.security.alpha.kubernetes.io/pod';
const containerSeccompAnnotation = 'container.seccomp.security.alpha.kubernetes.io/';
const confiningAnnotation = /^(runtime\/default$|docker\/default$|localhost\/)/;

/** Before the fields there were annotations, which is what the older standards are about. */
function seccompAnnotationViolation(pod: SecuredPod): Violation | undefined {
  const { annotations = {} } = pod.metadata ?? {};
  const names = [
    seccompAnnotation,
    ...allContainers(pod.spec).map(({ name }) => containerSeccompAnnotation + name),
  ];
  const bad = sortedSet(
    names.flatMap((name) => {
      const value = annotations[name];
      const isGood = value === undefined || confiningAnnotation.test(value);
      return isGood ? [] : [`${name}=${JSON.stringify(value)}`];
    }),
  );
  if (bad.length === 0) return undefined;
  return {
    reason: 'seccompProfile',
    detail: `forbidden ${plural('annotation', bad.length)} ${bad.join(', ')}`,
  };
}

const seccompOfVersion = (pod: SecuredPod, minor: number): Violation | undefined =>
  minor < 19 ? seccompAnnotationViolation(pod) : seccompViolation(pod);

/** Kernel parameters of the pod's own namespaces, with the version of the standard that allows them. */
const safeSysctls: ReadonlyMap<string, number> = new Map([
  ['kernel.shm_rmid_forced', 0],
  ['net.ipv4.ip_local_port_range', 0],
  ['net.ipv4.tcp_syncookies', 0],
  ['net.ipv4.ping_group_range', 0],
  ['net.ipv4.ip_unprivileged_port_start', 0],
  ['net.ipv4.ip_local_reserved_ports', 27],
  ['net.ipv4.tcp_keepalive_time', 29],
  ['net.ipv4.tcp_fin_timeout', 29],
  ['net.ipv4.tcp_keepalive_intvl', 29],
  ['net.ipv4.tcp_keepalive_probes', 29],
  ['net.ipv4.tcp_rmem', 32],
  ['net.ipv4.tcp_wmem', 32],
]);

function sysctlsViolation({ spec }: SecuredPod, minor: number): Violation | undefined {
  const names = (spec.securityContext?.sysctls ?? [])
    .map(({ name }) => name)
    .filter((name) => {
      const since = safeSysctls.get(name);
      return since === undefined || since > minor;
    });
  return names.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: names.join(', ') };
}

function hostProcessViolation(pod: SecuredPod): Violation | undefined {
  const ofPod = pod.spec.securityContext?.windowsOptions?.hostProcess === true;
  const bad = namesWhere(
    pod,
    ({ securityContext }) => securityContext?.windowsOptions?.hostProcess === true,
  );
  if (!ofPod && bad.length === 0) return undefined;
  return {
    reason: 'hostProcess',
    detail: `${setters(ofPod, bad)} must not set securityContext.windowsOptions.hostProcess=true`,
  };
}

const baseline = (id: string, violation: PodCheck['violation'], since = 0): PodCheck => ({
  id,
  level: 'baseline',
  since,
  violation,
});

/** In the order their violations are told. */
export const baselineChecks: readonly PodCheck[] = [
  baseline('appArmorProfile', appArmorViolation),
  baseline('capabilities_baseline', capabilitiesViolation),
  baseline('hostNamespaces', hostNamespacesViolation),
  baseline('hostPathVolumes', hostPathVolumesViolation),
  baseline('hostPorts', hostPortsViolation),
  baseline('hostProbesAndHostLifecycle', handlerHostsViolation, 34),
  baseline('privileged', privilegedViolation),
  baseline('procMount', relaxedProcMountViolation),
  baseline('seLinuxOptions', seLinuxViolation),
  baseline('seccompProfile_baseline', seccompOfVersion),
  baseline('sysctls', sysctlsViolation),
  baseline('windowsHostProcess', hostProcessViolation),
];
