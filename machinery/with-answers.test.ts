import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withAnswers } from './with-answers.js';

test('withAnswers gives what the work comes to at once where no answer takes time', () => {
  const doubled = withAnswers(
    (question: number) => question * 2,
    (ask) => ask(1) + ask(2),
  );
  assert.equal(doubled, 6);
});

test('withAnswers runs the work again for each answer that took time, and asks each question once', async () => {
  const asked: number[] = [];
  const runs: number[] = [];
  const sum = withAnswers(
    (question: number) => {
      asked.push(question);
      return question > 1 ? Promise.resolve(question * 2) : question * 2;
    },
    (ask) => {
      runs.push(runs.length);
      return ask(1) + ask(2) + ask(3) + ask(2);
    },
  );
  assert.ok(sum instanceof Promise);
  assert.equal(await sum, 16);
  assert.deepEqual(asked, [1, 2, 1, 3]);
  assert.equal(runs.length, 3);
});

test('withAnswers lets the errors of the work and of the questions pass', async () => {
  assert.throws(
    () =>
      withAnswers(
        () => 1,
        () => {
          throw new TypeError('mine');
        },
      ),
    TypeError,
  );
  await assert.rejects(
    async () =>
      withAnswers(
        () => Promise.reject<number>(new RangeError('far')),
        (ask) => ask(1),
      ),
    RangeError,
  );
});
