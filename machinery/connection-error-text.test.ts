import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';
import { connectionErrorText } from './connection-error-text.js';

const failure = (code: string, more: object = {}): Error =>
  Object.assign(new Error(`what Node says of ${code}`), { code, ...more });

test('connection error text is what Go says of the same failure', () => {
  const peer = { address: '10.0.0.1', port: 80 };
  const cases = [
    [failure('ECONNREFUSED', peer), 'dial tcp 10.0.0.1:80: connect: connection refused'],
    [
      failure('EHOSTUNREACH', { address: 'fd00::1', port: 80 }),
      'dial tcp [fd00::1]:80: connect: no route to host',
    ],
    [failure('ENETUNREACH'), 'dial tcp: connect: network is unreachable'],
    [
      failure('ENOTFOUND', { hostname: 'none.example' }),
      'dial tcp: lookup none.example: no such host',
    ],
    [failure('ECONNRESET'), 'EOF'],
    [
      failure('DEPTH_ZERO_SELF_SIGNED_CERT'),
      'tls: failed to verify certificate: x509: certificate signed by unknown authority',
    ],
    [failure('EOTHER'), 'what Node says of EOTHER'],
    ['thrown text', 'thrown text'],
  ] as const;
  for (const [error, text] of cases) assert.equal(connectionErrorText(error), text);
});

test('connection error text finds the address in what Node reports', async () => {
  const error = await new Promise((resolve) => {
    net.connect({ host: '127.0.0.1', port: 1 }).once('error', resolve);
  });
  assert.equal(connectionErrorText(error), 'dial tcp 127.0.0.1:1: connect: connection refused');
});
