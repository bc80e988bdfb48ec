/** JSON of every shape, and YAML and protobuf, for a kind with little else to it. */
import { configMaps, dryRun, json, key, longest, many, raw, wide } from './pieces.js';
import type { WorstCase } from './pieces.js';

const configMap = (rest: object): unknown => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'worst' },
  ...rest,
});

const jsonBodies: readonly (readonly [string, string])[] = [
  ['many keys', JSON.stringify(configMap({ data: wide(16, () => 'v') }))],
  ['unknown fields', JSON.stringify(configMap(wide(14, () => 1)))],
  [
    'one key over and over',
    `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"worst"},"data":{${many(8, () => '"a":"b"').join(',')}}}`,
  ],
  [
    'keys twice each',
    `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"worst"},"data":{${many(28, (i) => `"${key(i)}":"b","${key(i)}":"c"`).join(',')}}}`,
  ],
  ['one long string', JSON.stringify(configMap({ data: { a: 'x'.repeat(longest) } }))],
  [
    'escapes',
    `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"worst"},"data":{"a":"${'\\u0041'.repeat(longest / 6)}"}}`,
  ],
  [
    'backslashes',
    `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"worst"},"data":{"a":"${'\\\\'.repeat(longest / 2)}"}}`,
  ],
  ['backslashes without end', `{"a":"${'\\\\'.repeat(longest / 2)}\\"`],
  ['quotes within one string', `{"a":"${'\\"'.repeat(longest / 2)}`],
  ['deep lists', `{"a":${'['.repeat(longest / 2)}${']'.repeat(longest / 2)}}`],
  [
    'deep within the limit',
    `{"metadata":{"annotations":${'['.repeat(490)}${many(2, () => '1').join(',')}${']'.repeat(490)}}}`,
  ],
  [
    'empty lists',
    `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"worst"},"a":[${many(3, () => '[]').join(',')}]}`,
  ],
  ['spaces', `{${' '.repeat(longest)}}`],
  ['spaces before colons', `{"a"${' '.repeat(longest)}:1}`],
  ['a long number', `{"a":${'1'.repeat(longest)}}`],
  ['a number that never ends well', `{"a":${'1'.repeat(longest)}x}`],
  ['many bad numbers', `{"a":[${many(3, () => '01').join(',')}]}`],
  [
    'labels',
    JSON.stringify(configMap({ metadata: { name: 'worst', labels: wide(16, () => 'v') } })),
  ],
  [
    'annotations',
    JSON.stringify(configMap({ metadata: { name: 'worst', annotations: wide(16, () => 'v') } })),
  ],
  [
    'finalizers',
    JSON.stringify(
      configMap({ metadata: { name: 'worst', finalizers: many(14, (i) => `a.b/${key(i)}`) } }),
    ),
  ],
  [
    'owner references',
    JSON.stringify(
      configMap({
        metadata: {
          name: 'worst',
          ownerReferences: many(70, (i) => ({
            apiVersion: 'v1',
            kind: 'Pod',
            name: key(i),
            uid: key(i),
          })),
        },
      }),
    ),
  ],
  [
    'managed fields',
    JSON.stringify(
      configMap({
        metadata: {
          name: 'worst',
          managedFields: many(130, (i) => ({
            manager: key(i),
            operation: 'Update',
            apiVersion: 'v1',
            time: '2026-01-01T00:00:00Z',
            fieldsType: 'FieldsV1',
            fieldsV1: { 'f:data': { [`f:${key(i)}`]: {} } },
          })),
        },
      }),
    ),
  ],
  [
    'one entry of managed fields',
    JSON.stringify(
      configMap({
        metadata: {
          name: 'worst',
          managedFields: [
            {
              manager: 'm',
              operation: 'Apply',
              apiVersion: 'v1',
              time: '2026-01-01T00:00:00Z',
              fieldsType: 'FieldsV1',
              fieldsV1: { 'f:data': Object.fromEntries(many(17, (i) => [`f:${key(i)}`, {}])) },
            },
          ],
        },
      }),
    ),
  ],
  [
    'keys of managed fields',
    JSON.stringify(
      configMap({
        metadata: {
          name: 'worst',
          managedFields: [
            {
              manager: 'm',
              operation: 'Apply',
              apiVersion: 'v1',
              time: '2026-01-01T00:00:00Z',
              fieldsType: 'FieldsV1',
              fieldsV1: {
                'f:data': Object.fromEntries(
                  many(40, (i) => [`k:{"a":"${key(i)}","b":1}`, { '.': {} }]),
                ),
              },
            },
          ],
        },
      }),
    ),
  ],
  [
    'deep managed fields',
    JSON.stringify(
      configMap({
        metadata: {
          name: 'worst',
          managedFields: [
            {
              manager: 'm',
              operation: 'Apply',
              apiVersion: 'v1',
              time: '2026-01-01T00:00:00Z',
              fieldsType: 'FieldsV1',
              fieldsV1: JSON.parse(`${'{"f:a":'.repeat(470)}{}${'}'.repeat(470)}`) as unknown,
            },
          ],
        },
      }),
    ),
  ],
];

const yaml = (name: string, body: string): WorstCase => ({
  name: `YAML: ${name}`,
  request: raw('POST', `${configMaps}${dryRun}`, 'application/yaml', body.slice(0, 1_000_000)),
});

const yamls: readonly WorstCase[] = [
  yaml('items', '- a\n'.repeat(250_000)),
  yaml('anchors and aliases', many(16, (i) => `- &a${String(i)} 1\n- *a${String(i)}\n`).join('')),
  yaml(
    'merges of merges',
    many(40, (i) =>
      i === 0
        ? 'm0: &m0 {k: 1}\n'
        : `m${String(i)}: &m${String(i)}\n <<: *m${String(i - 1)}\n k${String(i)}: 1\n`,
    ).join(''),
  ),
  yaml('faults', '- }\n'.repeat(250_000)),
  yaml('tags', '! '.repeat(500_000)),
  yaml('short text just below the thread', `a: [${'*a,'.repeat(1_360)}]`.slice(0, 4_096)),
];

/** protobuf's lengths are by the byte: a body of nothing but empty fields holds very many of them. */
const protobufBody = (unit: string): Buffer => {
  const fields = Buffer.alloc(longest - 100, unit, 'hex');
  const varint = (value: number): number[] =>
    value < 128 ? [value] : [(value & 127) | 128, ...varint(value >> 7)];
  return Buffer.concat([
    Buffer.from('k8s\0'),
    Buffer.from([0x0a, 0x0f, 0x0a, 2]),
    Buffer.from('v1'),
    Buffer.from([0x12, 9]),
    Buffer.from('ConfigMap'),
    Buffer.from([0x12, ...varint(fields.length)]),
    fields,
  ]);
};

const protobuf = (name: string, unit: string): WorstCase => ({
  name: `protobuf: ${name}`,
  request: raw(
    'POST',
    `${configMaps}${dryRun}`,
    'application/vnd.kubernetes.protobuf',
    protobufBody(unit),
  ),
});

export const bodyCases: readonly WorstCase[] = [
  ...jsonBodies.map(([name, body]) => ({
    name: `JSON: ${name}`,
    request: raw('POST', `${configMaps}${dryRun}`, json, body),
  })),
  ...yamls,
  protobuf('empty labels', '0a025a00'),
  protobuf('entries', '12060a0161120162'),
  protobuf('unknown fields', '7a00'),
  protobuf('varints', 'a001ffffffffffffffffff01'),
];
