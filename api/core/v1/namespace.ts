import { definition, inline, list, ref, string, time } from '../../schema/schema.js';
import { objectMeta } from '../../meta/v1/object-meta.js';

export const namespaceSpec = definition('io.k8s.api.core.v1.NamespaceSpec', '', {
  finalizers: list(1, 'string', '', { enum: ['kubernetes'], listType: 'atomic' }),
});

export const namespaceCondition = definition('io.k8s.api.core.v1.NamespaceCondition', '', {
  lastTransitionTime: time(4, ''),
  message: string(6, ''),
  reason: string(5, ''),
  status: string(2, '', { required: true, enum: ['True', 'False', 'Unknown'] }),
  type: string(1, '', {
    required: true,
    enum: [
      'NamespaceDeletionDiscoveryFailure',
      'NamespaceDeletionContentFailure',
      'NamespaceDeletionGroupVersionParsingFailure',
      'NamespaceContentRemaining',
      'NamespaceFinalizersRemaining',
    ],
  }),
});

export const namespaceStatus = definition('io.k8s.api.core.v1.NamespaceStatus', '', {
  conditions: list(2, namespaceCondition, '', {
    patchStrategy: 'merge',
    patchMergeKey: 'type',
    listType: 'map',
    listMapKeys: ['type'],
  }),
  phase: string(1, '', { enum: ['Active', 'Terminating'] }),
});

export const namespace = definition('io.k8s.api.core.v1.Namespace', '', {
  apiVersion: string(inline, ''),
  kind: string(inline, ''),
  metadata: ref(1, objectMeta, ''),
  spec: ref(2, namespaceSpec, ''),
  status: ref(3, namespaceStatus, ''),
});
