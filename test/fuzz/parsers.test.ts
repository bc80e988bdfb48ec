import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { parseSchedule } from '../../api/batch/v1/cron-schedule.js';
import { durationFromText, durationFromWords } from '../../api/cel/library/time-text.js';
import { validatePersistentVolume } from '../../api/core/v1/persistent-volume-validation.js';
import { overlapWarnings } from '../../api/core/v1/pod/overlap-warnings.js';
import type { PersistentVolume, Volume } from '../../api/core/v1/types.js';
import { trimmedEnd } from '../../api/trimmed-end.js';
import { parseImageReference } from '../../agent/images/image-reference.js';
import { coversPath } from '../../master/authz/rules.js';
import {
  isDateTime,
  isEmail,
  isHostname,
  isRequestUri,
} from '../../api/validation/text-formats.js';
import { parseQuantity, QuantityError } from '../../api/quantity.js';
import { isStatusError } from '../../api/meta/status-error.js';
import { applyJsonPatch } from '../../api/patch/json.js';
import { applyMergePatch } from '../../api/patch/merge.js';
import { applyStrategicMergePatch } from '../../api/patch/strategic.js';
import { builtInResources } from '../../api/resources.js';
import { parseFieldSelector } from '../../api/selectors/field.js';
import { parseLabelSelector } from '../../api/selectors/label.js';
import { decodeObject, openEnvelope, ProtobufError } from '../../api/protobuf/decode.js';
import { DecodeError, decodeTyped } from '../../master/registry/codec.js';
import { JsonSyntaxError, parseJson } from '../../master/registry/json-text.js';
import { maxInlineYamlChars } from '../../master/registry/limits.js';
import { readYaml } from '../../master/registry/yaml/read.js';
import { decodeContinueToken } from '../../master/server/continue-token.js';
import { mediaTypeOf, negotiate } from '../../master/server/negotiation.js';
import { resourceRequestOf } from '../../master/server/request-info.js';
import { propertyRuns } from '../../testing/property-runs.js';
import { hostileValue } from './hostile-values.js';
import { mutateJson } from './mutations.js';
import { SeededRandom } from './random.js';

/** Whatever is parsed, a parser gives a value or one of the errors it documents. fast-check prints the seed of a failure. */
const seed = 20_261_121;
const runs = { seed, numRuns: propertyRuns(60) };

type Guard = (error: unknown) => boolean;

function survives(step: () => unknown, isDocumented: Guard): void {
  try {
    step();
  } catch (error) {
    if (!isDocumented(error)) throw error;
  }
}

const named =
  (...names: readonly string[]): Guard =>
  (error) =>
    error instanceof Error && names.includes(error.name);

const volumeAt = (path: string): PersistentVolume => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: 'v', uid: 'u', resourceVersion: '1', creationTimestamp: '' },
  spec: { capacity: { storage: '1' }, accessModes: ['ReadWriteOnce'], hostPath: { path } },
  status: {},
});

const textParsers: readonly (readonly [string, (text: string) => unknown, Guard])[] = [
  ['quantities', parseQuantity, (error) => error instanceof QuantityError],
  ['label selectors', parseLabelSelector, named('SelectorError')],
  ['field selectors', parseFieldSelector, named('SelectorError')],
  ['continue tokens', decodeContinueToken, isStatusError],
  ['durations', durationFromText, () => false],
  ['durations in words', durationFromWords, () => false],
  ['e-mail addresses', isEmail, () => false],
  ['hostnames', isHostname, () => false],
  ['addresses of resources', isRequestUri, () => false],
  ['times', isDateTime, () => false],
  ['schedules', parseSchedule, named('ScheduleError')],
  ['schedules of durations', (text) => parseSchedule(`@every ${text}`), named('ScheduleError')],
  ['paths that end with slashes', (text) => trimmedEnd(text, '/'), () => false],
  ['patterns of paths', (text) => coversPath(`${text}*`, '/healthz'), () => false],
  ['host paths of volumes', (text) => validatePersistentVolume(volumeAt(text)), () => false],
  ['images', parseImageReference, () => false],
  ['JSON', parseJson, (error) => error instanceof JsonSyntaxError],
  ['YAML', readYaml, () => false],
  ['Accept headers', (text) => negotiate(text), () => false],
  ['Content-Type headers', mediaTypeOf, () => false],
  [
    'paths',
    (text) => resourceRequestOf('GET', `/api/v1/${text}`, new URLSearchParams(text)),
    () => false,
  ],
];

/** Also halves of surrogate pairs. fast-check's own strings of any code point take a second to set up. */
const anyText = fc
  .array(fc.nat(0x10ffff), { maxLength: 20 })
  .map((points) => String.fromCodePoint(...points));

const syntax = fc.string({
  unit: fc.constantFrom(
    ...('{}[]()"\'\\:,;=!*&#%?-+.~/ \n\t0123456789eEiKMnabcπ\u0000🙂'.match(/./gsu) ?? []),
  ),
  maxLength: 60,
});

for (const [name, parse, isDocumented] of textParsers) {
  test(`the parser of ${name} survives any text`, () => {
    const text = fc.oneof(anyText, syntax);
    fc.assert(
      fc.property(text, (input) => {
        survives(() => parse(input), isDocumented);
      }),
      runs,
    );
  });
}

/** These took the square of the length, or longer, and would not end within the limit. */
const longTexts = ['0', '1', ' ', '=', '-', 'a', '(', '/', '"', '\\', 'a,', 'a=b,', '%'].map(
  (unit) => `${unit.repeat(200_000 / unit.length)}!`,
);

for (const [name, parse, isDocumented] of textParsers) {
  test(
    `the parser of ${name} takes no longer for long texts than it must`,
    { timeout: 20_000 },
    () => {
      // Headers, paths and queries come within 64 KiB; longer YAML goes to a thread of its own.
      const length = name === 'YAML' ? maxInlineYamlChars : 60_000;
      for (const text of longTexts) survives(() => parse(text.slice(-length)), isDocumented);
    },
  );
}

test('the decoders of all kinds survive any value', () => {
  const random = new SeededRandom(seed);
  for (const { schema, kind } of builtInResources) {
    let value: unknown = { apiVersion: 'v1', kind, metadata: { name: 'a' }, spec: {}, status: {} };
    for (let round = 0; round < 20; round += 1) {
      value = mutateJson(value, random);
      survives(
        () => decodeTyped(schema, value),
        (error) => error instanceof DecodeError,
      );
    }
  }
});

test('the protobuf decoder survives any bytes', () => {
  const [pods] = builtInResources.filter(({ kind }) => kind === 'Pod');
  assert.ok(pods !== undefined);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const sealed = Buffer.concat([Buffer.from('k8s\u0000'), bytes]);
      survives(
        () => decodeObject(openEnvelope(sealed), pods.schema),
        (error) => error instanceof ProtobufError,
      );
    }),
    runs,
  );
});

const hostileMessages: readonly (readonly [string, Buffer])[] = [
  ['groups within groups', Buffer.alloc(1_000_000, 0x7b)],
  ['ends of groups', Buffer.alloc(1_000, 0x7c)],
  ['a length beyond the end', Buffer.from('0affffffff0f', 'hex')],
  ['a length of more than 64 bits', Buffer.from('0affffffffffffffffffffff01', 'hex')],
  ['a length without end', Buffer.from('0a80', 'hex')],
  ['a field 0', Buffer.from('0200', 'hex')],
  ['numbers for messages', Buffer.from('080110021803', 'hex')],
  ['messages within messages', Buffer.alloc(1_000_000, 0x0a)],
  ['an empty message', Buffer.alloc(0)],
];

const bytesField = (number: number, bytes: Buffer): Buffer => {
  const length: number[] = [];
  for (let left = bytes.length; ; left >>>= 7) {
    if (left < 128) {
      length.push(left);
      break;
    }
    length.push((left & 127) | 128);
  }
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), bytes]);
};

for (const [name, raw] of hostileMessages) {
  test(`the protobuf decoder survives ${name}`, { timeout: 10_000 }, () => {
    const type = bytesField(1, bytesField(1, Buffer.from('v1')));
    const sealed = Buffer.concat([Buffer.from('k8s\u0000'), type, bytesField(2, raw)]);
    for (const { schema, kind } of builtInResources) {
      if (!['Pod', 'ConfigMap', 'CustomResourceDefinition'].includes(kind)) continue;
      survives(
        () => decodeObject(openEnvelope(sealed), schema),
        (error) => error instanceof ProtobufError,
      );
    }
  });
}

test('patches of any shape change nothing but their result', () => {
  const random = new SeededRandom(seed);
  const [pods] = builtInResources.filter(({ kind }) => kind === 'Pod');
  assert.ok(pods !== undefined);
  const original = { metadata: { name: 'a' }, spec: { containers: [{ name: 'b', image: 'c' }] } };
  const before = structuredClone(original);
  for (let round = 0; round < 300; round += 1) {
    const patch = mutateJson(structuredClone(before), random);
    const operation = {
      op: random.pick(['add', 'replace', 'copy', 'move']),
      from: '/spec',
      path: hostileValue(random),
      value: patch,
    };
    survives(() => applyMergePatch(original, patch), isStatusError);
    survives(() => applyStrategicMergePatch(original, patch, pods.schema), isStatusError);
    survives(() => applyJsonPatch(original, [operation]), isStatusError);
    assert.deepEqual(original, before);
    assert.deepEqual(Object.keys(Object.prototype), []);
  }
});

test('files of volumes are compared in a time that does not depend on their number', () => {
  const items = Array.from({ length: 100_000 }, (_, at) => ({ key: 'k', path: `p${String(at)}/` }));
  const sources = items.map((item) => ({ configMap: { items: [item] } }));
  const volumes: readonly Volume[] = [
    { name: 'a', configMap: { items } },
    { name: 'b', projected: { sources: [{ secret: { items } }] } },
    { name: 'c', projected: { sources } },
  ];
  assert.deepEqual(overlapWarnings(volumes), []);
});
