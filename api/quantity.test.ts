import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  addQuantities,
  canonicalMilliQuantity,
  canonicalQuantity,
  compareQuantities,
  formatQuantity,
  isQuantity,
  parseQuantity,
  quantityMilliValue,
  quantityValue,
  subtractQuantities,
} from './quantity.js';

const canonical: readonly [string, string][] = [
  ['1000m', '1'],
  ['0.1', '100m'],
  ['1024Ki', '1Mi'],
  ['1500Mi', '1500Mi'],
  ['1e3', '1e3'],
  ['1E', '1E'],
  ['12e6', '12e6'],
  ['0.5Mi', '512Ki'],
  ['100k', '100k'],
  ['1.5Gi', '1536Mi'],
  ['0', '0'],
  ['0Ki', '0'],
  ['1234567890', '1234567890'],
  ['-1.5', '-1500m'],
  ['.5', '500m'],
  ['5.', '5.'],
  ['+5', '+5'],
  ['+5000', '5k'],
  ['05', '05'],
  ['1.250', '1.250'],
  ['1.25', '1250m'],
  ['0.125', '125m'],
  ['+8Ki', '8Ki'],
  ['+9Ki', '+9Ki'],
  ['1023Ki', '1023Ki'],
  ['0.0001Ki', '102400u'],
  ['1n', '1n'],
  ['0.1n', '1n'],
  ['1e-3', '1e-3'],
  ['9e30', '9e30'],
  ['9000e30', '9223372036854775807'],
];

for (const [text, result] of canonical) {
  test(`quantity ${text} is spelled ${result}`, () => {
    assert.equal(canonicalQuantity(text), result);
  });
}

for (const text of ['', ' ', 'x', '1x', '1.2.3', '--1', '1 Gi', '1KI', 'Ki', '1e', '1mm']) {
  test(`quantity refuses ${JSON.stringify(text)}`, () => {
    assert.equal(isQuantity(text), false);
  });
}

test('quantities in resource lists are rounded up to thousandths', () => {
  assert.equal(canonicalMilliQuantity('1u'), '1m');
  assert.equal(canonicalMilliQuantity('1.0005'), '1001m');
  assert.equal(canonicalMilliQuantity('1.000500'), '1001m');
  assert.equal(canonicalMilliQuantity('+1.500'), '+1.500');
});

test('quantities count whole units and thousandths, rounded up', () => {
  assert.equal(quantityValue('1.2'), 2);
  assert.equal(quantityValue('64Mi'), 67108864);
  assert.equal(quantityMilliValue('250m'), 250);
  assert.equal(quantityMilliValue('0.0001'), 1);
});

test('quantities add and subtract in the format of the first', () => {
  assert.equal(formatQuantity(addQuantities('1Gi', '512Mi')), '1536Mi');
  assert.equal(formatQuantity(addQuantities('0', '512Mi')), '512Mi');
  assert.equal(formatQuantity(subtractQuantities('1', '250m')), '750m');
});

test('quantity survives printing and parsing', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }),
      fc.constantFrom('BinarySI', 'DecimalSI', 'DecimalExponent' as const),
      (nanos, format) => {
        const quantity = { nanos, format: format as 'BinarySI' };
        assert.equal(compareQuantities(parseQuantity(formatQuantity(quantity)), quantity), 0);
      },
    ),
  );
});
