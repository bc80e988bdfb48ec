import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, refusals, row } from '../../schema/drafts.test.js';
import { podDisruptionBudgets } from './pod-disruption-budget.js';

const made = (spec: object) => created(podDisruptionBudgets, { spec: { selector: {}, ...spec } });

const refused: readonly (readonly [object, readonly string[]])[] = [
  [{}, []],
  [{ maxUnavailable: '100%', unhealthyPodEvictionPolicy: 'AlwaysAllow' }, []],
  [
    { minAvailable: 1, maxUnavailable: 1 },
    ['spec: Invalid value: {…}: minAvailable and maxUnavailable cannot be both set'],
  ],
  [
    { minAvailable: -1 },
    ['spec.minAvailable: Invalid value: -1: must be greater than or equal to 0'],
  ],
  [
    { minAvailable: '110%' },
    ['spec.minAvailable: Invalid value: "110%": must not be greater than 100%'],
  ],
  [
    { minAvailable: 'few' },
    [
      "spec.minAvailable: Invalid value: \"few\": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
    ],
  ],
  [
    { selector: { matchExpressions: [{ key: 'a', operator: 'Likes' }] } },
    [
      'spec.selector.matchExpressions[0].operator: Invalid value: "Likes": not a valid selector operator',
    ],
  ],
  [
    { unhealthyPodEvictionPolicy: 'Never' },
    [
      'spec.unhealthyPodEvictionPolicy: Unsupported value: "Never": supported values: "AlwaysAllow", "IfHealthyBudget"',
    ],
  ],
];

test('disruption budgets refuse malformed specs in the words of Kubernetes', () => {
  for (const [spec, expected] of refused) {
    const object = made(spec);
    assert.deepEqual(refusals(podDisruptionBudgets.validate(object)), expected);
  }
});

test('disruption budgets begin with nothing to give and show what they ask for', () => {
  const object = made({ maxUnavailable: '30%' });
  assert.deepEqual(object.status, {
    disruptionsAllowed: 0,
    currentHealthy: 0,
    desiredHealthy: 0,
    expectedPods: 0,
  });
  assert.deepEqual(row(podDisruptionBudgets, object), {
    Name: 'a',
    'Min Available': 'N/A',
    'Max Unavailable': '30%',
    'Allowed Disruptions': 0,
    Age: '10m',
  });
});

test('the counters of a disruption budget are not negative', () => {
  const object = made({});
  object.status.expectedPods = -1;
  assert.deepEqual(refusals(podDisruptionBudgets.validateStatusUpdate?.(object, made({}))), [
    'status.expectedPods: Invalid value: -1: must be greater than or equal to 0',
  ]);
});
