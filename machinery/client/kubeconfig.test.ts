import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { kubeconfigText } from '../certificates/kubeconfig-text.js';
import { KubeconfigError, readKubeconfig } from './kubeconfig.js';

function withFile<T>(text: string, use: (file: string) => T): T {
  const folder = mkdtempSync(path.join(tmpdir(), 'pintle-kubeconfig-'));
  try {
    const file = path.join(folder, 'admin.conf');
    writeFileSync(file, text);
    return use(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('kubeconfig written is read back the same', () => {
  const options = {
    serverUrl: 'https://127.0.0.1:6443',
    caPem: 'CA',
    userName: 'admin',
    certificatePem: 'CERT',
    keyPem: 'KEY',
  };
  const { serverUrl, caPem, certificatePem, keyPem } = withFile(
    kubeconfigText(options),
    readKubeconfig,
  );
  assert.deepEqual({ serverUrl, caPem, certificatePem, keyPem, userName: 'admin' }, options);
});

const cases = [
  ['that is not YAML', 'a: [', /admin.conf: /],
  ['without its fields', 'clusters: 3', /current-context/],
  [
    'without its current context',
    'current-context: x\nclusters: []\nusers: []\ncontexts: []',
    /there is no context x/,
  ],
  [
    'that names a file which is missing',
    [
      'current-context: x',
      'clusters: [{name: c, cluster: {server: "https://h", certificate-authority: gone.pem}}]',
      'users: [{name: u, user: {}}]',
      'contexts: [{name: x, context: {cluster: c, user: u}}]',
    ].join('\n'),
    /gone.pem/,
  ],
] as const;

for (const [name, text, message] of cases) {
  test(`kubeconfig ${name} is refused with the reason`, () => {
    withFile(text, (file) => {
      assert.throws(
        () => readKubeconfig(file),
        (error) => error instanceof KubeconfigError && message.test(error.message),
      );
    });
  });
}
