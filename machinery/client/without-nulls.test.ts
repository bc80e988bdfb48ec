import assert from 'node:assert/strict';
import test from 'node:test';
import { parseAnswer, withoutNulls } from './without-nulls.js';

test('nulls end at the door of the client', () => {
  const text = '{"a":null,"b":{"c":null,"d":[1,null,{"e":null,"f":2}]},"g":":null"}';
  assert.deepEqual(parseAnswer(text), { b: { d: [1, null, { f: 2 }] }, g: ':null' });
});

test('a value without nulls is given as it is', () => {
  const value = { a: [{ b: 1 }], c: '' };
  assert.equal(withoutNulls(value), value);
});

test('a member with the name of the prototype stays a member', () => {
  const value = parseAnswer('{"__proto__":{"a":null},"b":null}') as object;
  assert.deepEqual(Object.keys(value), ['__proto__']);
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
});
