/**
 * One executor a step. An executor does its step and remembers the result in the pod's memory or the runtime view; it
 * decides nothing and throws what goes wrong, for the worker to remember.
 */
import { pods } from '../../api/core/v1/pod/pod.js';
import { readFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Container, LifecycleHandler, Pod } from '../../api/core/v1/types.js';
import { hasReason } from '../../api/meta/status-error.js';
import { invariant } from '../../machinery/invariant.js';
import { identityFromLabels } from '../runtime/labels.js';
import type { ContainerSpec } from '../runtime/runtime.js';
import { isRuntimeError } from '../runtime/runtime-error.js';
import { containerSpec, sandboxSpec } from './container-spec.js';
import type { PodDependencies } from './dependencies.js';
import { environmentOf } from './environment.js';
import { hostnameOf, hostsFileOf, parseResolvConf, resolvConfOf } from './name-resolution.js';
import { findContainer } from './plan.js';
import { hasEnded, latestInstance, nextBackoff } from './pod-containers.js';
import type { PodMemory } from './pod-memory.js';
import { podPaths, type PodPaths } from './pod-paths.js';
import type { PodNetworkTarget } from './ports.js';
import type { Step, StepType } from './steps.js';

/** One pod as its executors see it. */
export interface PodContext {
  readonly dependencies: PodDependencies;
  readonly memory: PodMemory;
  readonly identity: { readonly uid: string; readonly name: string; readonly namespace: string };
  /** Undefined for leftovers. */
  readonly pod: () => Pod | undefined;
  /** Aborted when the pod is to stop: pulls and postStart hooks end then. */
  readonly startSignal: AbortSignal;
  /** Plans again; called when something that runs in the background has ended. */
  readonly wake: () => void;
  /** Writes the pod's status and resolves when the API has it. */
  readonly flushStatus: () => Promise<void>;
}

type StepOf<Type extends StepType> = Extract<Step, { readonly type: Type }>;
type Executors = {
  readonly [Type in StepType]: (context: PodContext, step: StepOf<Type>) => Promise<void>;
};

const qosOf = (pod: Pod): string => pod.status.qosClass ?? 'BestEffort';

function requirePod(context: PodContext): Pod {
  const pod = context.pod();
  invariant(pod, 'a pod that is not in the API is only ever stopped');
  return pod;
}

function pathsOf({ dependencies, identity }: PodContext): PodPaths {
  return podPaths(dependencies.dataDir, identity.uid);
}

function containerOf(context: PodContext, name: string): Container {
  const found = findContainer(requirePod(context), name);
  invariant(found, 'a plan only names containers of its pod');
  return found.container;
}

const podIPsOf = ({ dependencies, memory, identity, pod }: PodContext): readonly string[] => {
  if (pod()?.spec.hostNetwork === true) return dependencies.node.ips;
  const [sandbox] = dependencies.view.sandboxesOf(identity.uid);
  return sandbox === undefined ? [] : (memory.networks.get(sandbox.id) ?? []);
};

async function writeResolvConf(context: PodContext, pod: Pod): Promise<void> {
  const { clusterDns, clusterDomain, resolvConfPath } = context.dependencies;
  const machine = parseResolvConf(await readFile(resolvConfPath, 'utf8').catch(() => ''));
  const text = resolvConfOf(pod, { dnsIP: clusterDns, domain: clusterDomain }, machine);
  await writeFile(pathsOf(context).resolvConf, text);
}

/** Containers mount the file, so it is written in place and exists before its addresses are known. */
async function writeHosts(context: PodContext, pod: Pod): Promise<void> {
  if (pod.spec.hostNetwork === true) return;
  const { node, clusterDomain } = context.dependencies;
  const hostname = hostnameOf(pod, node.name);
  const ips = podIPsOf(context);
  await writeFile(
    pathsOf(context).hosts,
    hostsFileOf(pod, { ips, hostname, domain: clusterDomain }),
  );
}

async function mountVolumes(context: PodContext): Promise<void> {
  const pod = requirePod(context);
  await mkdir(pathsOf(context).root, { recursive: true, mode: 0o750 });
  await Promise.all([
    writeResolvConf(context, pod),
    writeHosts(context, pod),
    context.dependencies.volumes.mount(pod),
  ]);
  context.memory.volumesMounted = true;
}

async function unmountVolumes(context: PodContext): Promise<void> {
  const { dependencies, identity, memory } = context;
  await dependencies.volumes.unmount(identity.uid);
  memory.volumesMounted = false;
}

/** Creates a container, or takes the one of that name that an earlier, interrupted try has left. */
async function createOrAdopt(context: PodContext, spec: ContainerSpec): Promise<string> {
  const { runtime, view, clock } = context.dependencies;
  let id: string;
  try {
    id = await runtime.create(spec);
  } catch (error) {
    if (!isRuntimeError(error, 'conflict')) throw error;
    const record = await runtime.inspect(spec.name);
    if (record === undefined) throw error;
    if (identityFromLabels(record.labels)?.podUid !== context.identity.uid) throw error;
    view.put(record);
    return record.id;
  }
  view.put({
    id,
    labels: spec.labels,
    imageId: context.memory.images.get(spec.labels['io.kubernetes.container.name'] ?? '')?.id ?? '',
    state: 'created',
    pid: 0,
    tty: spec.tty ?? false,
    createdAtMs: clock.now(),
    oomKilled: false,
  });
  return id;
}

async function createSandbox(context: PodContext, step: StepOf<'createSandbox'>): Promise<void> {
  const pod = requirePod(context);
  const { pauseImage, node } = context.dependencies;
  const hostname = hostnameOf(pod, node.name);
  await createOrAdopt(context, sandboxSpec({ pod, attempt: step.attempt, pauseImage, hostname }));
}

async function refresh({ dependencies }: PodContext, id: string): Promise<void> {
  const record = await dependencies.runtime.inspect(id);
  if (record === undefined) dependencies.view.remove(id);
  else dependencies.view.put(record);
}

/** Starts a container, and sees what became of it when that fails. */
async function start(context: PodContext, id: string): Promise<void> {
  const { runtime, view, clock } = context.dependencies;
  try {
    await runtime.start(id);
    view.markRunning(id, clock.now());
  } catch (error) {
    await refresh(context, id);
    throw error;
  }
}

async function startSandbox(
  context: PodContext,
  { sandboxId }: StepOf<'startSandbox'>,
): Promise<void> {
  const { runtime, view } = context.dependencies;
  try {
    await start(context, sandboxId);
  } catch (error) {
    // What kept it from starting may be in how it was created: the next plan makes another.
    await runtime.remove(sandboxId);
    view.remove(sandboxId);
    throw error;
  }
  // The pid leads to the network namespace.
  await refresh(context, sandboxId);
}

async function removeSandbox(
  context: PodContext,
  { sandboxId }: StepOf<'removeSandbox'>,
): Promise<void> {
  await context.dependencies.runtime.remove(sandboxId);
  context.dependencies.view.remove(sandboxId);
}

/** How the network knows a sandbox. */
export function networkTarget(
  context: Pick<PodContext, 'dependencies' | 'identity' | 'pod'>,
  sandboxId: string,
): PodNetworkTarget {
  const { uid, name, namespace } = context.identity;
  const pid = context.dependencies.view.get(sandboxId)?.pid ?? 0;
  const containers = context.pod()?.spec.containers ?? [];
  const hostPorts = containers.flatMap(({ ports = [] }) =>
    ports.flatMap(({ containerPort, hostPort, hostIP, protocol = 'TCP' }) =>
      hostPort === undefined || hostPort === 0
        ? []
        : [{ containerPort, hostPort, hostIP, protocol }],
    ),
  );
  const netnsPath = pid === 0 ? undefined : `/proc/${pid}/ns/net`;
  return { podUid: uid, name, namespace, sandboxId, netnsPath, hostPorts };
}

async function setupNetwork(
  context: PodContext,
  { sandboxId }: StepOf<'setupNetwork'>,
): Promise<void> {
  const { ips } = await context.dependencies.network.setup(networkTarget(context, sandboxId));
  context.memory.networks.set(sandboxId, ips);
  await writeHosts(context, requirePod(context));
}

async function teardownNetwork(
  context: PodContext,
  { sandboxId }: StepOf<'teardownNetwork'>,
): Promise<void> {
  await context.dependencies.network.teardown(networkTarget(context, sandboxId));
  context.memory.networks.delete(sandboxId);
}

const fieldPathOf = (pod: Pod, name: string): string => {
  const role = findContainer(pod, name)?.role;
  const list =
    role === 'main'
      ? 'containers'
      : role === 'ephemeral'
        ? 'ephemeralContainers'
        : 'initContainers';
  return `spec.${list}{${name}}`;
};

/** Records an event about one container. */
export function containerEvent(
  context: PodContext,
  name: string,
  event: { readonly type: 'Normal' | 'Warning'; readonly reason: string; readonly message: string },
): void {
  const pod = context.pod();
  if (pod === undefined) return;
  context.dependencies.events.record(pod, { ...event, fieldPath: fieldPathOf(pod, name) });
}

/** Pulls run in the background: a pod can be stopped, and its status written, while its images come. */
async function getImage(
  context: PodContext,
  { container: name }: StepOf<'getImage'>,
): Promise<void> {
  const pod = requirePod(context);
  const { image = '', imagePullPolicy = 'IfNotPresent' } = containerOf(context, name);
  const { images, clock, logger } = context.dependencies;
  const { memory } = context;
  const request = { image, pullPolicy: imagePullPolicy };
  const present = images.presentNow(request);
  const remember = (found: { id: string; reference: string; user: string }): void => {
    memory.images.set(name, { state: 'present', ...found });
    memory.failures.delete(`image:${name}`);
  };
  const alreadyPresent = (): void => {
    const message = `Container image "${image}" already present on machine`;
    containerEvent(context, name, { type: 'Normal', reason: 'Pulled', message });
  };
  if (present !== undefined) {
    remember(present);
    alreadyPresent();
    return;
  }
  memory.images.set(name, { state: 'getting' });
  const startedMs = clock.now();
  let pulled = false;
  const onPull = (): void => {
    pulled = true;
    containerEvent(context, name, {
      type: 'Normal',
      reason: 'Pulling',
      message: `Pulling image "${image}"`,
    });
  };
  const finish = async (): Promise<void> => {
    try {
      remember(await images.ensure({ ...request, pod, signal: context.startSignal, onPull }));
      if (!pulled) {
        alreadyPresent();
        return;
      }
      const tookMs = clock.now() - startedMs;
      const message = `Successfully pulled image "${image}" in ${tookMs}ms`;
      containerEvent(context, name, { type: 'Normal', reason: 'Pulled', message });
    } catch (error) {
      memory.images.delete(name);
      rememberImageFailure(context, name, error);
    } finally {
      context.wake();
    }
  };
  void finish().catch((error: unknown) => {
    logger.error('remembering an image failed', { error, pod: pod.metadata.name });
  });
  await Promise.resolve();
}

function rememberImageFailure(context: PodContext, name: string, error: unknown): void {
  if (context.startSignal.aborted) return;
  const { reason = 'ErrImagePull', retryAtMs } = error as { reason?: string; retryAtMs?: number };
  const message = error instanceof Error ? error.message : String(error);
  const failure = context.memory.fail(
    `image:${name}`,
    { reason, message },
    context.dependencies.clock.now(),
  );
  if (retryAtMs !== undefined)
    context.memory.failures.set(`image:${name}`, { ...failure, retryAtMs });
  containerEvent(context, name, { type: 'Warning', reason: 'Failed', message });
  containerEvent(context, name, { type: 'Warning', reason: 'Failed', message: `Error: ${reason}` });
}

async function readSeccomp(context: PodContext, container: Container): Promise<string | undefined> {
  const profile =
    container.securityContext?.seccompProfile ??
    context.pod()?.spec.securityContext?.seccompProfile;
  if (profile?.type !== 'Localhost') return undefined;
  const root = path.join(context.dependencies.dataDir, 'seccomp');
  return readFile(path.join(root, profile.localhostProfile ?? ''), 'utf8').catch(() => undefined);
}

async function createContainer(
  context: PodContext,
  step: StepOf<'createContainer'>,
): Promise<void> {
  const pod = requirePod(context);
  const { dependencies, memory } = context;
  const podContainer = findContainer(pod, step.container);
  invariant(podContainer, 'a plan only names containers of its pod');
  const { container, target } = podContainer;
  const { node, references, volumes, view, logLinks } = dependencies;
  const environment = { pod, podIPs: podIPsOf(context), node, references };
  const variables = await environmentOf(environment, container);
  const paths = pathsOf(context);
  const messageFile = paths.terminationMessage(container.name, step.attempt);
  const [volumeMounts, seccompJson] = await Promise.all([
    volumes.mountsFor(pod, container.name, variables),
    readSeccomp(context, container),
    mkdir(path.dirname(messageFile), { recursive: true }).then(() =>
      writeFile(messageFile, '', { mode: 0o666 }),
    ),
  ]);
  const observed = memory.observe(context.identity.uid, view);
  const spec = containerSpec({
    pod,
    podContainer,
    attempt: step.attempt,
    sandboxId: step.sandboxId,
    variables,
    volumeMounts,
    paths,
    imageUser: memory.images.get(container.name)?.user ?? '',
    nodeMemoryBytes: node.allocatable.memoryBytes,
    qosClass: qosOf(pod),
    targetId: target === undefined ? undefined : latestInstance(observed, target)?.id,
    seccompJson,
  });
  let id: string;
  try {
    id = await createOrAdopt(context, spec);
  } catch (error) {
    // Somebody removed the image since it was found: it is looked for again.
    if (isRuntimeError(error, 'imageMissing')) {
      memory.images.delete(container.name);
      return;
    }
    throw error;
  }
  const before = latestInstance(observed, container.name);
  if (before !== undefined && hasEnded(before) && step.attempt > 0) {
    const backoff = memory.backoffs.get(container.name);
    memory.backoffs.set(container.name, nextBackoff(backoff, before, dependencies.clock.now()));
  }
  // The next instance asks for the image again when the policy is to pull always.
  if (container.imagePullPolicy === 'Always') memory.failures.delete(`image:${container.name}`);
  const message = `Created container: ${container.name}`;
  containerEvent(context, container.name, { type: 'Normal', reason: 'Created', message });
  const labels = identityFromLabels(spec.labels);
  if (labels !== undefined) await logLinks.add(labels, id);
}

async function startContainer(context: PodContext, step: StepOf<'startContainer'>): Promise<void> {
  const { dependencies, memory } = context;
  const pod = requirePod(context);
  const container = containerOf(context, step.container);
  const role = findContainer(pod, step.container)?.role ?? 'main';
  const type =
    role === 'main' ? 'container' : role === 'sidecar' ? 'init_container' : `${role}_container`;
  if (container.imagePullPolicy === 'Always') memory.images.delete(container.name);
  try {
    await start(context, step.id);
  } catch (error) {
    dependencies.metrics.containerStartFailed(type, 'RunContainerError');
    throw error;
  }
  if (dependencies.view.get(step.id) === undefined) return;
  dependencies.metrics.containerStarted(type);
  const message = `Started container ${container.name}`;
  containerEvent(context, container.name, { type: 'Normal', reason: 'Started', message });
  const handler = container.lifecycle?.postStart;
  if (handler !== undefined) beginPostStart(context, { container, id: step.id, handler });
}

interface HookRun {
  readonly container: Container;
  readonly id: string;
  readonly handler: LifecycleHandler;
}

const hookTarget = (context: PodContext, { container, id }: HookRun, signal: AbortSignal) => ({
  pod: requirePod(context),
  container,
  containerId: id,
  podIP: podIPsOf(context)[0] ?? '127.0.0.1',
  signal,
});

function beginPostStart(context: PodContext, hook: HookRun): void {
  const { memory, dependencies } = context;
  memory.hooks.set(hook.id, { postStart: 'running' });
  const target = hookTarget(context, hook, context.startSignal);
  dependencies.runHook(hook.handler, target).then(
    () => {
      memory.hooks.set(hook.id, { ...memory.hooks.get(hook.id), postStart: 'done' });
      context.wake();
    },
    (error: unknown) => {
      const message = `PostStartHook failed: ${error instanceof Error ? error.message : String(error)}`;
      const event = { type: 'Warning', reason: 'FailedPostStartHook', message } as const;
      containerEvent(context, hook.container.name, event);
      memory.hooks.set(hook.id, { ...memory.hooks.get(hook.id), postStart: 'failed' });
      context.wake();
    },
  );
}

async function beginKill(context: PodContext, step: StepOf<'beginKill'>): Promise<void> {
  const { memory, dependencies } = context;
  const requestedAtMs = dependencies.clock.now();
  memory.kills.set(step.id, { requestedAtMs, graceMs: step.graceMs });
  const event = { type: 'Normal', reason: 'Killing', message: step.message } as const;
  containerEvent(context, step.container, event);
  await Promise.resolve();
}

async function runPreStop(context: PodContext, step: StepOf<'runPreStop'>): Promise<void> {
  const { memory, dependencies } = context;
  const container = containerOf(context, step.container);
  const handler = container.lifecycle?.preStop;
  const done = (): void => {
    memory.hooks.set(step.id, { ...memory.hooks.get(step.id), preStop: 'done' });
    context.wake();
  };
  if (handler === undefined) {
    done();
    return;
  }
  memory.hooks.set(step.id, { ...memory.hooks.get(step.id), preStop: 'running' });
  const signal = new AbortController().signal;
  const target = hookTarget(context, { container, id: step.id, handler }, signal);
  dependencies.runHook(handler, target).then(done, (error: unknown) => {
    const message = `PreStopHook failed: ${error instanceof Error ? error.message : String(error)}`;
    containerEvent(context, container.name, {
      type: 'Warning',
      reason: 'FailedPreStopHook',
      message,
    });
    done();
  });
  await Promise.resolve();
}

async function signalContainer(
  context: PodContext,
  step: StepOf<'signalContainer'>,
): Promise<void> {
  const { memory, dependencies } = context;
  const { runtime, clock } = dependencies;
  const pod = context.pod();
  const found = pod === undefined ? undefined : findContainer(pod, step.container);
  const own = found?.container.lifecycle?.stopSignal;
  const signal = step.signal === 'KILL' ? 'SIGKILL' : (own ?? 'SIGTERM');
  try {
    await runtime.kill(step.id, signal);
  } catch (error) {
    if (!isRuntimeError(error, 'notRunning') && !isRuntimeError(error, 'notFound')) throw error;
    await refresh(context, step.id);
  }
  const kill = memory.kills.get(step.id) ?? { requestedAtMs: clock.now(), graceMs: 0 };
  const sent = step.signal === 'KILL' ? { killAtMs: clock.now() } : { termAtMs: clock.now() };
  memory.kills.set(step.id, { ...kill, ...sent });
}

async function removeContainer(
  context: PodContext,
  step: StepOf<'removeContainer'>,
): Promise<void> {
  const { runtime, view, logLinks } = context.dependencies;
  const identity = identityFromLabels(view.get(step.id)?.labels ?? {});
  await runtime.remove(step.id);
  view.remove(step.id);
  context.memory.forgetContainer(step.id);
  if (identity !== undefined) await logLinks.remove(identity, step.id);
}

/** Tells the API that nothing of the pod is left here; guarded by its uid. */
async function deletePod(context: PodContext): Promise<void> {
  const { client } = context.dependencies;
  const { name, namespace, uid } = context.identity;
  await context.flushStatus();
  try {
    const options = { gracePeriodSeconds: 0, preconditions: { uid } };
    await client.delete(pods, { namespace, name }, options);
  } catch (error) {
    // Gone, or a new pod of the same name: either way ours is not there any more.
    if (!hasReason(error, 'NotFound') && !hasReason(error, 'Conflict')) throw error;
  }
}

export const executors: Executors = {
  mountVolumes,
  unmountVolumes,
  createSandbox,
  startSandbox,
  removeSandbox,
  setupNetwork,
  teardownNetwork,
  getImage,
  createContainer,
  startContainer,
  beginKill,
  runPreStop,
  signalContainer,
  removeContainer,
  deletePod,
};

/** Executes one step with the executor of its type. */
export async function execute(context: PodContext, step: Step): Promise<void> {
  // The table pairs each step type with an executor of that very type, which the compiler cannot follow here.
  const executor = executors[step.type] as (context: PodContext, step: Step) => Promise<void>;
  await executor(context, step);
}
