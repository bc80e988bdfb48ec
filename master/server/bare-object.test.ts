import assert from 'node:assert/strict';
import test from 'node:test';
import type { KubeObject } from '../../api/meta/v1/types.js';
import { builtInResources } from '../../api/resources.js';
import { bareObject } from './bare-object.js';

const resourceOf = (plural: string) =>
  builtInResources.find((resource) => resource.plural === plural);
const identity = {
  name: 'a',
  uid: 'u',
  creationTimestamp: '2026-01-01T00:00:00Z',
  resourceVersion: '1',
};
const generation = { 'deprecated.daemonset.template.generation': '1' };

const withAnnotations = (annotations: Record<string, string>): KubeObject => ({
  kind: 'DaemonSet',
  apiVersion: 'apps/v1',
  metadata: { ...identity, annotations },
});

test('bare metadata lacks the annotations that are made of the spec', () => {
  const bare = (annotations: Record<string, string>) =>
    bareObject(withAnnotations(annotations), resourceOf('daemonsets')).metadata;
  assert.deepEqual(bare(generation), identity);
  assert.deepEqual(bare({ ...generation, b: 'c' }).annotations, { b: 'c' });
});

test('metadata of other kinds is bare as it is', () => {
  const object = withAnnotations(generation);
  assert.equal(bareObject(object, resourceOf('configmaps')), object);
  assert.equal(bareObject(object, undefined), object);
});
