import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FieldPathError, fieldPathIn } from './field-path.js';
import type { JsonSchema } from './json-schema.js';

const schema: JsonSchema = {
  type: 'object',
  properties: {
    spec: { type: 'object', properties: { 'a.b': { type: 'string' }, n: { type: 'integer' } } },
    map: { type: 'object', additionalProperties: { type: 'boolean' } },
  },
};

test('field paths lead through names and keys to a schema', () => {
  for (const [path, text, type] of [
    ['.spec', 'spec', 'object'],
    ['.spec.n', 'spec.n', 'integer'],
    [".spec['a.b']", 'spec.a.b', 'string'],
    [".map['x\\'y']", "map[x'y]", 'boolean'],
    ['.map.x', 'map[x]', 'boolean'],
    ['', '', 'object'],
  ] as const) {
    const found = fieldPathIn(path, schema);
    assert.equal(found.text, text);
    assert.equal(found.schema.type, type);
  }
});

test('field paths that lead nowhere say why', () => {
  for (const [path, why] of [
    ['spec', 'expected [ or . but got: spec'],
    ['.spec.', 'unexpected end of JSON path'],
    ['.spec.x', 'does not refer to a valid field'],
    ['.spec.n.x', 'does not refer to a valid field'],
    ['.spec[', 'unexpected end of JSON path'],
    ['.spec[n]', 'expected single quoted string but got n'],
    [".spec['n'", 'unexpected end of JSON path'],
    [".spec['n'.", 'expected ] but got .'],
    [".spec['\\q']", 'invalid string literal: invalid escape char \\q'],
  ] as const) {
    assert.throws(() => fieldPathIn(path, schema), new FieldPathError(why), path);
  }
  const brackets = (): unknown => fieldPathIn(".spec['n']", schema, { mayBracket: false });
  assert.throws(brackets, new FieldPathError('array notation is not allowed'));
});
