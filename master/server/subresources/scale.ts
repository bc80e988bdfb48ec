/** `/scale`: how many replicas an object wants and has, the same for every kind that declares it. */
import { appliedProblems } from '../../../api/managed-fields/check-applied.js';
import { objectShape } from '../../../api/managed-fields/shape.js';
import { scale as scaleSchema, scales } from '../../../api/autoscaling/v1/scale.js';
import type { Scale } from '../../../api/autoscaling/v1/types.js';
import {
  badRequest,
  hasReason,
  internalError,
  invalidObject,
  methodNotAllowed,
  notFound,
} from '../../../api/meta/status-error.js';
import type { KubeObject } from '../../../api/meta/v1/types.js';
import type { ResourceDefinition, ScaleSubresource } from '../../../api/schema/resource.js';
import { invalid } from '../../../api/validation/field-error.js';
import { erased } from '../../../api/resources.js';
import type { ResourceRegistry } from '../../registry/resource-registry.js';
import type { ApiAnswer } from '../api-request.js';
import { wantedBy } from '../request-body.js';
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

type ScaleBody = KubeObject & Partial<Pick<Scale, 'spec'>>;

const part = { type: 'main', subresource: 'scale' } as const;

/** What applying a Scale asks of the object that is scaled. */
function configurationOf(
  config: unknown,
  { apiVersion, kind }: ResourceDefinition,
  scale: ScaleSubresource<KubeObject>,
): unknown {
  const problems = appliedProblems(objectShape(scaleSchema), config);
  const { apiVersion: version, kind: found, metadata, spec } = (config ?? {}) as Partial<Scale>;
  if (version !== 'autoscaling/v1' || found !== 'Scale') {
    throw badRequest(
      `Incorrect version specified in apply patch. Specified patch version: ${version ?? ''}, expected: autoscaling/v1`,
    );
  }
  if (problems !== undefined) throw badRequest(`failed to create typed patch object: ${problems}`);
  const wanted = { apiVersion, kind, metadata: metadata ?? {} };
  if (spec?.replicas === undefined) return wanted;
  const scaled = { ...wanted, spec: {} } as unknown as KubeObject;
  scale.setReplicas(scaled, spec.replicas);
  return scaled;
}

/** A Scale that carries who owns what of the object that is scaled. */
function withOwners(applied: KubeObject, scale: ScaleSubresource<KubeObject>): KubeObject {
  const result = scaleOf(applied, scale);
  const { managedFields } = applied.metadata;
  return { ...result, metadata: { ...result.metadata, managedFields } };
}

const answerOf = (object: KubeObject): ApiAnswer => ({
  type: 'object',
  status: 200,
  object,
  bytes: undefined,
  resource: erased(scales),
});

export function scaleHandler(
  registry: ResourceRegistry,
  scale: ScaleSubresource<KubeObject>,
): SubresourceHandler {
  const { resource } = registry;
  const missing = (name: string): Error => notFound(scale.missedAs ?? resource, name);
  return async (request, context) => {
    const key = keyOf(request);
    const { verb } = request.target;
    if (verb === 'get') {
      const stored = registry.find(key);
      if (stored === undefined) throw missing(key.name);
      const problem = scale.unreadable?.(stored.object);
      if (problem !== undefined) throw internalError(problem);
      return answerOf(scaleOf(stored.object, scale));
    }
    if (verb !== 'update' && verb !== 'patch') throw methodNotAllowed();
    let target: KubeObject | undefined;
    const wanted = await wantedBy(request, expected, context, (_scale, config, options) => {
      const ofTarget = configurationOf(config, resource, scale);
      const applied = registry.ownership.applied(target, ofTarget, part, options);
      return withOwners(applied as unknown as KubeObject, scale);
    });
    try {
      const { object } = await registry.update(
        key,
        async (stored) => {
          if (stored === undefined) throw missing(key.name);
          target = stored;
          const before = scaleOf(stored, scale);
          const body = wanted.from(before) as ScaleBody;
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
            name = '',
            uid = '',
            resourceVersion = '',
            managedFields,
          } = body.metadata as Partial<KubeObject['metadata']>;
          return {
            ...draft,
            metadata: { ...draft.metadata, name, uid, resourceVersion, managedFields },
          };
        },
        part,
        alreadyAdmitted(wanted.context),
      );
      return answerOf(scaleOf(object, scale));
    } catch (error) {
      if (hasReason(error, 'NotFound')) throw missing(key.name);
      throw error;
    }
  };
}
