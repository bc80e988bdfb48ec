import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Container, Pod, PodSpec } from '../../api/core/v1/types.js';
import { propertyRuns } from '../../testing/property-runs.js';
import {
  nothingObserved,
  type ObservedContainer,
  type ObservedPod,
  type ObservedSandbox,
} from './observed.js';
import { type DesiredPod, plan, type StopRequest } from './plan.js';
import type { Step } from './steps.js';

const start = Date.UTC(2026, 0, 1);

const container = (name: string, changes: Partial<Container> = {}): Container => ({
  name,
  image: 'web:1',
  ...changes,
});

const podOf = (spec: Partial<PodSpec> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'web',
    namespace: 'default',
    uid: 'uid',
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
  },
  spec: { containers: [container('main')], ...spec },
  status: {},
});

const desiredOf = (pod: Pod | undefined, stop?: StopRequest): DesiredPod => ({
  pod,
  needAddress: new Set(),
  ...(stop === undefined ? {} : { stop }),
});

const deleted: StopRequest = { graceMs: 1000, message: 'stop', remove: true, release: true };

const sandboxOf = (changes: Partial<ObservedSandbox> = {}): ObservedSandbox => ({
  id: 's0',
  attempt: 0,
  state: 'running',
  pid: 1,
  createdAtMs: start,
  ...changes,
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

const wired: ObservedPod = {
  ...nothingObserved,
  sandboxes: [sandboxOf()],
  networks: { s0: ['10.244.0.2'] },
  volumesMounted: true,
  images: { main: { state: 'present' } },
};

const stepTypes = (desired: DesiredPod, observed: ObservedPod, now = start): readonly string[] => {
  const next = plan(desired, observed, now);
  if ('steps' in next) return next.steps.map((step) => step.type);
  return 'settled' in next ? ['settled'] : [`wait ${next.untilMs ?? ''}`.trim()];
};

test('plan prepares everything a new pod needs at the same time', () => {
  assert.deepEqual(stepTypes(desiredOf(podOf()), nothingObserved), [
    'mountVolumes',
    'createSandbox',
    'getImage',
  ]);
});

test('plan makes containers while the sandbox starts, and starts them only when it is wired', () => {
  const desired = desiredOf(podOf());
  const created = { ...wired, networks: {}, sandboxes: [sandboxOf({ state: 'created' })] };
  assert.deepEqual(stepTypes(desired, created), ['startSandbox', 'createContainer']);
  const waiting = { ...wired, containers: [instanceOf('main', { state: 'created' })] };
  assert.deepEqual(stepTypes(desired, { ...waiting, networks: {} }), ['setupNetwork']);
  assert.deepEqual(stepTypes(desired, waiting), ['startContainer']);
});

test('plan makes a container that is told the pod’s address only when there is one', () => {
  const desired = { ...desiredOf(podOf()), needAddress: new Set(['main']) };
  const created = { ...wired, networks: {} };
  assert.deepEqual(stepTypes(desired, created), ['setupNetwork']);
});

test('plan has nothing to do for a pod that runs', () => {
  const observed = { ...wired, containers: [instanceOf('main')] };
  assert.deepEqual(stepTypes(desiredOf(podOf()), observed), ['settled']);
});

test('plan restarts by policy', () => {
  const cases = [
    { policy: 'Always', exitCode: 0, expected: 'createContainer' },
    { policy: 'Always', exitCode: 1, expected: 'createContainer' },
    { policy: 'OnFailure', exitCode: 1, expected: 'createContainer' },
    { policy: 'OnFailure', exitCode: 0, expected: 'settled' },
    { policy: 'Never', exitCode: 1, expected: 'settled' },
  ] as const;
  for (const { policy, exitCode, expected } of cases) {
    const ended = instanceOf('main', { state: 'exited', exitCode, finishedAtMs: start });
    const observed = { ...wired, containers: [ended] };
    const desired = desiredOf(podOf({ restartPolicy: policy }));
    assert.deepEqual(stepTypes(desired, observed), [expected], `${policy} ${exitCode}`);
  }
});

test('plan waits for the back-off of a container that keeps ending', () => {
  const ended = instanceOf('main', { state: 'exited', exitCode: 1, finishedAtMs: start });
  const backoffs = { main: { delayMs: 20_000, restartedAtMs: start - 1000 } };
  const observed = { ...wired, containers: [ended], backoffs };
  assert.deepEqual(stepTypes(desiredOf(podOf()), observed), [`wait ${start + 20_000}`]);
  assert.deepEqual(stepTypes(desiredOf(podOf()), observed, start + 20_000), ['createContainer']);
});

test('plan forgets the back-off of a container that ran for long', () => {
  const finishedAtMs = start + 11 * 60_000;
  const ended = instanceOf('main', { state: 'exited', exitCode: 1, finishedAtMs });
  const backoffs = { main: { delayMs: 300_000, restartedAtMs: start } };
  const observed = { ...wired, containers: [ended], backoffs };
  assert.deepEqual(stepTypes(desiredOf(podOf()), observed, finishedAtMs), ['createContainer']);
});

test('plan runs init containers one after the other before the main ones', () => {
  const pod = podOf({ initContainers: [container('one'), container('two')] });
  const images = {
    one: { state: 'present' },
    two: { state: 'present' },
    main: { state: 'present' },
  } as const;
  const names = (containers: readonly ObservedContainer[]): readonly string[] => {
    const next = plan(desiredOf(pod), { ...wired, images, containers }, start);
    return 'steps' in next
      ? next.steps.map((step) => ('container' in step ? step.container : ''))
      : [];
  };
  const done = (name: string) =>
    instanceOf(name, { state: 'exited', exitCode: 0, finishedAtMs: start });
  assert.deepEqual(names([]), ['one']);
  assert.deepEqual(names([instanceOf('one')]), []);
  assert.deepEqual(names([done('one')]), ['two']);
  assert.deepEqual(names([done('one'), done('two')]), ['main']);
});

test('plan keeps sidecars running and starts what follows once they have started', () => {
  const sidecar = container('side', { restartPolicy: 'Always', startupProbe: {} });
  const pod = podOf({ initContainers: [sidecar] });
  const images = { side: { state: 'present' }, main: { state: 'present' } } as const;
  const running = { ...wired, images, containers: [instanceOf('side')] };
  assert.deepEqual(stepTypes(desiredOf(pod), running), ['settled']);
  const started = { ...running, probes: { 'side-0': { started: true } } };
  assert.deepEqual(stepTypes(desiredOf(pod), started), ['createContainer']);
});

test('plan ends a container whose liveness probe failed, with TERM first and KILL after the grace period', () => {
  const pod = podOf({ terminationGracePeriodSeconds: 5 });
  const desired = desiredOf(pod);
  const unhealthy = { probe: 'liveness', message: '' } as const;
  const observed = {
    ...wired,
    containers: [instanceOf('main')],
    probes: { 'main-0': { unhealthy } },
  };
  assert.deepEqual(stepTypes(desired, observed), ['beginKill']);
  const kill = { requestedAtMs: start, graceMs: 5000 };
  const begun = { ...observed, kills: { 'main-0': kill } };
  assert.deepEqual(plan(desired, begun, start), {
    steps: [{ type: 'signalContainer', container: 'main', id: 'main-0', signal: 'TERM' }],
  });
  const told = { ...observed, kills: { 'main-0': { ...kill, termAtMs: start } } };
  assert.deepEqual(stepTypes(desired, told), [`wait ${start + 5000}`]);
  assert.deepEqual(plan(desired, told, start + 5000), {
    steps: [{ type: 'signalContainer', container: 'main', id: 'main-0', signal: 'KILL' }],
  });
});

test('plan runs the preStop hook before the signal, for no longer than the grace period', () => {
  const hooked = container('main', { lifecycle: { preStop: { exec: { command: ['x'] } } } });
  const desired = desiredOf(podOf({ containers: [hooked] }), deleted);
  const kills = { 'main-0': { requestedAtMs: start, graceMs: 1000 } };
  const observed = { ...wired, containers: [instanceOf('main')], kills };
  assert.deepEqual(stepTypes(desired, observed), ['runPreStop']);
  const running = { ...observed, hooks: { 'main-0': { preStop: 'running' } } } as const;
  assert.deepEqual(stepTypes(desired, running), [`wait ${start + 1000}`]);
  assert.deepEqual(stepTypes(desired, running, start + 1000), ['signalContainer']);
});

test('plan takes a deleted pod apart in order and lets it go last', () => {
  const desired = desiredOf(podOf(), deleted);
  const ended = { ...wired, containers: [instanceOf('main', { state: 'exited', exitCode: 143 })] };
  assert.deepEqual(stepTypes(desired, ended), ['removeContainer', 'teardownNetwork']);
  assert.deepEqual(stepTypes(desired, { ...wired, networks: {} }), ['removeSandbox']);
  assert.deepEqual(stepTypes(desired, { ...wired, sandboxes: [] }), ['unmountVolumes']);
  assert.deepEqual(stepTypes(desired, nothingObserved), ['deletePod']);
});

test('plan ends sidecars after the main containers, the last one first', () => {
  const sidecar = (name: string) => container(name, { restartPolicy: 'Always' });
  const pod = podOf({ initContainers: [sidecar('first'), sidecar('second')] });
  const ids = (containers: readonly ObservedContainer[]): readonly string[] => {
    const next = plan(desiredOf(pod, deleted), { ...wired, containers }, start);
    return 'steps' in next ? next.steps.map((step) => ('id' in step ? step.id : step.type)) : [];
  };
  const all = ['first', 'second', 'main'].map((name) => instanceOf(name));
  assert.deepEqual(ids(all), ['main-0']);
  const ended = instanceOf('main', { state: 'exited', exitCode: 0, finishedAtMs: start });
  assert.deepEqual(ids([...all.slice(0, 2), ended]), ['second-0']);
  assert.deepEqual(ids([...all.slice(0, 1), ended]), ['first-0']);
});

test('plan makes a new sandbox and new containers when the sandbox was lost', () => {
  const lost = sandboxOf({ state: 'exited' });
  const ended = instanceOf('main', { state: 'exited', exitCode: 255, finishedAtMs: start });
  const observed = { ...wired, sandboxes: [lost], containers: [ended] };
  assert.deepEqual(stepTypes(desiredOf(podOf()), observed), ['teardownNetwork', 'createSandbox']);
  const never = desiredOf(podOf({ restartPolicy: 'Never' }));
  assert.deepEqual(stepTypes(never, observed), ['teardownNetwork']);
});

/** Applies a step to a model of engine and memory, as executors would, at time `now`. */
function apply(observed: ObservedPod, step: Step, now: number): ObservedPod {
  const changeContainer = (id: string, change: Partial<ObservedContainer>) =>
    observed.containers.map((each) => (each.id === id ? { ...each, ...change } : each));
  const without = <T>(record: Readonly<Record<string, T>>, key: string): Record<string, T> =>
    Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));
  switch (step.type) {
    case 'mountVolumes':
      return { ...observed, volumesMounted: true };
    case 'unmountVolumes':
      return { ...observed, volumesMounted: false };
    case 'createSandbox': {
      const id = `new${String(observed.sandboxes.length)}-${String(step.attempt)}-${String(now)}`;
      const made = sandboxOf({ id, attempt: step.attempt, state: 'created' });
      return { ...observed, sandboxes: [made, ...observed.sandboxes] };
    }
    case 'startSandbox':
      return {
        ...observed,
        sandboxes: observed.sandboxes.map((each) =>
          each.id === step.sandboxId ? { ...each, state: 'running' } : each,
        ),
      };
    case 'removeSandbox':
      return {
        ...observed,
        sandboxes: observed.sandboxes.filter(({ id }) => id !== step.sandboxId),
      };
    case 'setupNetwork':
      return { ...observed, networks: { ...observed.networks, [step.sandboxId]: ['10.0.0.2'] } };
    case 'teardownNetwork':
      return { ...observed, networks: without(observed.networks, step.sandboxId) };
    case 'getImage':
      return {
        ...observed,
        images: { ...observed.images, [step.container]: { state: 'present' } },
      };
    case 'createContainer': {
      const { attempt, sandboxId } = step;
      const made = instanceOf(step.container, { attempt, sandboxId, state: 'created' });
      return { ...observed, containers: [...observed.containers, made] };
    }
    case 'startContainer': {
      // Init containers succeed; others run on.
      const ends = step.container.startsWith('init');
      const change = ends
        ? ({ state: 'exited', exitCode: 0, finishedAtMs: now } as const)
        : ({ state: 'running', startedAtMs: now } as const);
      return { ...observed, containers: changeContainer(step.id, change) };
    }
    case 'beginKill':
      return {
        ...observed,
        kills: { ...observed.kills, [step.id]: { requestedAtMs: now, graceMs: step.graceMs } },
      };
    case 'runPreStop':
      return { ...observed, hooks: { ...observed.hooks, [step.id]: { preStop: 'done' } } };
    case 'signalContainer':
      return {
        ...observed,
        containers: changeContainer(step.id, { state: 'exited', exitCode: 143, finishedAtMs: now }),
      };
    case 'removeContainer':
      return { ...observed, containers: observed.containers.filter(({ id }) => id !== step.id) };
    case 'deletePod':
      return observed;
  }
}

const names = ['init1', 'init2', 'main', 'other'] as const;

const someInstance: fc.Arbitrary<ObservedContainer> = fc
  .record({
    name: fc.constantFrom(...names, 'stranger'),
    attempt: fc.nat(3),
    sandboxId: fc.constantFrom('s0', 's1', 'gone'),
    image: fc.constantFrom('web:1', 'web:0'),
    state: fc.constantFrom('created' as const, 'running' as const, 'exited' as const),
    exitCode: fc.constantFrom(0, 1),
  })
  .map((facts) => {
    // In this model init containers end at once.
    const ends = facts.name.startsWith('init') && facts.state === 'running';
    const state = ends ? 'exited' : facts.state;
    return instanceOf(facts.name, { ...facts, state, finishedAtMs: start });
  });

const someObserved: fc.Arbitrary<ObservedPod> = fc
  .record({
    sandboxes: fc.uniqueArray(
      fc.record({
        id: fc.constantFrom('s0', 's1'),
        state: fc.constantFrom('created' as const, 'running' as const, 'exited' as const),
      }),
      { selector: ({ id }) => id, maxLength: 2 },
    ),
    containers: fc.uniqueArray(someInstance, { selector: ({ id }) => id, maxLength: 6 }),
    wired: fc.boolean(),
    volumesMounted: fc.boolean(),
  })
  .map(({ sandboxes, containers, wired: isWired, volumesMounted }) => ({
    ...nothingObserved,
    sandboxes: sandboxes.map((each) => sandboxOf(each)),
    containers,
    networks: isWired ? { s0: ['10.0.0.1'] } : {},
    volumesMounted,
  }));

const enoughPlans = 60;

/** Plans and applies until there is nothing to do, letting time pass where a plan waits for it. */
function converge(desired: DesiredPod, from: ObservedPod): ObservedPod {
  let observed = from;
  let now = start;
  for (let count = 0; count < enoughPlans; count += 1) {
    const next = plan(desired, observed, now);
    if ('settled' in next) return observed;
    if ('waitingFor' in next) {
      assert.ok(next.untilMs !== undefined, `waits for ever: ${next.waitingFor}`);
      now = next.untilMs;
      continue;
    }
    if (next.steps.some(({ type }) => type === 'deletePod')) return observed;
    now += 1;
    for (const step of next.steps) observed = apply(observed, step, now);
  }
  throw new Error(`no end after ${enoughPlans} plans`);
}

const fullPod = podOf({
  initContainers: [container('init1'), container('init2')],
  containers: [container('main'), container('other')],
  terminationGracePeriodSeconds: 2,
});

test('plan brings any pod that is to run to running containers, one instance each', () => {
  fc.assert(
    fc.property(someObserved, (observed) => {
      const end = converge(desiredOf(fullPod), observed);
      const running = end.containers.filter(({ state }) => state === 'running');
      assert.deepEqual(running.map(({ name }) => name).sort(), ['main', 'other']);
      assert.equal(end.sandboxes.length, 1);
      for (const { sandboxId } of running) assert.equal(sandboxId, end.sandboxes[0]?.id);
    }),
    { numRuns: propertyRuns(100) },
  );
});

test('plan leaves nothing of any pod that is deleted', () => {
  fc.assert(
    fc.property(someObserved, fc.boolean(), (observed, isKnown) => {
      const end = converge(desiredOf(isKnown ? fullPod : undefined, deleted), observed);
      assert.deepEqual([end.containers, end.sandboxes, end.volumesMounted], [[], [], false]);
    }),
    { numRuns: propertyRuns(100) },
  );
});
