/** Patches that do much, or say much about little. */
import { configMaps, key, longest, many, raw, wide } from './pieces.js';
import type { WorstCase } from './pieces.js';

const deployment = '/apis/apps/v1/namespaces/default/deployments/target';
const patches: readonly (readonly [string, string, string, unknown])[] = [
  [
    'operations of a JSON patch',
    'json-patch+json',
    `${configMaps}/target`,
    many(46, (i) => ({ op: 'add', path: `/data/${key(i)}`, value: 'x' })),
  ],
  [
    'tests of a JSON patch',
    'json-patch+json',
    `${configMaps}/target`,
    many(42, () => ({ op: 'test', path: '/data/a', value: 'b' })),
  ],
  [
    'insertions of a JSON patch',
    'json-patch+json',
    `${configMaps}/target`,
    [
      { op: 'add', path: '/metadata/finalizers', value: [] },
      ...many(58, () => ({ op: 'add', path: '/metadata/finalizers/0', value: 'a.b/c' })),
    ],
  ],
  [
    'copies of a JSON patch',
    'json-patch+json',
    `${configMaps}/target`,
    [
      { op: 'add', path: '/metadata/annotations', value: { a: 'x'.repeat(1000) } },
      ...many(60, (i) => ({ op: 'copy', from: '/metadata', path: `/data/${key(i)}` })),
    ],
  ],
  [
    'copies that double',
    'json-patch+json',
    `${configMaps}/target`,
    many(60, (i) => ({ op: 'copy', from: '/data', path: `/data/${key(i)}` }), 3_000),
  ],
  [
    'a deep JSON pointer',
    'json-patch+json',
    `${configMaps}/target`,
    [{ op: 'add', path: '/a'.repeat(longest / 2), value: 1 }],
  ],
  [
    'keys of a merge patch',
    'merge-patch+json',
    `${configMaps}/target`,
    { data: wide(16, () => 'v') },
  ],
  [
    'deletions of a merge patch',
    'merge-patch+json',
    `${configMaps}/target`,
    { data: wide(16, () => null) },
  ],
  [
    'items of a strategic patch',
    'strategic-merge-patch+json',
    deployment,
    {
      spec: { template: { spec: { containers: many(34, (i) => ({ name: key(i), image: 'x' })) } } },
    },
  ],
  [
    'one item over and over',
    'strategic-merge-patch+json',
    deployment,
    { spec: { template: { spec: { containers: many(26, () => ({ name: 'c', image: 'x' })) } } } },
  ],
  [
    'deletions of a strategic patch',
    'strategic-merge-patch+json',
    deployment,
    {
      spec: {
        template: { spec: { containers: many(40, (i) => ({ name: key(i), $patch: 'delete' })) } },
      },
    },
  ],
  [
    'an order of a strategic patch',
    'strategic-merge-patch+json',
    deployment,
    {
      spec: {
        template: { spec: { '$setElementOrder/containers': many(20, (i) => ({ name: key(i) })) } },
      },
    },
  ],
  [
    'an order and items',
    'strategic-merge-patch+json',
    deployment,
    {
      spec: {
        template: {
          spec: {
            '$setElementOrder/containers': many(20, (i) => ({ name: key(i) }), 1_000_000),
            containers: many(34, (i) => ({ name: key(i), image: 'x' }), 1_700_000),
          },
        },
      },
    },
  ],
  [
    'primitives deleted',
    'strategic-merge-patch+json',
    deployment,
    { metadata: { '$deleteFromPrimitiveList/finalizers': many(12, key) } },
  ],
  [
    'primitives merged',
    'strategic-merge-patch+json',
    deployment,
    { metadata: { finalizers: many(14, (i) => `a/${key(i)}`) } },
  ],
  [
    'keys retained',
    'strategic-merge-patch+json',
    deployment,
    { spec: { strategy: { $retainKeys: many(12, key) } } },
  ],
  [
    'an apply of containers',
    'apply-patch+yaml',
    `${deployment}?fieldManager=a&force=true`,
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'target' },
      spec: { template: { spec: { containers: many(34, (i) => ({ name: key(i), image: 'x' })) } } },
    },
  ],
  [
    'an apply of keys',
    'apply-patch+yaml',
    `${configMaps}/target?fieldManager=a&force=true`,
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'target' },
      data: wide(16, () => 'v', 1_000_000),
    },
  ],
  [
    'an apply of ports',
    'apply-patch+yaml',
    `/api/v1/namespaces/default/services/worst?fieldManager=a&force=true`,
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'worst' },
      spec: { ports: many(34, (i) => ({ port: (i % 65_535) + 1, protocol: 'TCP' })) },
    },
  ],
];

export const patchCases: readonly WorstCase[] = patches.map(([name, type, path, value]) => ({
  name: `patch: ${name}`,
  request: raw(
    'PATCH',
    `${path}${path.includes('?') ? '&' : '?'}dryRun=All`,
    `application/${type}`,
    JSON.stringify(value),
  ),
}));
