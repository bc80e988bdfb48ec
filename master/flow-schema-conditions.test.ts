import assert from 'node:assert/strict';
import test from 'node:test';
import type { FlowSchema } from '../api/flowcontrol/v1/types.js';
import { danglingCondition } from './flow-schema-conditions.js';

const schemaWith = (conditions: FlowSchema['status']['conditions']) =>
  ({
    spec: { priorityLevelConfiguration: { name: 'low' } },
    status: conditions === undefined ? {} : { conditions },
  }) as FlowSchema;

test('FlowSchema is dangling while its level is missing, and the change is dated', () => {
  const missing = danglingCondition(schemaWith(undefined), false, 't1');
  assert.deepEqual(missing, {
    type: 'Dangling',
    status: 'True',
    lastTransitionTime: 't1',
    reason: 'NotFound',
    message:
      'This FlowSchema references the PriorityLevelConfiguration object named "low" but there is no such object',
  });
  assert.equal(danglingCondition(schemaWith([missing]), false, 't2'), undefined);
  const found = danglingCondition(schemaWith([missing]), true, 't2');
  assert.deepEqual(
    [found?.status, found?.reason, found?.lastTransitionTime],
    ['False', 'Found', 't2'],
  );
});
