import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { Container, Pod, Probe } from '../../api/core/v1/types.js';
import { FakeClock } from '../../machinery/clock/clock.js';
import { Metrics } from '../../machinery/metrics/metrics.js';
import { checkHttp, portNumber } from './http-check.js';
import { failed, passed, type ProbeResult } from './probe-result.js';
import { type ProbeOutcome, ProbeRunner } from './probe-runner.js';
import { ProbeSchedule } from './probe-schedule.js';
import { checkTcp } from './tcp-check.js';

/** A schedule whose tries give the scripted results in turn, the last one for ever. */
function scripted(probe: Probe, script: readonly boolean[], startedBeforeMs = 0) {
  const clock = new FakeClock();
  const beganMs = clock.now();
  const triesAt: number[] = [];
  const outcomes: (readonly [number, boolean])[] = [];
  const failures: string[] = [];
  const schedule = new ProbeSchedule({
    probe,
    clock,
    startedAtMs: beganMs - startedBeforeMs,
    attempt: () => {
      const result = script[Math.min(triesAt.length, script.length - 1)] ?? true;
      triesAt.push((clock.now() - beganMs) / 1000);
      return Promise.resolve(result ? passed() : failed('no'));
    },
    onOutcome: (success) => outcomes.push([(clock.now() - beganMs) / 1000, success]),
    onFailure: (message) => failures.push(message),
  });
  return { clock, schedule, triesAt, outcomes, failures };
}

const advanceSeconds = async (clock: FakeClock, seconds: number): Promise<void> => {
  for (let second = 0; second < seconds; second += 1) await clock.advance(1000);
};

test('probe schedule keeps delay and period', async () => {
  const { clock, schedule, triesAt } = scripted({ initialDelaySeconds: 3, periodSeconds: 5 }, [
    true,
  ]);
  await advanceSeconds(clock, 14);
  schedule.stop();
  await advanceSeconds(clock, 20);
  assert.deepEqual(triesAt, [3, 8, 13]);
  assert.equal(clock.pendingTimers, 0);
});

test('probe schedule counts the delay from the container’s start', async () => {
  const { clock, schedule, triesAt } = scripted({ initialDelaySeconds: 30 }, [true], 28_000);
  await advanceSeconds(clock, 13);
  schedule.stop();
  assert.deepEqual(triesAt, [2, 12]);
});

test('probe schedule tells changes only once their threshold is reached', async () => {
  const cases = [
    { script: [true], expected: [[0, true]] },
    { script: [false], expected: [[2, false]] },
    { script: [false, false, true, false, false, true], expected: [[2, true]] },
    {
      script: [true, false, false, false, true],
      expected: [
        [0, true],
        [3, false],
        [4, true],
      ],
    },
  ] as const;
  for (const { script, expected } of cases) {
    const { clock, schedule, outcomes } = scripted({ periodSeconds: 1 }, script);
    await advanceSeconds(clock, 10);
    schedule.stop();
    assert.deepEqual(outcomes, expected, script.join());
  }
  const probe = { periodSeconds: 1, successThreshold: 2, failureThreshold: 1 };
  const { clock, schedule, outcomes, failures } = scripted(probe, [false, true, false, true, true]);
  await advanceSeconds(clock, 10);
  schedule.stop();
  assert.deepEqual(outcomes, [
    [0, false],
    [4, true],
  ]);
  assert.deepEqual(failures, ['no', 'no']);
});

test('probe schedule does not count tries that say nothing about the container', async () => {
  const clock = new FakeClock();
  const lost: ProbeResult = { success: false, message: 'the engine is away', inconclusive: true };
  const results = [failed('no'), lost, lost, passed()];
  const outcomes: boolean[] = [];
  const failures: string[] = [];
  const schedule = new ProbeSchedule({
    probe: { periodSeconds: 1, failureThreshold: 2 },
    clock,
    startedAtMs: clock.now(),
    attempt: () => Promise.resolve(results.shift() ?? passed()),
    onOutcome: (success) => outcomes.push(success),
    onFailure: (message) => failures.push(message),
  });
  await advanceSeconds(clock, 5);
  schedule.stop();
  assert.deepEqual([outcomes, failures], [[true], ['no']]);
});

test('probe schedule gives up a try that takes too long', async () => {
  const clock = new FakeClock();
  const failures: string[] = [];
  let aborted = 0;
  const schedule = new ProbeSchedule({
    probe: { periodSeconds: 10, timeoutSeconds: 2 },
    clock,
    startedAtMs: clock.now(),
    attempt: (signal) =>
      new Promise<ProbeResult>(() => {
        signal.addEventListener('abort', () => (aborted += 1));
      }),
    onOutcome: () => undefined,
    onFailure: (message) => failures.push(message),
  });
  await advanceSeconds(clock, 11);
  schedule.stop();
  assert.deepEqual(failures, ['probe timed out after 2s']);
  assert.equal(aborted, 2);
});

const container: Container = {
  name: 'main',
  ports: [{ name: 'web', containerPort: 8080 }],
  startupProbe: { exec: { command: ['startup'] }, periodSeconds: 1, failureThreshold: 3 },
  livenessProbe: { exec: { command: ['liveness'] }, periodSeconds: 1, failureThreshold: 2 },
  readinessProbe: { exec: { command: ['readiness'] }, periodSeconds: 1, failureThreshold: 1 },
};

const pod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'web',
    namespace: 'default',
    uid: 'uid',
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
  },
  spec: { containers: [container] },
  status: {},
};

function runner() {
  const clock = new FakeClock();
  const answers = new Map<string, boolean>();
  const tried: string[] = [];
  const outcomes: ProbeOutcome[] = [];
  const probes = new ProbeRunner({
    clock,
    metrics: new Metrics(),
    exec: (_id, [name = '']) => {
      tried.push(name);
      return Promise.resolve(answers.get(name) === true ? passed() : failed('no'));
    },
    onFailure: () => undefined,
  });
  const target = {
    pod,
    container,
    containerId: 'c1',
    startedAtMs: clock.now(),
    podIP: '127.0.0.1',
  };
  const sync = (initial?: ProbeOutcome): void => {
    probes.sync('uid', [{ ...target, initial }], (_id, outcome) => outcomes.push(outcome));
  };
  const stop = (): void => {
    probes.sync('uid', [], () => undefined);
  };
  return { clock, answers, tried, outcomes, sync, stop };
}

test('probe runner holds other probes back until the startup probe has passed', async () => {
  const { clock, answers, tried, outcomes, sync, stop } = runner();
  sync();
  await advanceSeconds(clock, 1);
  assert.deepEqual(new Set(tried), new Set(['startup']));
  answers.set('startup', true).set('readiness', true).set('liveness', true);
  await advanceSeconds(clock, 3);
  const startups = tried.filter((name) => name === 'startup').length;
  assert.deepEqual(outcomes.at(-1), { started: true, ready: true });
  await advanceSeconds(clock, 3);
  assert.equal(tried.filter((name) => name === 'startup').length, startups);
  answers.set('readiness', false);
  await advanceSeconds(clock, 2);
  assert.deepEqual(outcomes.at(-1), { started: true, ready: false });
  answers.set('liveness', false);
  await advanceSeconds(clock, 3);
  assert.deepEqual(outcomes.at(-1)?.unhealthy, { probe: 'liveness', message: 'no' });
  stop();
  assert.equal(clock.pendingTimers, 0);
});

test('probe runner says that a container never started', async () => {
  const { clock, outcomes, sync, stop } = runner();
  sync();
  await advanceSeconds(clock, 4);
  stop();
  assert.deepEqual(outcomes, [{ unhealthy: { probe: 'startup', message: 'no' } }]);
});

test('probe runner does not start over with a container it takes over or has already', async () => {
  const { clock, answers, tried, outcomes, sync, stop } = runner();
  answers.set('readiness', true).set('liveness', true);
  sync({ started: true, ready: true });
  sync();
  await advanceSeconds(clock, 3);
  stop();
  assert.equal(tried.includes('startup'), false);
  assert.equal(tried.filter((name) => name === 'liveness').length, 4);
  assert.equal(
    outcomes.some(({ ready }) => ready === false),
    false,
  );
});

async function withServer(
  answer: (request: http.IncomingMessage, response: http.ServerResponse) => void,
  use: (port: number) => Promise<void>,
): Promise<void> {
  const server = http.createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await use((server.address() as AddressInfo).port);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

test('HTTP probe judges by status, follows redirects on its host and sends its headers', async () => {
  const seen: (string | undefined)[] = [];
  const answer = (request: http.IncomingMessage, response: http.ServerResponse): void => {
    seen.push(request.headers['x-probe'] as string | undefined);
    const path = request.url ?? '';
    const redirects: Record<string, string> = {
      '/away': 'http://elsewhere.invalid/',
      '/there': '/ok',
      '/broken': '/500',
      '/round': '/round',
    };
    const location = redirects[path];
    if (location !== undefined) response.writeHead(302, { location }).end();
    else response.writeHead(path === '/ok' ? 204 : Number(path.slice(1))).end();
  };
  await withServer(answer, async (port) => {
    const cases = [
      ['/ok', true],
      ['ok', true],
      ['/200', true],
      ['/399', true],
      ['/400', false],
      ['/500', false],
      ['/away', true],
      ['/there', true],
      ['/broken', false],
      ['/round', false],
    ] as const;
    for (const [path, success] of cases) {
      const action = { port, path, httpHeaders: [{ name: 'X-Probe', value: 'yes' }] };
      const options = { container, podIP: '127.0.0.1', signal: new AbortController().signal };
      assert.equal((await checkHttp(action, options)).success, success, path);
    }
    assert.deepEqual(new Set(seen), new Set(['yes']));
  });
});

test('HTTP and TCP probes fail where nobody listens, and end with their signal', async () => {
  let free = 0;
  await withServer(
    (_request, response) => void response.end(),
    async (port) => {
      free = port;
      const open = await checkTcp({ host: '127.0.0.1', port }, new AbortController().signal);
      assert.ok(open.success);
    },
  );
  const signal = new AbortController().signal;
  const options = { container, podIP: '127.0.0.1', signal };
  assert.equal((await checkHttp({ port: free }, options)).success, false);
  assert.equal((await checkTcp({ host: '127.0.0.1', port: free }, signal)).success, false);
  await withServer(
    () => undefined,
    async (port) => {
      const over = new AbortController();
      const result = checkHttp({ port }, { ...options, signal: over.signal });
      over.abort();
      assert.match((await result).message, /deadline exceeded/);
    },
  );
});

test('probe ports are numbers or names of the container’s ports', () => {
  assert.equal(portNumber(80, container), 80);
  assert.equal(portNumber('web', container), 8080);
  assert.equal(portNumber('9090', container), 9090);
  assert.equal(portNumber('other', container), undefined);
});
