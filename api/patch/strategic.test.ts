import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStatusError } from '../meta/status-error.js';
import { podSpec } from '../core/v1/pod/spec.js';
import { service } from '../core/v1/service.js';
import { objectMeta } from '../meta/v1/object-meta.js';
import type { Definition } from '../schema/schema.js';
import { applyStrategicMergePatch } from './strategic.js';

interface Case {
  readonly name: string;
  readonly of?: Definition;
  readonly original: Record<string, unknown>;
  readonly patch: Record<string, unknown>;
  readonly result: Record<string, unknown>;
}

const main = { name: 'main', image: 'a:1', env: [{ name: 'A', value: '1' }] };
const side = { name: 'side', image: 'b:1' };

const cases: readonly Case[] = [
  {
    name: 'merges a list by its key',
    original: { containers: [main, side] },
    patch: { containers: [{ name: 'side', image: 'b:2' }] },
    result: { containers: [main, { name: 'side', image: 'b:2' }] },
  },
  {
    name: 'puts new elements of a keyed list first',
    original: { containers: [main] },
    patch: { containers: [{ name: 'main', env: [{ name: 'B', value: '2' }] }] },
    result: {
      containers: [
        {
          ...main,
          env: [
            { name: 'B', value: '2' },
            { name: 'A', value: '1' },
          ],
        },
      ],
    },
  },
  {
    name: 'deletes an element by its key',
    original: { containers: [main, side] },
    patch: { containers: [{ name: 'side', $patch: 'delete' }] },
    result: { containers: [main] },
  },
  {
    name: 'replaces a list that would merge',
    original: { containers: [main, side] },
    patch: { containers: [{ name: 'new' }, { $patch: 'replace' }] },
    result: { containers: [{ name: 'new' }] },
  },
  {
    name: 'replaces a map',
    original: { nodeSelector: { a: '1', b: '2' } },
    patch: { nodeSelector: { $patch: 'replace', c: '3' } },
    result: { nodeSelector: { c: '3' } },
  },
  {
    name: 'empties a map it deletes',
    original: { nodeSelector: { a: '1' } },
    patch: { nodeSelector: { $patch: 'delete' } },
    result: { nodeSelector: {} },
  },
  {
    name: 'replaces an atomic list',
    original: { tolerations: [{ key: 'a' }] },
    patch: { tolerations: [{ key: 'b' }] },
    result: { tolerations: [{ key: 'b' }] },
  },
  {
    name: 'retains only the keys it is told to',
    original: { volumes: [{ name: 'v', emptyDir: {} }] },
    patch: {
      volumes: [{ name: 'v', $retainKeys: ['name', 'hostPath'], hostPath: { path: '/x' } }],
    },
    result: { volumes: [{ name: 'v', hostPath: { path: '/x' } }] },
  },
  {
    name: 'orders a keyed list as told and keeps strangers near their neighbours',
    original: { containers: [{ name: 'a' }, { name: 'sidecar' }, { name: 'b' }] },
    patch: {
      '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }],
      containers: [{ name: 'a', image: 'x' }],
    },
    result: {
      containers: [{ name: 'sidecar' }, { name: 'b' }, { name: 'a', image: 'x' }],
    },
  },
  {
    name: 'removes from a list of scalars',
    of: objectMeta,
    original: { finalizers: ['x/a', 'x/b', 'x/c'] },
    patch: {
      '$deleteFromPrimitiveList/finalizers': ['x/b'],
      '$setElementOrder/finalizers': ['x/c', 'x/a'],
    },
    result: { finalizers: ['x/c', 'x/a'] },
  },
  {
    name: 'adds to a list of scalars without doubling',
    of: objectMeta,
    original: { finalizers: ['x/a', 'x/b'] },
    patch: { finalizers: ['x/b', 'x/c'] },
    result: { finalizers: ['x/a', 'x/b', 'x/c'] },
  },
  {
    name: 'drops nulls and directives that meet nothing',
    original: {},
    patch: { volumes: [{ name: 'v', $retainKeys: ['name'], emptyDir: null }], hostname: null },
    result: { volumes: [{ name: 'v' }] },
  },
  {
    name: 'removes members of a map with null',
    of: service,
    original: { spec: { selector: { app: 'a' } } },
    patch: { spec: { selector: { app: null, tier: 'b' } } },
    result: { spec: { selector: { tier: 'b' } } },
  },
  {
    name: 'takes the port as the key of service ports',
    of: service,
    original: { spec: { ports: [{ name: 'x', port: 80, protocol: 'TCP' }] } },
    patch: { spec: { ports: [{ name: 'z', port: 80, protocol: 'UDP' }] } },
    result: { spec: { ports: [{ name: 'z', port: 80, protocol: 'UDP' }] } },
  },
];

for (const { name, of = podSpec, original, patch, result } of cases) {
  test(`strategic merge patch ${name}`, () => {
    const before = structuredClone({ original, patch });
    assert.deepEqual(applyStrategicMergePatch(original, patch, of), result);
    assert.deepEqual({ original, patch }, before, 'inputs are not changed');
  });
}

const failures: readonly { name: string; patch: unknown; code: number; message: string }[] = [
  {
    name: 'an element without its merge key',
    patch: { containers: [{ image: 'x' }] },
    code: 400,
    message: 'map: map[image:x] does not contain declared merge key: name',
  },
  {
    name: 'an unknown directive',
    patch: { containers: [{ name: 'main', $patch: 'frob' }] },
    code: 400,
    message: 'unknown patch type: frob in map: map[$patch:frob name:main]',
  },
  {
    name: 'a map that asks to be merged, as each is',
    patch: { nodeSelector: { $patch: 'merge', a: '1' } },
    code: 400,
    message: 'unknown patch type: merge in map: map[$patch:merge a:1]',
  },
  {
    name: 'keys outside $retainKeys',
    patch: { containers: [{ name: 'main', $retainKeys: ['name'], image: 'x' }] },
    code: 400,
    message: 'invalid patch format of retainKeys',
  },
  {
    name: 'a patch that is a list',
    patch: [],
    code: 400,
    message: 'json: cannot unmarshal array into Go value of type map[string]interface {}',
  },
  {
    name: 'lists of lists',
    patch: { containers: [[1]] },
    code: 422,
    message: 'the server rejected our request due to an error in our request',
  },
];

for (const { name, patch, code, message } of failures) {
  test(`strategic merge patch refuses ${name}`, () => {
    assert.throws(
      () => applyStrategicMergePatch({ containers: [main], nodeSelector: {} }, patch, podSpec),
      (error) => isStatusError(error) && error.code === code && error.message === message,
    );
  });
}
