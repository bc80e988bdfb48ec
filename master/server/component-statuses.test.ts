import assert from 'node:assert/strict';
import test from 'node:test';
import { hasReason } from '../../api/meta/status-error.js';
import type { ApiRequest } from './api-request.js';
import { componentStatusHandler } from './component-statuses.js';
import { resourceRequestOf } from './request-info.js';

const handler = componentStatusHandler([
  { name: 'scheduler', check: () => undefined },
  { name: 'etcd-0', check: () => Promise.reject(new Error('connection refused')) },
]);
const ask = (path: string, query = new URLSearchParams()) =>
  handler({ target: resourceRequestOf('GET', path, query), query } as unknown as ApiRequest);
const all = '/api/v1/componentstatuses';

test('component statuses say how each part is', async () => {
  const answer = await ask(all);
  assert.ok(answer.type === 'list');
  assert.deepEqual(
    answer.page.items.map(({ object }) => object),
    [
      { name: 'scheduler', status: 'True', message: 'ok' },
      { name: 'etcd-0', status: 'False', message: 'connection refused' },
    ].map(({ name, status, message }) => ({
      kind: 'ComponentStatus',
      apiVersion: 'v1',
      metadata: { name },
      conditions: [{ type: 'Healthy', status, message }],
    })),
  );
});

test('component status of one part is answered by its name', async () => {
  const answer = await ask(`${all}/scheduler`);
  assert.ok(answer.type === 'object');
  assert.equal(answer.object.metadata.name, 'scheduler');
  await assert.rejects(ask(`${all}/nobody`), (error) => hasReason(error, 'NotFound'));
});

test('component statuses can be selected by name', async () => {
  const answer = await ask(all, new URLSearchParams({ fieldSelector: 'metadata.name=etcd-0' }));
  assert.ok(answer.type === 'list');
  assert.deepEqual(
    answer.page.items.map(({ name }) => name),
    ['etcd-0'],
  );
});
