import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileIn } from '../v1/expressions.js';
import { AuthorizerValue } from './authorizer.js';
import type { AccessQuestion } from './authorizer.js';

test('authorizer asks about what a field selector leaves', () => {
  const asked: AccessQuestion[] = [];
  const authorizer = new AuthorizerValue((question) => {
    asked.push(question);
    return { allowed: true, reason: '' };
  });
  const program = compileIn(
    'authorizer.group("").resource("pods").fieldSelector("spec.nodeName=a").labelSelector("x=y").check("list").allowed()',
    { params: false, namespaceObject: false, authorizer: true, variables: undefined },
    'bool',
  );
  assert.equal(program.evaluate({ authorizer }), true);
  const [question] = asked;
  assert.equal(question?.verb, 'list');
  assert.equal(question.resource?.fieldSelector, 'spec.nodeName=a');
});
