import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ObjectMeta } from '../../api/meta/v1/types.js';
import { builtInResources } from '../../api/resources.js';
import { keepAllButStatus } from './object-parts.js';

const resourceOf = (plural: string) => {
  const resource = builtInResources.find((one) => one.plural === plural);
  assert.ok(resource);
  return resource;
};

/** What is left of an object whose spec, labels, annotations and status a client sends otherwise to `/status`. */
function afterStatusWrite(plural: string) {
  const object = (value: string) => ({
    apiVersion: 'v1',
    kind: 'Thing',
    metadata: {
      name: 'one',
      uid: '1',
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: { is: value },
      annotations: { is: value },
    } satisfies ObjectMeta,
    spec: { is: value },
    status: { is: value },
  });
  const draft = object('sent');
  keepAllButStatus(draft, object('stored'), resourceOf(plural));
  return draft;
}

for (const [plural, label, annotation] of [
  ['pods', 'sent', 'sent'],
  ['nodes', 'sent', 'sent'],
  ['jobs', 'sent', 'sent'],
  ['ingresses', 'sent', 'sent'],
  ['horizontalpodautoscalers', 'sent', 'sent'],
  ['certificatesigningrequests', 'sent', 'sent'],
  ['deployments', 'stored', 'sent'],
  ['apiservices', 'stored', 'stored'],
  ['customresourcedefinitions', 'stored', 'stored'],
  ['flowschemas', 'stored', 'stored'],
  ['prioritylevelconfigurations', 'stored', 'stored'],
  ['resourceclaims', 'stored', 'stored'],
  ['servicecidrs', 'stored', 'stored'],
  ['validatingadmissionpolicies', 'stored', 'stored'],
  ['volumeattachments', 'stored', 'stored'],
] as const)
  test(`the status of ${plural} takes ${label} labels and ${annotation} annotations`, () => {
    const { metadata, spec, status } = afterStatusWrite(plural);
    assert.deepEqual(spec, { is: 'stored' });
    assert.deepEqual(status, { is: 'sent' });
    assert.equal(metadata.labels.is, label);
    assert.equal(metadata.annotations.is, annotation);
  });
