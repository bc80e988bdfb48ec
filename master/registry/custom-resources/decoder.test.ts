import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonSchema } from '../../../api/apiextensions/schema/json-schema.js';
import { DecodeError } from '../codec.js';
import { customDecoder } from './decoder.js';

const schema: JsonSchema = {
  type: 'object',
  properties: {
    list: {
      type: 'array',
      items: {
        type: 'object',
        'x-kubernetes-embedded-resource': true,
        'x-kubernetes-preserve-unknown-fields': true,
      },
    },
  },
};

const decode = (embedded: object) =>
  customDecoder(schema)({ apiVersion: 'e.com/v1', kind: 'W', list: [embedded] });

test('metadata of embedded resources is decoded like any other', () => {
  const { object, unknownFields } = decode({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', creationTimestamp: null, nope: 1 },
    spec: { any: 1 },
  });
  assert.deepEqual(object.list, [
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { any: 1 } },
  ]);
  assert.deepEqual(unknownFields, ['list[0].metadata.nope']);
});

test('embedded resources with metadata of the wrong type are no objects', () => {
  assert.throws(
    () => decode({ apiVersion: 1 }),
    new DecodeError('list[0].apiVersion: Invalid value: 1: must be a string'),
  );
  assert.throws(
    () => decode({ metadata: { labels: { a: 1 } } }),
    new DecodeError(
      'list[0].metadata: Invalid value: {"labels":{"a":1}}: json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string',
    ),
  );
});
