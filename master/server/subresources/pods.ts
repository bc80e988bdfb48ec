/** What pods can be asked for beside themselves: being bound to a node, being evicted, getting ephemeral containers, being resized. */
import { badRequest, conflict, methodNotAllowed } from '../../../api/meta/status-error.js';
import { binding } from '../../../api/core/v1/binding.js';
import type { Binding, Container, Pod, PodCondition } from '../../../api/core/v1/types.js';
import type { DeleteOptions, KubeObject } from '../../../api/meta/v1/types.js';
import { eviction } from '../../../api/policy/v1/eviction.js';
import { forbidden, notSupported, required } from '../../../api/validation/field-error.js';
import type { FieldError } from '../../../api/validation/field-error.js';
import { timestamp } from '../../../machinery/clock/clock.js';
import type { Clock } from '../../../machinery/clock/clock.js';
import { equalJson } from '../../registry/equal.js';
import type { ResourceRegistry } from '../../registry/resource-registry.js';
import type { ApiAnswer } from '../api-request.js';
import { decodeAs, successAnswer, wantedBy } from '../request-body.js';
import { expectedKindOf, keyOf } from '../resource-key.js';
import { admit, alreadyAdmitted } from './admit.js';
import type { SubresourceHandler } from './subresource.js';

const pods = { group: '', plural: 'pods' };

function checkBinding(body: Binding, registry: ResourceRegistry): void {
  const { kind = '', name = '' } = body.target;
  const errors: FieldError[] = [];
  if (kind !== '' && kind !== 'Node')
    errors.push(notSupported('target.kind', kind, ['Node', '<empty>']));
  if (name === '') errors.push(required('target.name'));
  if (errors.length > 0) throw registry.invalid(body.metadata.name, errors);
}

function checkBindable(pod: Pod, name: string): void {
  const { deletionTimestamp } = pod.metadata;
  if (deletionTimestamp !== undefined) {
    throw conflict(pods, name, `pod ${name} is being deleted, cannot be assigned to a host`);
  }
  const { nodeName = '', schedulingGates = [] } = pod.spec;
  if (nodeName !== '') {
    throw conflict(
      pods,
      name,
      `pod ${name} is already assigned to node ${JSON.stringify(nodeName)}`,
    );
  }
  if (schedulingGates.length > 0) {
    throw conflict(pods, name, `pod ${name} has non-empty .spec.schedulingGates`);
  }
}

function scheduledConditions(pod: Pod, nowMs: number): PodCondition[] {
  const scheduled: PodCondition = {
    type: 'PodScheduled',
    status: 'True',
    lastTransitionTime: timestamp(nowMs),
  };
  const others = (pod.status.conditions ?? []).filter(({ type }) => type !== 'PodScheduled');
  return [...others, scheduled];
}

/** `POST pods/NAME/binding`: the scheduler's decision, taken only while the pod has no node. */
export function bindingHandler(registry: ResourceRegistry, clock: Clock): SubresourceHandler {
  const expected = { group: '', version: 'v1', kind: 'Binding', schema: binding };
  return async (request, context) => {
    if (request.target.verb !== 'create') throw methodNotAllowed();
    const body = (await decodeAs(request, expected)) as unknown as Binding;
    checkBinding(body, registry);
    const key = keyOf(request);
    const object = body as unknown as KubeObject;
    await admit(context, { operation: 'CREATE', subresource: 'binding', ...key, object });
    const uid = (body.metadata as Partial<Binding['metadata']>).uid ?? '';
    const { annotations, labels } = body.metadata;
    // As in Kubernetes, nobody comes to own what a binding sets.
    const { manager: _scheduler, ...unowned } = context;
    await registry.update(
      key,
      (stored) => {
        if (stored === undefined) throw registry.notFound(key.name);
        const pod = stored as Pod;
        checkBindable(pod, key.name);
        const metadata = {
          ...pod.metadata,
          // A race is tried again: the pod may change, as long as it has no node.
          resourceVersion: '',
          ...(uid === '' ? {} : { uid }),
          ...(annotations === undefined
            ? {}
            : { annotations: { ...pod.metadata.annotations, ...annotations } }),
          ...(labels === undefined ? {} : { labels: { ...pod.metadata.labels, ...labels } }),
        };
        const spec = { ...pod.spec, nodeName: body.target.name };
        const status = { ...pod.status, conditions: scheduledConditions(pod, clock.now()) };
        return { ...pod, metadata, spec, status } as KubeObject;
      },
      { type: 'other', subresource: 'binding' },
      alreadyAdmitted(unowned),
    );
    return successAnswer(201);
  };
}

/** `POST pods/NAME/eviction`: a delete that disruption budgets may refuse (there are none to ask yet). */
export function evictionHandler(registry: ResourceRegistry): SubresourceHandler {
  const expected = { group: 'policy', version: 'v1', kind: 'Eviction', schema: eviction };
  return async (request, context) => {
    if (request.target.verb !== 'create') throw methodNotAllowed();
    const body = (await decodeAs(request, expected)) as KubeObject & {
      readonly deleteOptions?: DeleteOptions;
    };
    const key = keyOf(request);
    const { name } = body.metadata as { name?: string };
    if (name !== undefined && name !== '' && name !== key.name) {
      throw badRequest(
        `name in URL does not match name in Eviction object: ${name} vs. ${key.name}`,
      );
    }
    const options = body.deleteOptions ?? {};
    const dryRun = context.dryRun || (options.dryRun ?? []).length > 0;
    await admit(context, { operation: 'CREATE', subresource: 'eviction', ...key, object: body });
    await registry.delete(key, options, { ...context, dryRun });
    return successAnswer(201);
  };
}

type PodEdit = (stored: Pod, wanted: Pod) => Pod;

/** GET, PUT and PATCH of the whole pod of which only one thing may change. */
function podEditor(
  registry: ResourceRegistry,
  subresource: string,
  edit: PodEdit,
): SubresourceHandler {
  return async (request, context): Promise<ApiAnswer> => {
    const key = keyOf(request);
    const { verb } = request.target;
    const { resource } = registry;
    if (verb === 'get') {
      const { object, bytes } = await registry.get(key);
      return { type: 'object', status: 200, object, bytes, resource };
    }
    if (verb !== 'update' && verb !== 'patch') throw methodNotAllowed();
    const part = { type: 'other', subresource } as const;
    const wish = await wantedBy(
      request,
      expectedKindOf(resource),
      context,
      (stored, config, options) => registry.ownership.applied(stored, config, part, options),
    );
    const written = await registry.update(
      key,
      (stored) => {
        if (stored === undefined) throw registry.notFound(key.name);
        const wanted = wish.from(stored) as Pod;
        resource.defaults?.(wanted);
        const draft = edit(stored as Pod, wanted);
        const { resourceVersion, managedFields } = wanted.metadata;
        const metadata = { ...draft.metadata, resourceVersion, managedFields };
        const errors = resource.validate(draft);
        if (errors.length > 0) throw registry.invalid(key.name, errors);
        return { ...draft, metadata };
      },
      part,
      wish.context,
    );
    return { type: 'object', status: 200, object: written.object, bytes: written.bytes, resource };
  };
}

export function ephemeralContainersHandler(registry: ResourceRegistry): SubresourceHandler {
  return podEditor(registry, 'ephemeralcontainers', (stored, wanted) => {
    const added = wanted.spec.ephemeralContainers ?? [];
    for (const existing of stored.spec.ephemeralContainers ?? []) {
      const same = added.find(({ name }) => name === existing.name);
      if (same !== undefined && equalJson(same, existing)) continue;
      const why =
        same === undefined
          ? `existing ephemeral containers ${JSON.stringify(existing.name)} may not be removed\n`
          : `existing ephemeral containers ${JSON.stringify(existing.name)} may not be changed\n`;
      throw registry.invalid(stored.metadata.name, [forbidden('spec.ephemeralContainers', why)]);
    }
    const metadata = { ...stored.metadata, generation: (stored.metadata.generation ?? 0) + 1 };
    return { ...stored, metadata, spec: { ...stored.spec, ephemeralContainers: added } };
  });
}

const resized = (stored: readonly Container[], wanted: readonly Container[]): Container[] =>
  stored.map((container) => {
    const change = wanted.find(({ name }) => name === container.name);
    if (change === undefined) return container;
    const { resources, resizePolicy } = change;
    return {
      ...container,
      ...(resources === undefined ? {} : { resources }),
      ...(resizePolicy === undefined ? {} : { resizePolicy }),
    };
  });

/** Requests and limits of running containers; everything else of the pod stays. */
export function resizeHandler(registry: ResourceRegistry): SubresourceHandler {
  return podEditor(registry, 'resize', (stored, wanted) => {
    const containers = resized(stored.spec.containers, wanted.spec.containers);
    const changed = !equalJson(containers, stored.spec.containers);
    const generation = (stored.metadata.generation ?? 0) + (changed ? 1 : 0);
    return {
      ...stored,
      metadata: { ...stored.metadata, generation },
      spec: { ...stored.spec, containers },
    };
  });
}

/** A pod's answer to what only a running pod can do. */
export const podNotAssigned = (name: string): Error =>
  badRequest(`pod ${name} does not have a host assigned`);
