import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isStatusError } from '../../api/meta/status-error.js';
import { decodeContinueToken, encodeContinueToken } from './continue-token.js';

test('a continue token survives its encoding', () => {
  const tokens = [
    { revision: 7, start: 'default/a' },
    { revision: undefined, start: 'a' },
  ];
  for (const token of tokens) {
    assert.deepEqual(decodeContinueToken(encodeContinueToken(token)), token);
  }
});

const tokenOf = (value: unknown): string =>
  Buffer.from(JSON.stringify(value)).toString('base64url');

const v = 'meta.k8s.io/v1';

test('a broken continue token is refused in the words of Kubernetes', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['garbage', ": invalid character '\\u0081' looking for beginning of value"],
    ['a b', ': illegal base64 data at input byte 1'],
    [tokenOf(7), ''],
    [tokenOf({ v: 'v2', rv: 1, start: 'a' }), ': server does not recognize this encoded version'],
    [
      tokenOf({ v, rv: 0, start: 'a' }),
      ': incorrect encoded start resourceVersion (version meta.k8s.io/v1)',
    ],
    [tokenOf({ v, rv: 1 }), ': encoded start key empty (version meta.k8s.io/v1)'],
    [tokenOf({ v, rv: 1, start: '../secrets/a' }), ': ../secrets/a'],
  ];
  for (const [token, why] of cases) {
    const message = `invalid continue token: continue key is not valid${why}`;
    assert.throws(() => decodeContinueToken(token), { message }, token);
  }
});

test('whatever a client sends as a continue token, it hears a 400 or is understood', () => {
  const property = fc.property(fc.oneof(fc.string(), fc.base64String()), (text) => {
    try {
      decodeContinueToken(text);
    } catch (error) {
      assert.ok(isStatusError(error) && error.code === 400);
    }
  });
  fc.assert(property, { numRuns: 300 });
});
