import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { KubeconfigError } from './kubeconfig.js';
import { readWebhookCredentials } from './webhook-credentials.js';

function withFile<T>(text: string, use: (file: string) => T): T {
  const folder = mkdtempSync(path.join(tmpdir(), 'pintle-webhook-'));
  try {
    const file = path.join(folder, 'hooks.conf');
    writeFileSync(file, text);
    writeFileSync(path.join(folder, 'token'), 'from-file\n');
    return use(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const users = `
users:
- {name: a.example.com, user: {token: exact}}
- {name: 'a.example.com:8443', user: {token: port}}
- {name: '*.example.com', user: {tokenFile: token}}
- {name: '*.n.svc', user: {username: u, password: p}}
`;

for (const [host, expected] of [
  ['a.example.com', { token: 'exact' }],
  ['a.example.com:8443', { token: 'port' }],
  ['b.c.example.com', { token: 'from-file' }],
  ['hook.n.svc', { basic: { username: 'u', password: 'p' } }],
  ['elsewhere', undefined],
] as const) {
  test(`webhook credentials for ${host} are those of the closest name`, () => {
    const found = withFile(users, readWebhookCredentials)(host);
    const given = Object.entries(found ?? {}).filter(([, value]) => value !== undefined);
    assert.deepEqual(found === undefined ? undefined : Object.fromEntries(given), expected);
  });
}

test('webhook credentials that cannot be read are refused with the reason', () => {
  const missing = 'users: [{name: x, user: {client-certificate: gone.pem}}]';
  for (const text of ['a: [', 'users: 3', missing]) {
    withFile(text, (file) => {
      assert.throws(() => readWebhookCredentials(file), KubeconfigError);
    });
  }
});
