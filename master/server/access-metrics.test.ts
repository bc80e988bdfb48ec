import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Metrics } from '../../machinery/metrics/metrics.js';
import { createAccessMetrics } from './access-metrics.js';

test('access metrics count senders and decisions by few words', async () => {
  const metrics = new Metrics();
  const access = createAccessMetrics(metrics);
  access.authenticated('success', 1, 'jane@example.com');
  access.authenticated('success', 1, 'kubelet');
  access.authenticated('success', 1, 'system:serviceaccount:shop:web');
  access.authenticated('error', 1);
  access.authorized({ allowed: true, reason: '' }, 2);
  access.authorized({ allowed: false, reason: '' }, 2);
  access.authorized({ allowed: false, denied: true, reason: '' }, 2);
  access.authorized({ allowed: false, reason: '', error: 'x' }, 2);
  const { body } = await metrics.render();
  for (const line of [
    'authentication_attempts{result="success"} 3',
    'authentication_attempts{result="error"} 1',
    'authentication_duration_seconds_count{result="success"} 3',
    'authenticated_user_requests{username="email_id"} 1',
    'authenticated_user_requests{username="kubelet"} 1',
    'authenticated_user_requests{username="other"} 1',
    'authorization_attempts_total{result="allowed"} 1',
    'authorization_attempts_total{result="no-opinion"} 1',
    'authorization_attempts_total{result="denied"} 1',
    'authorization_attempts_total{result="error"} 1',
    'authorization_duration_seconds_bucket{le="0.002",result="allowed"} 1',
  ]) {
    assert.ok(body.includes(`${line}\n`), line);
  }
});
