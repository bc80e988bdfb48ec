import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isExtendedResource, isNativeResource } from './extended-resources.js';

for (const [name, isNative, isExtended] of [
  ['cpu', true, false],
  ['kubernetes.io/batteries', true, false],
  ['node.kubernetes.io/batteries', true, false],
  ['mykubernetes.io/batteries', true, false],
  ['example.com/gpu', false, true],
  ['requests.example.com/gpu', false, false],
  ['example.com/of a name that no quota could have', false, false],
] as const) {
  test(`resource ${name} is ${isNative ? 'native' : isExtended ? 'extended' : 'neither'}`, () => {
    assert.deepEqual([isNativeResource(name), isExtendedResource(name)], [isNative, isExtended]);
  });
}
