import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerSpec, MountSpec } from '../runtime.js';
import { createOptionsFrom } from './create-options.js';

const specWith = (mounts: readonly MountSpec[]): ContainerSpec => ({
  name: 'a',
  image: 'web:1',
  labels: {},
  network: 'none',
  ipc: 'shareable',
  pid: 'private',
  mounts,
});

for (const [propagation, options] of [
  ['private', undefined],
  [undefined, undefined],
  ['rslave', { Propagation: 'rslave' }],
  ['rshared', { Propagation: 'rshared' }],
] as const) {
  test(`create options leave propagation ${propagation ?? 'unset'} to the engine unless more is asked`, () => {
    const mount = { source: '/', target: '/host', readOnly: false };
    const spec = specWith([propagation === undefined ? mount : { ...mount, propagation }]);
    const [made] = createOptionsFrom(spec).HostConfig?.Mounts ?? [];
    assert.deepEqual(made?.BindOptions, options);
  });
}
