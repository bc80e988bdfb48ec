import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authorizersInTurn } from './authorizer.js';
import type { Authorization, Decision } from './authorizer.js';

const user = { username: 'jane', groups: ['people'] };
const says =
  (decision: Decision): Authorization =>
  () =>
    decision;
const saysLater =
  (decision: Decision): Authorization =>
  () =>
    Promise.resolve(decision);

const yes: Decision = { allowed: true, reason: 'yes' };
const no: Decision = { allowed: false, reason: 'not mine' };
const never: Decision = { allowed: false, denied: true, reason: 'never' };
const broken: Decision = { allowed: false, reason: '', error: 'out of order' };

const cases: readonly {
  readonly name: string;
  readonly asked: readonly Decision[];
  readonly expected: Decision;
}[] = [
  { name: 'nobody refuse', asked: [], expected: { allowed: false, reason: '' } },
  { name: 'one that allows allow', asked: [no, yes, never], expected: yes },
  {
    name: 'a denial ask nobody after it',
    asked: [no, never, yes],
    expected: { allowed: false, denied: true, reason: 'not mine\nnever' },
  },
  { name: 'a failure let others allow', asked: [broken, yes], expected: yes },
  {
    name: 'failures and reasons tell all of them',
    asked: [broken, no, broken],
    expected: { allowed: false, reason: 'not mine', error: 'out of order, out of order' },
  },
];

for (const { name, asked, expected } of cases) {
  test(`authorizers in turn with ${name}, whether answers take time or not`, async () => {
    const request = { user, verb: 'get', path: '/x' };
    assert.deepEqual(authorizersInTurn(asked.map(says))(request), expected);
    assert.deepEqual(await authorizersInTurn(asked.map(saysLater))(request), expected);
    const mixed = asked.map((decision, index) => (index % 2 === 0 ? says : saysLater)(decision));
    assert.deepEqual(await authorizersInTurn(mixed)(request), expected);
  });
}

test('authorizers in turn let the privileged group pass without asking anybody', () => {
  const root = { username: 'root', groups: ['system:masters'] };
  assert.equal(
    (authorizersInTurn([says(never)])({ user: root, verb: 'get', path: '/x' }) as Decision).allowed,
    true,
  );
});
