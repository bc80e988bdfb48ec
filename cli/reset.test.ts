import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rulesWithoutOurs } from './reset.js';

test('reset takes our chains and the rules that lead to them out of the firewall, and no others', () => {
  const saved = [
    '*filter',
    ':FORWARD DROP [0:0]',
    ':DOCKER-USER - [0:0]',
    ':KUBE-FORWARD - [0:0]',
    '-A FORWARD -m comment --comment "kubernetes forwarding" -j KUBE-FORWARD',
    '-A FORWARD -j DOCKER-USER',
    '-A KUBE-FORWARD -j ACCEPT',
    'COMMIT',
    '*nat',
    ':PREROUTING ACCEPT [0:0]',
    ':KUBE-SERVICES - [0:0]',
    ':KUBE-SVC-1 - [0:0]',
    '-A PREROUTING -j KUBE-SERVICES',
    '-A KUBE-SERVICES -d 10.96.0.1/32 -j KUBE-SVC-1',
    'COMMIT',
    '*mangle',
    ':PREROUTING ACCEPT [0:0]',
    'COMMIT',
    '',
  ].join('\n');
  assert.deepEqual(rulesWithoutOurs(saved).split('\n'), [
    '*filter',
    '-D FORWARD -m comment --comment "kubernetes forwarding" -j KUBE-FORWARD',
    '-F KUBE-FORWARD',
    '-X KUBE-FORWARD',
    'COMMIT',
    '*nat',
    '-D PREROUTING -j KUBE-SERVICES',
    '-F KUBE-SERVICES',
    '-F KUBE-SVC-1',
    '-X KUBE-SERVICES',
    '-X KUBE-SVC-1',
    'COMMIT',
    '',
  ]);
});
