import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { preReleaseResources } from '../pre-release-resources.js';
import { builtInResources } from '../resources.js';
import { deleteOptions } from '../meta/v1/delete-options.js';
import { status } from '../meta/v1/status.js';
import { omitsZero } from '../schema/omitted-zeros.js';
import { definition, int64, list, map, string } from '../schema/schema.js';
import type { Definition, Field, Scalar, Schema } from '../schema/schema.js';
import { propertyRuns } from '../../testing/property-runs.js';
import { decodeObject, openEnvelope } from './decode.js';
import { encodeMessage, encodeWatchFrame, sealEnvelope } from './encode.js';

const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const key = fc.string({ minLength: 1, maxLength: 6 });
const date = fc
  .date({
    min: new Date('0001-01-02T00:00:00Z'),
    max: new Date('9999-01-01T00:00:00Z'),
    noInvalidDate: true,
  })
  .map((value) => value.toISOString().slice(0, 19));
const json = fc.dictionary(key, fc.oneof(text, fc.integer(), fc.boolean()), { maxKeys: 3 });

const scalars: Readonly<Record<Scalar, fc.Arbitrary<unknown>>> = {
  string: text,
  boolean: fc.boolean(),
  int32: fc.integer(),
  int64: fc.maxSafeInteger(),
  double: fc.double({ noNaN: true, noDefaultInfinity: true }),
  bytes: fc.uint8Array({ maxLength: 9 }).map((bytes) => Buffer.from(bytes).toString('base64')),
  any: json,
  object: json,
  time: date.map((value) => `${value}Z`),
  microTime: fc
    .tuple(date, fc.nat(999_999))
    .map(([value, micros]) => `${value}.${String(micros).padStart(6, '0')}Z`),
  quantity: fc.constantFrom('0', '100m', '64Mi', '-3e6'),
  intOrString: fc.oneof(fc.integer(), text),
  rawExtension: json,
  fieldsV1: json,
};

/** Values of a schema as the decoder of JSON leaves them: no empty lists and maps. */
function valueOf(schema: Schema, depth: number): fc.Arbitrary<unknown> {
  switch (schema.type) {
    case 'scalar':
      return scalars[schema.scalar];
    case 'list':
      return fc.array(valueOf(schema.items, depth), { minLength: 1, maxLength: 3 });
    case 'map':
      return fc.dictionary(key, valueOf(schema.values, depth), { minKeys: 1, maxKeys: 3 });
    case 'ref':
      return objectOf(schema.target(), depth - 1);
  }
}

const isZero = (value: unknown): boolean => value === '' || value === 0 || value === false;

function fieldOf(owner: Definition, name: string, field: Field, depth: number) {
  const values = valueOf(field.schema, depth);
  return omitsZero(owner, name, field) ? values.filter((value) => !isZero(value)) : values;
}

function objectOf(target: Definition, depth: number): fc.Arbitrary<object> {
  if (depth < 0) return fc.constant({});
  const fields = Object.entries(target.fields).filter(([, { proto }]) => proto !== undefined);
  // A few fields at a time keep the whole small; every field has its turn.
  return fc
    .subarray(fields, { maxLength: Math.min(fields.length, 6) })
    .chain((some) =>
      fc.record(
        Object.fromEntries(
          some.map(([name, field]) => [name, fieldOf(target, name, field, depth)]),
        ),
      ),
    );
}

const resources = [...builtInResources, ...preReleaseResources];
const definitions: readonly Definition[] = [
  ...new Set([...resources.map(({ schema }) => schema), deleteOptions, status]),
];

for (const target of definitions) {
  test(`${target.name} survives JSON → protobuf → JSON`, () => {
    const type = { apiVersion: 'group/v1', kind: 'Kind' };
    const property = fc.property(objectOf(target, 6), (made) => {
      // As a parser of JSON would give it: ordinary prototypes, no -0.
      const object = JSON.parse(JSON.stringify(made)) as object;
      const bytes = sealEnvelope(type, encodeMessage(object, target));
      assert.deepEqual(decodeObject(openEnvelope(bytes), target), { ...type, ...object });
    });
    fc.assert(property, { numRuns: propertyRuns(8) });
  });
}

const plain = definition('x.Plain', '', {
  name: string(1, ''),
  numbers: list(2, 'int64', ''),
  labels: map(3, 'string', ''),
  at: int64(16, ''),
});

test('encodeMessage writes fields by number, map entries by key and negative numbers in ten bytes', () => {
  const object = { at: -1, labels: { b: '2', a: '1' }, numbers: [1, 300], name: 'é' };
  assert.equal(
    encodeMessage(object, plain).toString('hex'),
    [
      '0a02c3a9',
      '1001' + '10ac02',
      '1a06' + '0a0161' + '120131',
      '1a06' + '0a0162' + '120132',
      '8001' + 'ffffffffffffffffff01',
    ].join(''),
  );
});

test('sealEnvelope writes what runtime.Unknown is in Go', () => {
  const sealed = sealEnvelope({ apiVersion: 'v1', kind: 'Pod' }, Buffer.from([1, 2]));
  assert.equal(
    sealed.toString('hex'),
    '6b387300' + '0a09' + '0a027631' + '1203506f64' + '1202' + '0102' + '1a00' + '2200',
  );
});

test('encodeWatchFrame writes the length, the type and the object', () => {
  assert.equal(
    encodeWatchFrame('ADDED', Buffer.from([7])).toString('hex'),
    '0000000c' + '0a05' + Buffer.from('ADDED').toString('hex') + '1203' + '0a0107',
  );
});
