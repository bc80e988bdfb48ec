import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Secret, ServiceAccount } from '../../../api/core/v1/types.js';
import { filled, reconcile } from './reconcile.js';

const caPem = 'CA';
const encode = (text: string): string => Buffer.from(text).toString('base64');
const secretWith = (data: Record<string, string>, uid?: string): Secret => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {
    namespace: 'default',
    name: 's',
    uid: 'secret-uid',
    resourceVersion: '7',
    creationTimestamp: '2026-01-01T00:00:00Z',
    annotations: {
      'kubernetes.io/service-account.name': 'bot',
      ...(uid === undefined ? {} : { 'kubernetes.io/service-account.uid': uid }),
    },
  },
  type: 'kubernetes.io/service-account-token',
  data,
});
const account: ServiceAccount = {
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: {
    namespace: 'default',
    name: 'bot',
    uid: 'bot-uid',
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
  },
};
const whole = { 'ca.crt': encode('CA'), namespace: encode('default'), token: encode('t') };

for (const [name, secret, known, expected] of [
  ['signs a token for an empty Secret', secretWith({}), account, 'effect sign'],
  ['leaves a Secret alone that has all', secretWith(whole, 'bot-uid'), account, ''],
  [
    'puts back what was changed',
    secretWith({ ...whole, namespace: 'x' }, 'bot-uid'),
    account,
    'patch',
  ],
  ['notes whose token it is', secretWith(whole), account, 'patch'],
  [
    'deletes the Secret of an account that was replaced',
    secretWith(whole, 'old'),
    account,
    'delete',
  ],
  ['asks before it takes an account for gone', secretWith(whole), undefined, 'effect orphan'],
] as const) {
  test(`service account token controller ${name}`, () => {
    const { actions } = reconcile({ secret, account: known, caPem });
    const said = actions.map((action) =>
      action.type === 'effect' ? `effect ${action.effect}` : action.type,
    );
    assert.equal(said.join(), expected);
  });
}

test('service account token controller writes over the very state it looked at', () => {
  const [action] = filled({ secret: secretWith({}), account, caPem }, 't');
  assert.ok(action?.type === 'patch');
  assert.deepEqual(action.body, {
    metadata: {
      uid: 'secret-uid',
      resourceVersion: '7',
      annotations: { 'kubernetes.io/service-account.uid': 'bot-uid' },
    },
    data: whole,
  });
});
