import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeObject, isSameBut, spliceRevision, withoutRevision } from './object-bytes.js';

const field = fc.oneof(fc.string(), fc.constant('"metadata":{'), fc.constant('resourceVersion'));

const object = fc.record({
  kind: field,
  apiVersion: field,
  metadata: fc.record({
    name: field,
    uid: field,
    creationTimestamp: field,
    resourceVersion: field,
    labels: fc.dictionary(field, field),
  }),
  constructor: field,
  data: fc.dictionary(field, field),
});

test('an object survives its bytes, whatever it holds and whatever its revision', () => {
  const property = fc.property(object, object, fc.nat(), (one, other, revision) => {
    const value = encodeObject(one);
    const bytes = spliceRevision(value, revision);
    assert.deepEqual(
      JSON.parse(bytes.toString()),
      JSON.parse(
        JSON.stringify({
          ...one,
          metadata: { ...one.metadata, resourceVersion: String(revision) },
        }),
      ),
    );
    assert.ok(withoutRevision(bytes).equals(value));
    assert.ok(isSameBut(bytes, value));
    const otherValue = encodeObject(other);
    assert.equal(isSameBut(bytes, otherValue), otherValue.equals(value));
  });
  fc.assert(property, { numRuns: 200 });
});

test('metadata that is empty takes a resourceVersion too', () => {
  const value = Buffer.from('{"kind":"A","apiVersion":"v1","metadata":{}}');
  const bytes = spliceRevision(value, 7);
  assert.equal(
    bytes.toString(),
    '{"kind":"A","apiVersion":"v1","metadata":{"resourceVersion":"7"}}',
  );
  assert.ok(isSameBut(bytes, value));
});
