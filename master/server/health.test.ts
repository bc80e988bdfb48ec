import assert from 'node:assert/strict';
import test from 'node:test';
import { createHealthSlis } from './health-slis.js';
import { runChecks, startCheck } from './health.js';
import type { HealthCheck } from './health.js';

const well: HealthCheck = { name: 'ping', check: () => undefined };
const ill: HealthCheck = { name: 'etcd', check: () => Promise.reject(new Error('disk full')) };
const common = { endpoint: 'livez', verbose: false, exclude: [] };

const cases = [
  { what: 'says ok', checks: [well], asked: {}, status: 200, text: 'ok' },
  {
    what: 'names every check when asked',
    checks: [well],
    asked: { verbose: true },
    status: 200,
    text: '[+]ping ok\nlivez check passed\n',
  },
  {
    what: 'names every check when one fails, and keeps the reason for the log',
    checks: [well, ill],
    asked: {},
    status: 500,
    text: '[+]ping ok\n[-]etcd failed: reason withheld\nlivez check failed\n',
  },
  {
    what: 'leaves out what is excluded',
    checks: [well, ill],
    asked: { exclude: ['etcd'], verbose: true },
    status: 200,
    text: '[+]ping ok\n[+]etcd excluded: ok\nlivez check passed\n',
  },
  {
    what: 'says which names are no checks',
    checks: [well],
    asked: { exclude: ['x', 'b'], verbose: true },
    status: 200,
    text: '[+]ping ok\nwarn: some health checks cannot be excluded: no matches for "b","x"\nlivez check passed\n',
  },
];

for (const { what, checks, asked, status, text } of cases) {
  test(`health report ${what}`, async () => {
    const report = await runChecks(checks, { ...common, ...asked });
    assert.deepEqual({ status: report.status, text: report.text }, { status, text });
  });
}

test('start check fails until the start is over', async () => {
  const check = startCheck('poststarthook/x');
  assert.equal((await runChecks([check], common)).failures[0]?.check.isOfStart, true);
  check.done();
  assert.equal((await runChecks([check], common)).text, 'ok');
});

test('health checks that were run are told as SLIs', async () => {
  const slis = createHealthSlis();
  slis.note('livez', 'ping', true);
  slis.note('readyz', 'etcd', true);
  slis.note('readyz', 'etcd', false);
  const { body } = await slis.render();
  for (const line of [
    'kubernetes_healthcheck{name="ping",type="livez"} 1',
    'kubernetes_healthcheck{name="etcd",type="readyz"} 0',
    'kubernetes_healthchecks_total{name="etcd",type="readyz",status="success"} 1',
    'kubernetes_healthchecks_total{name="etcd",type="readyz",status="error"} 1',
  ]) {
    assert.ok(body.includes(line), `${line} in ${body}`);
  }
});
