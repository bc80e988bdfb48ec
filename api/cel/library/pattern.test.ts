import assert from 'node:assert/strict';
import test from 'node:test';
import { CelError } from '../values.js';
import { compilePattern } from './pattern.js';

const usual = [
  '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$',
  '^([0-9]{1,3}\\.){3}[0-9]{1,3}$',
  '^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$',
  '^.{1,1000}$',
  '(?i)^\\p{L}{1,253}$',
  '[]a]{2}[^]b\\]]{3}\\Q{9}(\\E',
  '((a{10}){10}){5}',
];

for (const pattern of usual) {
  test(`pattern ${pattern} is compiled`, () => {
    assert.equal(compilePattern(pattern), compilePattern(pattern));
  });
}

/** Each would become millions of instructions, or take seconds. */
const large = [
  'a{1000}'.repeat(100),
  '(a{1000}b{1000}){0,900}',
  '(((a{1,10}){1,10}){1,100}){1,100}',
  '(a|b)*'.repeat(500_000),
  '\\pL'.repeat(30_000),
  '[\\p{L}\\p{N}]'.repeat(3_000),
  '('.repeat(200_000),
  '['.repeat(200_000),
];

for (const pattern of large) {
  test(`pattern ${pattern.slice(0, 20)}… of ${String(pattern.length)} characters is too large`, () => {
    assert.throws(
      () => compilePattern(pattern),
      (error) => error instanceof CelError && error.message.endsWith('expression too large'),
    );
  });
}
