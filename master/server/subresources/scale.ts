/** `/scale`: how many replicas an object wants and has, the same for every kind that declares it. */
import { scale as scaleSchema } from '../../../api/autoscaling/v1/scale.js';
import type { Scale } from '../../../api/autoscaling/v1/types.js';
import {
  hasReason,
  invalidObject,
  methodNotAllowed,
  notFound,
} from '../../../api/meta/status-error.js';
import type { KubeObject } from '../../../api/meta/v1/types.js';
import type { ScaleSubresource } from '../../../api/schema/resource.js';
import { invalid } from '../../../api/validation/field-error.js';
import type { ResourceRegistry } from '../../registry/resource-registry.js';
import { transientAnswer, wantedBy } from '../request-body.js';
import { keyOf } from '../resource-key.js';
import { admit, alreadyAdmitted } from './admit.js';
import type { SubresourceHandler } from './subresource.js';

const expected = { group: 'autoscaling', version: 'v1', kind: 'Scale', schema: scaleSchema };

function scaleOf(object: KubeObject, scale: ScaleSubresource<KubeObject>): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const replicas = scale.replicas(object);
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: replicas === 0 ? {} : { replicas },
    status: { replicas: scale.statusReplicas(object), selector: scale.selector(object) },
  } as KubeObject;
}

export function scaleHandler(
  registry: ResourceRegistry,
  scale: ScaleSubresource<KubeObject>,
): SubresourceHandler {
  const { resource } = registry;
  const missing = (name: string): Error =>
    notFound({ group: resource.group, plural: `${resource.plural}/scale` }, name);
  return async (request, context) => {
    const key = keyOf(request);
    const { verb } = request.target;
    if (verb === 'get') {
      const stored = registry.find(key);
      if (stored === undefined) throw missing(key.name);
      return transientAnswer(200, scaleOf(stored.object, scale));
    }
    if (verb !== 'update' && verb !== 'patch') throw methodNotAllowed();
    const wanted = await wantedBy(request, expected, context);
    try {
      const { object } = await registry.update(
        key,
        async (stored) => {
          if (stored === undefined) throw missing(key.name);
          const before = scaleOf(stored, scale);
          const body = wanted(before) as KubeObject & Partial<Pick<Scale, 'spec'>>;
          const subresource = 'scale';
          await admit(context, {
            operation: 'UPDATE',
            subresource,
            ...key,
            object: body,
            stored: before,
          });
          const replicas = body.spec?.replicas ?? 0;
          if (replicas < 0) {
            throw invalidObject(expected, key.name, [
              invalid('spec.replicas', replicas, 'must be greater than or equal to 0'),
            ]);
          }
          const draft = structuredClone(stored);
          scale.setReplicas(draft, replicas);
          const {
            name,
            uid = '',
            resourceVersion = '',
          } = body.metadata as Partial<KubeObject['metadata']>;
          const metadata = { ...draft.metadata, name: name ?? '', uid, resourceVersion };
          return { ...draft, metadata };
        },
        { type: 'main' },
        alreadyAdmitted(context),
      );
      return transientAnswer(200, scaleOf(object, scale));
    } catch (error) {
      if (hasReason(error, 'NotFound')) throw missing(key.name);
      throw error;
    }
  };
}
