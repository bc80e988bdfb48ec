import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Container, Pod, PodSpec, PodStatus } from '../../api/core/v1/types.js';
import { nothingObserved, type ObservedContainer, type ObservedPod } from './observed.js';
import { hasFinished, phaseOf, type StatusInputs, statusOf } from './status.js';

const start = Date.UTC(2026, 0, 1);

const container = (name: string, changes: Partial<Container> = {}): Container => ({
  name,
  image: 'web:1',
  ...changes,
});

const podOf = (spec: Partial<PodSpec> = {}, status: PodStatus = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'web',
    namespace: 'default',
    uid: 'uid',
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
    generation: 3,
  },
  spec: { containers: [container('main')], ...spec },
  status,
});

const instanceOf = (name: string, changes: Partial<ObservedContainer> = {}): ObservedContainer => ({
  id: `${name}-${String(changes.attempt ?? 0)}`,
  name,
  attempt: 0,
  sandboxId: 's0',
  image: 'web:1',
  imageId: 'sha256:web',
  state: 'running',
  createdAtMs: start,
  startedAtMs: start,
  oomKilled: false,
  ...changes,
});

const endedWith = (name: string, exitCode: number, changes: Partial<ObservedContainer> = {}) =>
  instanceOf(name, { state: 'exited', exitCode, finishedAtMs: start + 5000, ...changes });

const observedOf = (changes: Partial<ObservedPod> = {}): ObservedPod => ({
  ...nothingObserved,
  sandboxes: [{ id: 's0', attempt: 0, state: 'running', pid: 1, createdAtMs: start }],
  networks: { s0: ['10.244.0.2'] },
  volumesMounted: true,
  ...changes,
});

const inputsOf = (
  pod: Pod,
  observed: ObservedPod,
  changes: Partial<StatusInputs> = {},
): StatusInputs => ({
  pod,
  observed,
  now: start + 6000,
  nodeIPs: ['192.168.0.1'],
  acceptedAtMs: start,
  ...changes,
});

const conditionOf = (status: PodStatus, type: string) => {
  const found = status.conditions?.find((each) => each.type === type);
  return [found?.status, found?.reason, found?.message];
};

const mainStatus = (inputs: StatusInputs) => {
  const [first] = statusOf(inputs).containerStatuses ?? [];
  assert.ok(first);
  return first;
};

const initSpec: Partial<PodSpec> = { initContainers: [container('setup')] };
const sidecarSpec: Partial<PodSpec> = {
  initContainers: [container('proxy', { restartPolicy: 'Always' })],
  restartPolicy: 'Never',
};

test('status phase follows the containers and the restart policy', () => {
  const cases: readonly (readonly [
    string,
    Partial<PodSpec>,
    readonly ObservedContainer[],
    string,
  ])[] = [
    ['nothing made yet', {}, [], 'Pending'],
    ['made, never started', {}, [instanceOf('main', { state: 'created' })], 'Pending'],
    ['running', {}, [instanceOf('main')], 'Running'],
    ['crashed, to be restarted', {}, [endedWith('main', 1)], 'Running'],
    ['ended well, to be restarted', {}, [endedWith('main', 0)], 'Running'],
    ['ended well', { restartPolicy: 'OnFailure' }, [endedWith('main', 0)], 'Succeeded'],
    ['failed, retried', { restartPolicy: 'OnFailure' }, [endedWith('main', 1)], 'Running'],
    ['failed for good', { restartPolicy: 'Never' }, [endedWith('main', 1)], 'Failed'],
    ['init runs', initSpec, [instanceOf('setup')], 'Pending'],
    ['init failed, retried', initSpec, [endedWith('setup', 1)], 'Pending'],
    [
      'init failed for good',
      { ...initSpec, restartPolicy: 'Never' },
      [endedWith('setup', 1)],
      'Failed',
    ],
    ['init done', initSpec, [endedWith('setup', 0)], 'Pending'],
    ['after init', initSpec, [endedWith('setup', 0), instanceOf('main')], 'Running'],
    [
      'main done, sidecar still up',
      sidecarSpec,
      [instanceOf('proxy'), endedWith('main', 0)],
      'Running',
    ],
    [
      'main and sidecar done; a sidecar’s exit code does not count',
      sidecarSpec,
      [endedWith('proxy', 137), endedWith('main', 0)],
      'Succeeded',
    ],
  ];
  for (const [what, spec, containers, expected] of cases) {
    assert.equal(phaseOf(inputsOf(podOf(spec), observedOf({ containers }))), expected, what);
  }
});

test('status phase of an ended pod stays although its sandbox is gone', () => {
  const spec: Partial<PodSpec> = { ...initSpec, restartPolicy: 'Never' };
  const containers = [endedWith('setup', 0), endedWith('main', 0)];
  const observed = observedOf({ containers, sandboxes: [], networks: {} });
  assert.equal(phaseOf(inputsOf(podOf(spec), observed)), 'Succeeded');
  assert.ok(hasFinished(podOf(spec), observed));
  const recorded = podOf({}, { phase: 'Failed' });
  assert.equal(phaseOf(inputsOf(recorded, nothingObserved)), 'Failed');
});

test('status phase of a pod that is being ended is Failed once nothing runs', () => {
  const failure = { reason: 'DeadlineExceeded', message: 'too long' };
  const running = observedOf({ containers: [instanceOf('main')] });
  assert.equal(phaseOf(inputsOf(podOf(), running, { failure })), 'Running');
  const ended = observedOf({ containers: [endedWith('main', 143)] });
  const status = statusOf(inputsOf(podOf(), ended, { failure }));
  assert.deepEqual(
    [status.phase, status.reason, status.message],
    ['Failed', 'DeadlineExceeded', 'too long'],
  );
  assert.equal(status.containerStatuses?.[0]?.state?.terminated?.exitCode, 143);
});

test('status waiting reasons say what holds a container up', () => {
  const failure = { message: 'why', retryAtMs: start + 9000 };
  const pull = { ...failure, reason: 'ErrImagePull' };
  const cases: readonly (readonly [string, Partial<PodSpec>, Partial<ObservedPod>, string])[] = [
    ['new', {}, {}, 'ContainerCreating'],
    ['behind an init container', initSpec, {}, 'PodInitializing'],
    ['after init', initSpec, { containers: [endedWith('setup', 0)] }, 'ContainerCreating'],
    [
      'first failed pull',
      {},
      { failures: { 'image:main': { ...pull, count: 1 } } },
      'ErrImagePull',
    ],
    [
      'repeated failed pull',
      {},
      { failures: { 'image:main': { ...pull, count: 2 } } },
      'ImagePullBackOff',
    ],
    [
      'no configuration',
      {},
      {
        failures: { 'create:main': { ...failure, reason: 'CreateContainerConfigError', count: 4 } },
      },
      'CreateContainerConfigError',
    ],
    [
      'crash loop',
      {},
      {
        containers: [endedWith('main', 1, { attempt: 1 })],
        backoffs: { main: { delayMs: 10_000, restartedAtMs: start } },
      },
      'CrashLoopBackOff',
    ],
    [
      'a program that cannot be started',
      {},
      {
        containers: [endedWith('main', 128, { attempt: 1 })],
        failures: { 'create:main': { ...failure, reason: 'RunContainerError', count: 2 } },
        backoffs: { main: { delayMs: 10_000, restartedAtMs: start } },
      },
      'CrashLoopBackOff',
    ],
  ];
  for (const [what, spec, changes, expected] of cases) {
    const status = mainStatus(inputsOf(podOf(spec), observedOf(changes)));
    assert.equal(status.state?.waiting?.reason, expected, what);
    assert.equal(status.ready, false, what);
    assert.equal(status.started, false, what);
  }
});

test('status of a crash loop shows the last end and how long it waits', () => {
  const observed = observedOf({
    containers: [endedWith('main', 1), endedWith('main', 2, { attempt: 1, oomKilled: true })],
    backoffs: { main: { delayMs: 80_000, restartedAtMs: start } },
  });
  const status = mainStatus(inputsOf(podOf(), observed));
  assert.equal(
    status.state?.waiting?.message,
    'back-off 1m20s restarting failed container=main pod=web_default(uid)',
  );
  assert.deepEqual(status.lastState?.terminated, {
    exitCode: 2,
    reason: 'OOMKilled',
    startedAt: '2026-01-01T00:00:00Z',
    finishedAt: '2026-01-01T00:00:05Z',
    containerID: 'docker://main-1',
  });
  assert.equal(status.restartCount, 1);
  assert.equal(status.containerID, 'docker://main-1');
});

test('status of ended containers gives reason, message and code', () => {
  const cases = [
    [endedWith('main', 0), 'Completed', 0, undefined],
    [endedWith('main', 3, { message: 'no disk' }), 'Error', 3, 'no disk'],
    [endedWith('main', 137, { oomKilled: true }), 'OOMKilled', 137, undefined],
    [
      instanceOf('main', { state: 'created', startError: 'no such file', exitCode: 127 }),
      'StartError',
      128,
      'no such file',
    ],
  ] as const;
  const pod = podOf({ restartPolicy: 'Never' });
  for (const [instance, reason, exitCode, message] of cases) {
    const inputs = inputsOf(pod, observedOf({ containers: [instance] }));
    const ended = mainStatus(inputs).state?.terminated;
    assert.deepEqual([ended?.reason, ended?.exitCode, ended?.message], [reason, exitCode, message]);
  }
});

test('status of a restarted container keeps its last end and counts restarts', () => {
  const observed = observedOf({
    containers: [endedWith('main', 1), instanceOf('main', { attempt: 1 })],
  });
  const status = mainStatus(inputsOf(podOf(), observed));
  assert.equal(status.state?.running?.startedAt, '2026-01-01T00:00:00Z');
  assert.equal(status.lastState?.terminated?.exitCode, 1);
  assert.equal(status.restartCount, 1);
  assert.ok(status.ready);
});

test('status conditions of a running pod are all true', () => {
  const status = statusOf(inputsOf(podOf(), observedOf({ containers: [instanceOf('main')] })));
  const expected = [
    'PodReadyToStartContainers',
    'Initialized',
    'Ready',
    'ContainersReady',
    'PodScheduled',
  ];
  assert.deepEqual(
    status.conditions?.map(({ type, status: is, observedGeneration }) => [
      type,
      is,
      observedGeneration,
    ]),
    expected.map((type) => [type, 'True', 3]),
  );
  assert.equal(status.observedGeneration, 3);
});

test('status conditions say what is missing', () => {
  const fresh = statusOf(inputsOf(podOf(initSpec), nothingObserved));
  assert.deepEqual(conditionOf(fresh, 'PodReadyToStartContainers')[0], 'False');
  assert.deepEqual(conditionOf(fresh, 'Initialized'), [
    'False',
    'ContainersNotInitialized',
    'containers with incomplete status: [setup]',
  ]);
  const unready = ['False', 'ContainersNotReady', 'containers with unready status: [main]'];
  assert.deepEqual(conditionOf(fresh, 'Ready'), unready);
  assert.deepEqual(conditionOf(fresh, 'ContainersReady'), unready);
  const done = observedOf({ containers: [endedWith('main', 0)] });
  const ended = statusOf(inputsOf(podOf({ restartPolicy: 'Never' }), done));
  assert.deepEqual(conditionOf(ended, 'Ready'), ['False', 'PodCompleted', undefined]);
  assert.deepEqual(conditionOf(ended, 'Initialized')[0], 'True');
});

/** Gates have names of their own; the generated type lists Kubernetes' only. */
const gate = 'example.com/up' as 'Ready';

test('status is ready only with probes passed, hooks done and readiness gates open', () => {
  const probe = { tcpSocket: { port: 80 } };
  const cases: readonly (readonly [string, Partial<PodSpec>, Partial<ObservedPod>, string])[] = [
    ['no probe', {}, {}, 'True'],
    [
      'readiness unknown',
      { containers: [container('main', { readinessProbe: probe })] },
      {},
      'False',
    ],
    [
      'readiness passed',
      { containers: [container('main', { readinessProbe: probe })] },
      { probes: { 'main-0': { ready: true } } },
      'True',
    ],
    ['not started', { containers: [container('main', { startupProbe: probe })] }, {}, 'False'],
    [
      'started',
      { containers: [container('main', { startupProbe: probe })] },
      { probes: { 'main-0': { started: true } } },
      'True',
    ],
    ['hook runs', {}, { hooks: { 'main-0': { postStart: 'running' } } }, 'False'],
    ['gate closed', { readinessGates: [{ conditionType: gate }] }, {}, 'False'],
  ];
  for (const [what, spec, changes, expected] of cases) {
    const observed = observedOf({ containers: [instanceOf('main')], ...changes });
    const status = statusOf(inputsOf(podOf(spec), observed));
    assert.equal(conditionOf(status, 'Ready')[0], expected, what);
  }
  const gated = podOf(
    { readinessGates: [{ conditionType: gate }] },
    { conditions: [{ type: gate, status: 'True' }] },
  );
  const open = statusOf(inputsOf(gated, observedOf({ containers: [instanceOf('main')] })));
  assert.equal(conditionOf(open, 'Ready')[0], 'True');
});

test('status conditions keep the time of their last change', () => {
  const earlier = '2025-12-31T00:00:00Z';
  const stored: PodStatus = {
    conditions: [
      { type: 'PodScheduled', status: 'True', lastTransitionTime: earlier },
      { type: 'Ready', status: 'False', lastTransitionTime: earlier },
    ],
  };
  const observed = observedOf({ containers: [instanceOf('main')] });
  const times = new Map(
    statusOf(inputsOf(podOf({}, stored), observed)).conditions?.map((each) => [
      each.type,
      each.lastTransitionTime,
    ]),
  );
  assert.equal(times.get('PodScheduled'), earlier);
  assert.equal(times.get('Ready'), '2026-01-01T00:00:06Z');
});

test('status addresses are the sandbox’s, the node’s on its network, and stay after the end', () => {
  const wired = statusOf(inputsOf(podOf(), observedOf()));
  assert.deepEqual(wired.podIPs, [{ ip: '10.244.0.2' }]);
  assert.equal(wired.hostIP, '192.168.0.1');
  const onHost = statusOf(inputsOf(podOf({ hostNetwork: true }), observedOf({ networks: {} })));
  assert.equal(onHost.podIP, '192.168.0.1');
  const before = podOf({}, { podIPs: [{ ip: '10.244.0.9' }] });
  assert.equal(statusOf(inputsOf(before, nothingObserved)).podIP, '10.244.0.9');
});
