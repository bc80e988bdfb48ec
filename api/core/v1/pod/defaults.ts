/**
 * Fills the absent fields of pods and pod templates as Kubernetes' defaulting does. Changes what it is given.
 *
 * Called by the kinds that hold a pod template and by `pods`. Everything here may meet an object that validation has yet
 * to refuse, so it must bear with anything the schema allows, and with fields that are required but absent.
 */
import type {
  Container,
  ContainerStatus,
  EphemeralContainer,
  HTTPGetAction,
  Lifecycle,
  Pod,
  PodSpec,
  PodTemplateSpec,
  Probe,
} from '../types.js';
import { fillZeroValues } from '../../../schema/zero-values.js';
import { defaultPullPolicy } from './image-reference.js';
import { defaultPodLevelRequests, normalizeResources } from './requests.js';
import { podSpec } from './spec.js';
import { podStatus } from './status.js';
import { defaultFieldRef, defaultResourceFieldRef, defaultVolume } from './volume-defaults.js';
import { allContainers } from './containers.js';

const terminationGracePeriodSeconds = 30;

/** An empty text stands for an absent one where Go has no pointer to tell them apart. */
const orDefault = <T extends string>(text: T | undefined, fallback: T): T =>
  text === undefined || (text as string) === '' ? fallback : text;

function defaultHttpGet(action: HTTPGetAction | undefined): void {
  if (action === undefined) return;
  action.path ||= '/';
  action.scheme = orDefault(action.scheme, 'HTTP');
}

function defaultProbe(probe: Probe | undefined): void {
  if (probe === undefined) return;
  probe.timeoutSeconds ||= 1;
  probe.periodSeconds ||= 10;
  probe.successThreshold ||= 1;
  probe.failureThreshold ||= 3;
  defaultHttpGet(probe.httpGet);
  if (probe.grpc !== undefined) probe.grpc.service ??= '';
}

function defaultLifecycle(lifecycle: Lifecycle | undefined): void {
  defaultHttpGet(lifecycle?.postStart?.httpGet);
  defaultHttpGet(lifecycle?.preStop?.httpGet);
}

function defaultContainer(container: Container | EphemeralContainer): void {
  container.imagePullPolicy ||= defaultPullPolicy(container.image ?? '');
  container.terminationMessagePath ||= '/dev/termination-log';
  container.terminationMessagePolicy ||= 'File';
  normalizeResources((container.resources ??= {}));
  for (const port of container.ports ?? []) port.protocol = orDefault(port.protocol, 'TCP');
  for (const { valueFrom } of container.env ?? []) {
    defaultFieldRef(valueFrom?.fieldRef);
    defaultResourceFieldRef(valueFrom?.resourceFieldRef);
    if (valueFrom?.fileKeyRef !== undefined) valueFrom.fileKeyRef.optional ??= false;
  }
  defaultProbe(container.livenessProbe);
  defaultProbe(container.readinessProbe);
  defaultProbe(container.startupProbe);
  defaultLifecycle(container.lifecycle);
}

/** The old name of the service account follows the new one, and stands in for it where only the old one is given. */
function mirrorServiceAccount(spec: PodSpec): void {
  spec.serviceAccountName ||= spec.serviceAccount;
  if ((spec.serviceAccountName ?? '') === '') {
    delete spec.serviceAccountName;
    delete spec.serviceAccount;
  } else {
    spec.serviceAccount = spec.serviceAccountName;
  }
}

/** What a pod and the pod of a template have in common. */
function defaultPodSpec(spec: PodSpec): void {
  fillZeroValues(podSpec, spec);
  spec.dnsPolicy = orDefault(spec.dnsPolicy, 'ClusterFirst');
  spec.restartPolicy = orDefault(spec.restartPolicy, 'Always');
  spec.securityContext ??= {};
  spec.terminationGracePeriodSeconds ??= terminationGracePeriodSeconds;
  spec.schedulerName ||= 'default-scheduler';
  mirrorServiceAccount(spec);
  normalizeResources(spec.resources);
  allContainers(spec).forEach(defaultContainer);
  spec.volumes?.forEach(defaultVolume);
}

/** Fills a template's pod. Requests and service links are left to the pods made from it. */
export function defaultPodTemplate(template: PodTemplateSpec): void {
  template.metadata ??= {};
  template.spec ??= { containers: [] };
  defaultPodSpec(template.spec);
}

/** A container that limits a resource without requesting it requests what it is limited to. */
function requestLimits(container: Container): void {
  const limits = container.resources?.limits;
  if (container.resources === undefined || limits === undefined) return;
  container.resources.requests = { ...limits, ...container.resources.requests };
}

/** On the host's network a container's ports are ports of the host. */
function exposeOnHost(container: Container): void {
  for (const port of container.ports ?? []) port.hostPort ||= port.containerPort;
}

function defaultStatus(status: Pod['status']): void {
  fillZeroValues(podStatus, status);
  if ((status.podIP ?? '') === '' && status.podIPs?.[0] !== undefined) {
    status.podIP = status.podIPs[0].ip;
  }
  const { podIP } = status;
  if (podIP !== undefined && podIP !== '' && (status.podIPs ?? []).length === 0) {
    status.podIPs = [{ ip: podIP }];
  }
  const statuses: readonly ContainerStatus[] = [
    ...(status.initContainerStatuses ?? []),
    ...(status.containerStatuses ?? []),
    ...(status.ephemeralContainerStatuses ?? []),
  ];
  for (const container of statuses) {
    container.state ??= {};
    container.lastState ??= {};
  }
}

/** Fills a pod. */
export function defaultPod(pod: Pod): void {
  const draft = pod as { spec?: PodSpec; status?: Pod['status'] };
  const spec = (draft.spec ??= { containers: [] });
  defaultPodSpec(spec);
  spec.enableServiceLinks ??= true;
  for (const container of [...(spec.initContainers ?? []), ...spec.containers]) {
    requestLimits(container);
    if (spec.hostNetwork === true) exposeOnHost(container);
  }
  defaultPodLevelRequests(spec);
  defaultStatus((draft.status ??= {}));
}
