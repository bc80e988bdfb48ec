import assert from 'node:assert/strict';
import test from 'node:test';
import type { ServiceCIDR } from '../../api/networking/v1/types.js';
import { systemRandom } from '../../machinery/clock/random.js';
import { ServiceRanges, addressRange } from './service-ranges.js';
import { addressFromNumber, numberFromAddress } from '../../api/validation/addresses.js';

const range = (
  name: string,
  cidr: string,
  { ready, deleting = false }: { ready?: boolean; deleting?: boolean } = {},
): ServiceCIDR => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'ServiceCIDR',
  metadata: {
    name,
    uid: name,
    creationTimestamp: '',
    resourceVersion: '1',
    ...(deleting ? { deletionTimestamp: '2030-01-01T00:00:00Z' } : {}),
  },
  spec: { cidrs: [cidr] },
  status:
    ready === undefined
      ? {}
      : {
          conditions: [
            {
              type: 'Ready',
              status: ready ? 'True' : 'False',
              reason: '',
              message: '',
              lastTransitionTime: '',
            },
          ],
        },
});

const make = (configured = '10.0.0.0/29'): ServiceRanges =>
  new ServiceRanges({ configured, random: systemRandom });

const contains = (ranges: ServiceRanges, address: string): boolean =>
  ranges.contains(numberFromAddress(address) ?? 0);

test('a range has neither its first nor its last address', () => {
  const { first = 0, last = 0 } = addressRange('10.96.0.0/12') ?? {};
  assert.equal(addressFromNumber(first), '10.96.0.1');
  assert.equal(addressFromNumber(last), '10.111.255.254');
  assert.equal(addressRange('fd00::/64'), undefined);
  assert.equal(addressRange('10.0.0.0/31'), undefined);
});

test('a ServiceCIDR gives addresses while it is ready and nobody deletes it', () => {
  const ranges = make();
  const states = [
    { state: range('extra', '10.9.0.0/24'), given: false },
    { state: range('extra', '10.9.0.0/24', { ready: true }), given: true },
    { state: range('extra', '10.9.0.0/24', { ready: false }), given: false },
    { state: range('extra', '10.9.0.0/24', { ready: true }), given: true },
    { state: range('extra', '10.9.0.0/24', { ready: true, deleting: true }), given: false },
    { state: undefined, given: false },
  ];
  let previous: ServiceCIDR | undefined;
  for (const { state, given } of states) {
    ranges.changed(state, previous);
    previous = state;
    assert.equal(contains(ranges, '10.9.0.7'), given, JSON.stringify(state));
  }
  assert.equal(contains(ranges, '10.0.0.3'), true);
});

test('a range named twice gives addresses while one of the two is ready', () => {
  const ranges = make();
  const [one, two] = ['one', 'two'].map((name) => range(name, '10.9.0.0/24', { ready: true }));
  ranges.changed(one, undefined);
  ranges.changed(two, undefined);
  ranges.changed(range('one', '10.9.0.0/24', { ready: true, deleting: true }), one);
  assert.equal(contains(ranges, '10.9.0.7'), true);
  ranges.changed(undefined, two);
  assert.equal(contains(ranges, '10.9.0.7'), false);
});

test('the configured range gives addresses before its ServiceCIDR is ready, and not while that one is deleted', () => {
  const ranges = make();
  const created = range('kubernetes', '10.0.0.0/29');
  ranges.changed(created, undefined);
  assert.equal(contains(ranges, '10.0.0.3'), true);
  const deleted = range('kubernetes', '10.0.0.0/29', { ready: true, deleting: true });
  ranges.changed(deleted, created);
  assert.equal(contains(ranges, '10.0.0.3'), false);
  assert.equal(ranges.takeAny('a'), undefined);
  ranges.changed(undefined, deleted);
  assert.equal(contains(ranges, '10.0.0.3'), true);
});

test('a full range is followed by the next, and no address is given twice where ranges overlap', () => {
  const ranges = make('10.0.0.0/29');
  ranges.changed(range('wider', '10.0.0.0/28', { ready: true }), undefined);
  const given = new Set<number>();
  for (let count = 0; count < 14; count += 1) {
    const number = ranges.takeAny(`owner ${String(count)}`);
    assert.ok(number !== undefined && !given.has(number));
    given.add(number);
  }
  assert.equal(ranges.takeAny('another'), undefined);
});

test('an address stays held when its range is gone, until its owner gives it back', () => {
  const ranges = make();
  const extra = range('extra', '10.9.0.0/24', { ready: true });
  const number = numberFromAddress('10.9.0.7') ?? 0;
  ranges.changed(extra, undefined);
  assert.equal(ranges.held.take(number, 'a'), true);
  ranges.changed(undefined, extra);
  ranges.changed(extra, undefined);
  assert.equal(ranges.held.take(number, 'b'), false);
  ranges.held.release(number, 'b');
  assert.equal(ranges.held.isHeldBy(number, 'a'), true);
  ranges.held.release(number, 'a');
  assert.equal(ranges.held.take(number, 'b'), true);
});
