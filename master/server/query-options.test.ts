import assert from 'node:assert/strict';
import test from 'node:test';
import { namespaces } from '../../api/core/v1/namespace.js';
import { nodes } from '../../api/core/v1/node.js';
import { pods } from '../../api/core/v1/pod/pod.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import { clusterRoles } from '../../api/rbac/v1/role.js';
import type { ResourceDefinition } from '../../api/schema/resource.js';
import { selectorsOf } from './query-options.js';

const select = (resource: unknown, fieldSelector: string) =>
  selectorsOf(resource as ResourceDefinition, new URLSearchParams({ fieldSelector }));

test('fields of pods are selected by what they were called before, too', () => {
  const onNode = { spec: { nodeName: 'n' }, status: { podIPs: [{ ip: '10.0.0.1' }] } };
  const selects = (text: string) => select(pods, text).predicate?.(onNode as unknown as KubeObject);
  assert.equal(selects('spec.host=n'), true);
  assert.equal(selects('spec.host=m'), false);
  assert.equal(selects('status.podIPs=10.0.0.1'), false);
});

test('what has no namespace takes a selector by it where it names no fields of its own', () => {
  assert.equal(select(clusterRoles, 'metadata.namespace=a').namespace, 'a');
  assert.throws(() => select(nodes, 'metadata.namespace=a'), /not supported: metadata.namespace$/);
  assert.throws(() => select(namespaces, 'name=a'), /field label not supported: name$/);
  assert.throws(
    () => select(clusterRoles, 'name=a'),
    /^.*"name" is not a known field selector: only "metadata.name", "metadata.namespace"$/,
  );
});
