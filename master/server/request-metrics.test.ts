import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Metrics } from '../../machinery/metrics/metrics.js';
import { maxAnswerLabels } from './limits.js';
import { resourceRequestOf } from './request-info.js';
import { createRequestMetrics } from './request-metrics.js';

const noQuery = new URLSearchParams();
const pods = '/api/v1/namespaces/n/pods';

async function linesAfter(paths: readonly string[]): Promise<readonly string[]> {
  const metrics = new Metrics();
  const requests = createRequestMetrics(metrics, ({ plural }) => plural === 'pods');
  for (const path of paths) requests.answered(resourceRequestOf('GET', path, noQuery), 200, 5);
  const { body } = await metrics.render();
  return body.split('\n').filter((line) => !line.startsWith('#') && line !== '');
}

test('request metrics tell answers apart by what was asked for', async () => {
  const lines = await linesAfter([pods, pods, `${pods}/p`, '/apis/made.up/v1/things', '/version']);
  const totals = lines.filter((line) => line.startsWith('apiserver_request_total'));
  assert.deepEqual(totals.sort(), [
    'apiserver_request_total{verb="GET",group="",version="v1",resource="pods",subresource="",code="200"} 1',
    'apiserver_request_total{verb="LIST",group="",version="v1",resource="pods",subresource="",code="200"} 2',
    'apiserver_request_total{verb="OTHER",group="",version="",resource="",subresource="",code="200"} 2',
  ]);
  const counts = lines.filter((line) => line.includes('duration_seconds_count'));
  assert.equal(counts.length, 2);
});

test('request metrics stay bounded whatever names clients make up', async () => {
  const madeUp = Array.from(
    { length: maxAnswerLabels + 5 },
    (_, turn) => `${pods}/p/x${String(turn)}`,
  );
  const lines = await linesAfter(madeUp);
  const totals = lines.filter((line) => line.startsWith('apiserver_request_total'));
  assert.equal(totals.length, maxAnswerLabels + 1);
  assert.ok(totals.some((line) => line.includes('verb="OTHER"') && line.endsWith(' 5')));
});

test('request metrics tell the most requests there were at a time', async () => {
  const metrics = new Metrics();
  const { inFlight, settle } = createRequestMetrics(metrics, () => true);
  const figure = async (): Promise<string | undefined> => {
    settle();
    const { body } = await metrics.render();
    return /^apiserver_current_inflight_requests\{request_kind="readOnly"\} (.*)$/m.exec(body)?.[1];
  };
  inFlight.readOnly.begin();
  inFlight.readOnly.begin();
  inFlight.readOnly.end();
  assert.equal(await figure(), '2');
  assert.equal(await figure(), '1');
});
