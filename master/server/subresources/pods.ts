/** What pods can be asked for beside themselves: being bound to a node, getting ephemeral containers, being resized. */
import { badRequest, conflict, methodNotAllowed } from '../../../api/meta/status-error.js';
import { binding } from '../../../api/core/v1/binding.js';
import type { Binding, Container, Pod, PodCondition } from '../../../api/core/v1/types.js';
import type { KubeObject } from '../../../api/meta/v1/types.js';
import { notSupported, required } from '../../../api/validation/field-error.js';
import type { FieldError } from '../../../api/validation/field-error.js';
import { validatePodResize } from '../../../api/core/v1/pod/validate-resize.js';
import { validateEphemeralContainersUpdate } from '../../../api/core/v1/pod/validate-update.js';
import { timestamp } from '../../../api/meta/timestamp.js';
import type { Clock } from '../../../machinery/clock/clock.js';
import type { WriteContext } from '../../registry/hooks.js';
import type { StoreKey } from '../../registry/object-key.js';
import type { ResourceRegistry } from '../../registry/resource-registry.js';
import type { ApiAnswer } from '../api-request.js';
import { decodeAs, successAnswer, wantedBy } from '../request-body.js';
import { expectedKindOf, keyOf } from '../resource-key.js';
import { admit, alreadyAdmitted } from './admit.js';
import type { SubresourceHandler } from './subresource.js';

const pods = { group: '', plural: 'pods' };

function checkBinding(body: Binding, registry: ResourceRegistry): void {
  // Nothing has checked what is required.
  const { kind = '', name = '' } = (body as Partial<Binding>).target ?? {};
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
  const conditions = pod.status.conditions ?? [];
  return conditions.some(({ type }) => type === 'PodScheduled')
    ? conditions.map((each) => (each.type === 'PodScheduled' ? scheduled : each))
    : [...conditions, scheduled];
}

const bindingKind = { group: '', version: 'v1', kind: 'Binding', schema: binding };

/** The pod with a node, and with what else the binding says of it. */
function boundPod(pod: Pod, body: Binding, nowMs: number): KubeObject {
  const uid = (body.metadata as Partial<Binding['metadata']>).uid ?? '';
  const { annotations, labels } = body.metadata;
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
  // No room needs to be made any more on the node it was nominated for.
  const { nominatedNodeName: _nominated, ...known } = pod.status;
  const status = { ...known, conditions: scheduledConditions(pod, nowMs) };
  return { ...pod, metadata, spec, status } as KubeObject;
}

interface BindOptions {
  readonly context: WriteContext;
  readonly clock: Clock;
  /** Of the resource that was written to. */
  readonly subresource: 'binding' | '';
}

/** Binds the pod at `key`, which has to have no node yet. */
async function bind(
  registry: ResourceRegistry,
  key: StoreKey,
  body: Binding,
  { context, clock, subresource }: BindOptions,
): Promise<ApiAnswer> {
  checkBinding(body, registry);
  const object: KubeObject = body;
  await admit(context, { operation: 'CREATE', subresource, ...key, object });
  // As in Kubernetes, nobody comes to own what a binding sets.
  const { manager: _scheduler, ...unowned } = context;
  await registry.update(
    key,
    (stored) => {
      if (stored === undefined) throw registry.notFound(key.name);
      const pod = stored as Pod;
      checkBindable(pod, key.name);
      return boundPod(pod, body, clock.now());
    },
    { type: 'other', subresource: 'binding' },
    alreadyAdmitted(unowned),
  );
  return successAnswer(201);
}

/** `POST pods/NAME/binding`: the scheduler's decision, taken only while the pod has no node. */
export function bindingHandler(registry: ResourceRegistry, clock: Clock): SubresourceHandler {
  return async (request, context) => {
    if (request.target.verb !== 'create') throw methodNotAllowed();
    const body = (await decodeAs(request, bindingKind)) as unknown as Binding;
    return bind(registry, keyOf(request), body, { context, clock, subresource: 'binding' });
  };
}

/** `POST bindings`: the same by its older path, where the pod is named in the body alone. */
export function oldBindingHandler(registry: ResourceRegistry, clock: Clock): SubresourceHandler {
  return async (request, context) => {
    const { namespace } = request.target;
    if (namespace === '') throw methodNotAllowed();
    const body = (await decodeAs(request, bindingKind)) as unknown as Binding;
    const { name = '', namespace: given = '' } = body.metadata as Partial<Binding['metadata']>;
    if (name === '') throw badRequest('name is required');
    if (given !== '' && given !== namespace) {
      throw badRequest(
        'the namespace of the provided object does not match the namespace sent on the request',
      );
    }
    return bind(registry, { namespace, name }, body, { context, clock, subresource: '' });
  };
}

/** What a subresource of the whole pod makes of it, and what it checks. */
interface PodEdit {
  readonly draft: (stored: Pod, wanted: Pod) => Pod;
  readonly validate: (draft: Pod, stored: Pod) => readonly FieldError[];
}

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
    const part = { type: 'other', subresource, countsGeneration: true } as const;
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
        const draft = edit.draft(stored as Pod, wanted);
        const { resourceVersion, managedFields } = wanted.metadata;
        const metadata = { ...draft.metadata, resourceVersion, managedFields };
        const errors = edit.validate(draft, stored as Pod);
        if (errors.length > 0) throw registry.invalid(key.name, errors);
        return { ...draft, metadata };
      },
      part,
      wish.context,
    );
    return { type: 'object', status: 200, object: written.object, bytes: written.bytes, resource };
  };
}

/** Containers added to a running pod; everything else of it stays. */
export function ephemeralContainersHandler(registry: ResourceRegistry): SubresourceHandler {
  return podEditor(registry, 'ephemeralcontainers', {
    draft: (stored, wanted) => {
      const { ephemeralContainers } = wanted.spec;
      return { ...stored, spec: { ...stored.spec, ephemeralContainers } };
    },
    validate: validateEphemeralContainersUpdate,
  });
}

const namesOf = (containers: readonly Container[] | undefined): string =>
  (containers ?? []).map(({ name }) => name).join(' ');

/** The stored containers with the resources that are wanted; containers that do not match are left for validation to refuse. */
function resized<T extends readonly Container[] | undefined>(
  stored: T,
  wanted: T,
): T | Container[] {
  if (namesOf(stored) !== namesOf(wanted)) return wanted;
  return stored?.map((container, position) => {
    const { resources, resizePolicy } = wanted?.[position] ?? container;
    return {
      ...container,
      ...(resources === undefined ? {} : { resources }),
      ...(resizePolicy === undefined ? {} : { resizePolicy }),
    };
  }) as T | Container[];
}

/** Requests and limits of running containers; everything else of the pod stays. */
export function resizeHandler(registry: ResourceRegistry): SubresourceHandler {
  return podEditor(registry, 'resize', {
    draft: (stored, wanted) => {
      const spec = {
        ...stored.spec,
        containers: resized(stored.spec.containers, wanted.spec.containers),
        ...(stored.spec.initContainers === undefined
          ? {}
          : { initContainers: resized(stored.spec.initContainers, wanted.spec.initContainers) }),
        ...(wanted.spec.resources === undefined ? {} : { resources: wanted.spec.resources }),
      };
      return { ...stored, spec };
    },
    validate: validatePodResize,
  });
}
