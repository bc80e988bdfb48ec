import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, refusals, row, storedAs } from '../../schema/drafts.test.js';
import { priorityClasses } from './priority-class.js';

const made = (fields: object, name = 'high') => created(priorityClasses, fields, { name });
const reserved = (why: string): string =>
  `metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: ${why}`;

const refused: readonly (readonly [object, string, readonly string[]])[] = [
  [{ value: 1_000_000_000 }, 'high', []],
  [{ value: 2_000_000_000 }, 'system-cluster-critical', []],
  [
    { value: 1_000_000_001 },
    'high',
    ['value: Forbidden: maximum allowed value of a user defined priority is 1000000000'],
  ],
  [{ value: 1 }, 'system-mine', [reserved('system-mine is not a known system priority class')]],
  [
    { value: 1 },
    'system-node-critical',
    [reserved('value of system-node-critical PriorityClass must be 2000001000')],
  ],
  [
    { value: 2_000_001_000, globalDefault: true },
    'system-node-critical',
    [reserved('globalDefault of system-node-critical PriorityClass must be false')],
  ],
  [
    { preemptionPolicy: 'Always' },
    'high',
    [
      'preemptionPolicy: Unsupported value: "Always": supported values: "PreemptLowerPriority", "Never"',
    ],
  ],
];

test('priority classes refuse what belongs to the system, in the words of Kubernetes', () => {
  for (const [fields, name, expected] of refused) {
    assert.deepEqual(refusals(priorityClasses.validate(made(fields, name))), expected);
  }
});

test('priority classes keep their value', () => {
  const stored = storedAs(made({ value: 5 }));
  assert.equal(stored.preemptionPolicy, 'PreemptLowerPriority');
  assert.equal(stored.metadata.generation, 1);
  const next = { ...structuredClone(stored), value: 6, description: 'new' };
  assert.deepEqual(refusals(priorityClasses.validateUpdate?.(next, stored)), [
    'value: Forbidden: may not be changed in an update.',
  ]);
});

test('priority classes show their value', () => {
  assert.deepEqual(row(priorityClasses, made({ value: 5 })), {
    Name: 'high',
    Value: 5,
    'Global-Default': false,
    Age: '10m',
    PreemptionPolicy: 'PreemptLowerPriority',
  });
});
