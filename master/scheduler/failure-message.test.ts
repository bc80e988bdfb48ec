import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureMessage } from './failure-message.js';
import { makePod } from './fixtures.test.js';
import type { Rejection } from './plugins/plugin.js';

const short: Rejection = {
  plugin: 'NodeResourcesFit',
  reasons: ['Insufficient cpu', 'Too many pods'],
  unresolvable: false,
};
const tainted: Rejection = {
  plugin: 'TaintToleration',
  reasons: ['node(s) had untolerated taint(s)'],
  unresolvable: true,
};

const messages: readonly (readonly [
  string,
  readonly Rejection[],
  { readonly preemptionPolicy?: 'Never' },
  string,
])[] = [
  ['of no nodes', [], {}, 'no nodes available to schedule pods'],
  [
    'counts reasons and what preemption would do, in order of their text',
    [tainted, short, tainted],
    {},
    '0/3 nodes are available: 1 Insufficient cpu, 1 Too many pods, 2 node(s) had untolerated taint(s). ' +
      'no new claims to deallocate, preemption: 0/3 nodes are available: ' +
      '1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.',
  ],
  [
    'of a pod that takes the place of no other',
    [short],
    { preemptionPolicy: 'Never' },
    '0/1 nodes are available: 1 Insufficient cpu, 1 Too many pods. ' +
      'no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never.',
  ],
];

for (const [name, rejections, spec, message] of messages) {
  test(`failure message ${name}`, () => {
    assert.equal(failureMessage(rejections, makePod('web', { spec })), message);
  });
}
