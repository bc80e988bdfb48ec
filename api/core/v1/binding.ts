/** Bindings of pods to nodes: the kind, and the older path by which they are made. */
import { defineResource } from '../../schema/resource.js';
import { definition, ref } from '../../schema/schema.js';
import { objectReference } from './references.js';
import type { Binding } from './types.js';
import { objectFields } from '../../meta/v1/object-meta.js';

export const binding = definition(
  'io.k8s.api.core.v1.Binding',
  'The decision that a pod runs on a node.',
  {
    ...objectFields,
    target: ref(2, objectReference, 'The node.', { required: true }),
  },
);

/** Answered by the server, which writes the node into the pod; never stored. */
export const bindings = defineResource<Binding>({
  group: '',
  version: 'v1',
  kind: 'Binding',
  plural: 'bindings',
  scope: 'Namespaced',
  schema: binding,
  verbs: ['create'],
  validate: () => [],
});
