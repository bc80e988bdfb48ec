import assert from 'node:assert/strict';
import { test } from 'node:test';
import { preReleaseResources } from './pre-release-resources.js';
import { builtInResources, watchableResources } from './resources.js';
import type { KubeObject } from './meta/v1/types.js';

const resources = [...builtInResources, ...preReleaseResources];

test('built-in resources have distinct paths and one kind a path', () => {
  const paths = resources.map(({ apiVersion, plural }) => `${apiVersion}/${plural}`);
  assert.equal(new Set(paths).size, paths.length);
});

test('built-in resources that are stored elsewhere say how to get there and back', () => {
  for (const { plural, storedAs, convert } of resources) {
    assert.equal(storedAs === undefined, convert === undefined, plural);
    if (storedAs === undefined) continue;
    const target = resources.find(
      (other) => other.group === storedAs.group && other.plural === storedAs.plural,
    );
    assert.notEqual(target, undefined, plural);
  }
});

test('built-in resources default, check and print an object that has nothing but a name', () => {
  for (const resource of resources) {
    // Pods and workloads are tested beside their own files; an empty one of them cannot be made sense of.
    if (['pods', 'deployments', 'replicasets'].includes(resource.plural)) continue;
    const draft = {
      apiVersion: resource.apiVersion,
      kind: resource.kind,
      metadata: {
        name: 'a',
        namespace: 'default',
        uid: 'u',
        creationTimestamp: '2026-01-02T03:04:05Z',
      },
    } as KubeObject;
    resource.defaults?.(draft);
    resource.strategy.prepareForCreate?.(draft, 0);
    resource.validate(draft);
    for (const { cell } of resource.columns ?? []) {
      assert.doesNotThrow(() => cell(draft, 0), resource.plural);
    }
    for (const [field, read] of Object.entries(resource.selectableFields)) {
      assert.equal(typeof read(draft), 'string', `${resource.plural} ${field}`);
    }
  }
});

test('what can be watched is addressed once, as it is stored where that is served', () => {
  const versionsOf = (served: typeof resources): string[] =>
    watchableResources(served)
      .filter(({ plural }) => plural === 'resourceslices')
      .map(({ version }) => version);
  assert.deepEqual(versionsOf(resources), ['v1']);
  assert.deepEqual(versionsOf(resources.filter(({ version }) => version !== 'v1')), ['v1beta2']);
});
