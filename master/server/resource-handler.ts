/**
 * What each verb does on a resource: reads its options, decodes its body, calls the registry, gives the answer. Everything
 * comes from the resource's declaration; subresources with behaviour of their own are in `../registry/subresources`.
 *
 * Called by the HTTP server and the in-process transport, after authentication and authorisation.
 */
import {
  badRequest,
  invalidObject,
  methodNotAllowed,
  pathNotFound,
} from '../../api/meta/status-error.js';
import { deleteOptions as deleteOptionsSchema } from '../../api/meta/v1/delete-options.js';
import type { DeleteOptions, KubeObject, Status } from '../../api/meta/v1/types.js';
import type { ResourceDefinition, Verb } from '../../api/schema/resource.js';
import { invalid } from '../../api/validation/field-error.js';
import type { Random } from '../../machinery/clock/random.js';
import { invariant } from '../../machinery/invariant.js';
import { DecodeError, decodeTyped } from '../registry/codec.js';
import type { AdmissionStep, WriteContext } from '../registry/hooks.js';
import type { Registries } from '../registry/registries.js';
import type { ResourceRegistry, Transform, UpdatePart } from '../registry/resource-registry.js';
import type { ApiAnswer, ApiBody, ApiRequest } from './api-request.js';
import type { ComputedHandler } from './component-statuses.js';
import { listQuery } from './list-options.js';
import { answerList, answerWatch, emptyList, requireRevision, selectionOf } from './reads.js';
import { bodyValue, decodeAs, wantedBy } from './request-body.js';
import { expectedKindOf, keyOf } from './resource-key.js';
import {
  deleteOptionsFromQuery,
  managerFromUserAgent,
  revisionParameter,
  writeOptions,
} from './query-options.js';
import type { WriteOptions } from './query-options.js';
import { scaleHandler } from './subresources/scale.js';
import type { SubresourceHandler } from './subresources/subresource.js';

/** Makes the admission step of one request. */
export type AdmissionFor = (request: ApiRequest, resource: ResourceDefinition) => AdmissionStep;

export interface ResourceHandlerOptions {
  readonly registries: Registries;
  /** Declared resources, those that are never stored among them. */
  readonly resources: readonly ResourceDefinition[];
  readonly admission: AdmissionFor;
  readonly random: Random;
  /** Subresources with behaviour of their own, by `group/plural/subresource`; create-only resources by `group/plural`. */
  readonly special: ReadonlyMap<string, SubresourceHandler>;
  /** Resources whose objects are made when asked for, by `group/plural`. */
  readonly computed: ReadonlyMap<string, ComputedHandler>;
}

const verbByMethod: Readonly<Record<string, Verb>> = {
  create: 'create',
  get: 'get',
  list: 'list',
  watch: 'watch',
  update: 'update',
  patch: 'patch',
  delete: 'delete',
  deletecollection: 'deletecollection',
};

/** Resources whose deletion is answered with the object, as in Kubernetes. */
const answersWithObject = new Set([
  '/pods',
  '/services',
  '/serviceaccounts',
  '/persistentvolumes',
  '/persistentvolumeclaims',
  '/podtemplates',
  '/resourcequotas',
  'resource.k8s.io/deviceclasses',
  'resource.k8s.io/resourceclaims',
  'resource.k8s.io/resourceclaimtemplates',
  'resource.k8s.io/resourceslices',
  'storage.k8s.io/csidrivers',
  'storage.k8s.io/csinodes',
  'storage.k8s.io/csistoragecapacities',
  'storage.k8s.io/storageclasses',
  'storage.k8s.io/volumeattachments',
  'storage.k8s.io/volumeattributesclasses',
]);

export class ResourceHandler {
  private readonly options: ResourceHandlerOptions;
  private readonly computed = new Map<ResourceRegistry, ComputedHandler>();

  constructor(options: ResourceHandlerOptions) {
    this.options = options;
    for (const [resource, handler] of options.computed) {
      const [group = '', plural = ''] = resource.split('/');
      this.computed.set(options.registries.of(group, plural), handler);
    }
  }

  /** Answers a resource request; throws a StatusError for any failure. */
  async handle(request: ApiRequest): Promise<ApiAnswer> {
    const { target } = request;
    const registry = this.options.registries.find(target.group, target.plural, target.version);
    if (registry === undefined) return this.handleUnstored(request);
    const { resource } = registry;
    if (resource.deprecation !== undefined) request.warnings.push(resource.deprecation);
    if (target.subresource !== '') return this.handleSubresource(request, registry);
    const verb = verbByMethod[target.verb];
    if (resource.scope === 'Cluster' && target.namespace !== '' && target.plural !== 'namespaces') {
      throw pathNotFound();
    }
    const hasTarget = verb !== 'create' && verb !== 'deletecollection';
    if (
      resource.scope === 'Namespaced' &&
      target.namespace === '' &&
      (target.name !== '' || !hasTarget)
    ) {
      if (target.name !== '') throw pathNotFound();
      throw methodNotAllowed();
    }
    const posted = verb === 'create' && target.name !== '';
    const unnamed = (verb === 'update' || verb === 'patch') && target.name === '';
    if (verb === undefined || !resource.verbs.includes(verb) || posted || unnamed) {
      throw methodNotAllowed();
    }
    const computed = this.computed.get(registry);
    return computed === undefined ? this.handleVerb(verb, request, registry) : computed(request);
  }

  private handleVerb(
    verb: Verb,
    request: ApiRequest,
    registry: ResourceRegistry,
  ): Promise<ApiAnswer> {
    switch (verb) {
      case 'get':
        return this.get(request, registry);
      case 'list':
        return answerList(request, registry);
      case 'watch':
        return answerWatch(request, registry, this.options.random);
      case 'create':
        return this.create(request, registry);
      case 'update':
      case 'patch':
        return this.update(request, registry, { type: 'main' });
      case 'delete':
        return this.delete(request, registry);
      case 'deletecollection':
        return this.deleteCollection(request, registry);
    }
  }

  /** Resources that are answered and never stored, such as reviews. */
  private handleUnstored(request: ApiRequest): Promise<ApiAnswer> {
    const { group, version, plural, name, subresource, verb } = request.target;
    const handler = this.options.special.get(`${group}/${version}/${plural}`);
    if (handler === undefined || name !== '' || subresource !== '') throw pathNotFound();
    if (verb !== 'create') throw methodNotAllowed();
    const resource = this.options.resources.find(
      (one) => one.plural === plural && one.group === group && one.version === version,
    );
    invariant(resource !== undefined, 'what has a handler is declared');
    return handler(request, this.contextOf(request, resource, 'CreateOptions').context);
  }

  private handleSubresource(request: ApiRequest, registry: ResourceRegistry): Promise<ApiAnswer> {
    const { group, plural, subresource, namespace, verb } = request.target;
    const { resource } = registry;
    if (resource.scope === 'Namespaced' && namespace === '') throw pathNotFound();
    const special = this.options.special.get(`${group}/${plural}/${subresource}`);
    if (special !== undefined) {
      const options = verb === 'create' ? 'CreateOptions' : 'UpdateOptions';
      return special(request, this.contextOf(request, resource, options).context);
    }
    if (subresource === 'scale' && resource.scale !== undefined) {
      const { context } = this.contextOf(request, resource, 'UpdateOptions');
      return scaleHandler(registry, resource.scale)(request, context);
    }
    if (subresource !== 'status' || resource.status !== true) {
      throw resource.decode === undefined ? pathNotFound() : registry.notFound(request.target.name);
    }
    if (verb === 'get') return this.get(request, registry);
    if (verb === 'update' || verb === 'patch') {
      return this.update(request, registry, { type: 'status' });
    }
    throw methodNotAllowed();
  }

  private contextOf(
    request: ApiRequest,
    resource: ResourceDefinition,
    kind: string,
  ): { readonly context: WriteContext; readonly options: WriteOptions } {
    const options = writeOptions(request.query, kind, 'Warn');
    const admission = this.options.admission(request, resource);
    const asked = request.query.size === 0 ? null : request.query.get('fieldManager');
    const context: WriteContext = {
      dryRun: options.dryRun,
      admission,
      requester: request.user,
      warnings: request.warnings,
      manager: asked === null || asked === '' ? managerFromUserAgent(request.userAgent) : asked,
    };
    return { options, context };
  }

  private async get(request: ApiRequest, registry: ResourceRegistry): Promise<ApiAnswer> {
    if (request.query.size > 0) requireRevision(registry, revisionParameter(request.query));
    const stored = await registry.get(keyOf(request));
    return {
      type: 'object',
      status: 200,
      object: stored.object,
      bytes: stored.bytes,
      resource: registry.resource,
    };
  }

  private async create(request: ApiRequest, registry: ResourceRegistry): Promise<ApiAnswer> {
    const { resource } = registry;
    const { context, options } = this.contextOf(request, resource, 'CreateOptions');
    const object = await decodeAs(request, expectedKindOf(resource), options.fieldValidation);
    resource.defaults?.(object);
    const written = await registry.create(object, namespaceOf(request, resource), context);
    return { type: 'object', status: 201, object: written.object, bytes: written.bytes, resource };
  }

  private async update(
    request: ApiRequest,
    registry: ResourceRegistry,
    part: UpdatePart,
  ): Promise<ApiAnswer> {
    const { resource } = registry;
    const patching = request.target.verb === 'patch';
    const { context } = this.contextOf(
      request,
      resource,
      patching ? 'PatchOptions' : 'UpdateOptions',
    );
    const wanted = await wantedBy(
      request,
      expectedKindOf(resource),
      context,
      (stored, config, options) => registry.ownership.applied(stored, config, part, options),
    );
    const key = keyOf(request);
    const transform: Transform = (stored) => {
      const draft = wanted.from(stored);
      if (draft === undefined) throw registry.notFound(key.name);
      resource.defaults?.(draft);
      if (!patching && stored !== undefined) requireVersion(resource, key.name, draft);
      return draft;
    };
    const { object, bytes, created } = await registry.update(key, transform, part, wanted.context);
    return { type: 'object', status: created ? 201 : 200, object, bytes, resource };
  }

  private async deleteOptions(request: ApiRequest): Promise<Partial<DeleteOptions>> {
    const body = await request.body();
    const isEmpty = body.type === 'bytes' ? body.bytes.length === 0 : body.value === undefined;
    return isEmpty ? deleteOptionsFromQuery(request.query) : decodeDeleteOptions(body);
  }

  private async delete(request: ApiRequest, registry: ResourceRegistry): Promise<ApiAnswer> {
    const { resource } = registry;
    const options = await this.deleteOptions(request);
    const { context } = this.contextOf(request, resource, 'DeleteOptions');
    const dryRun = context.dryRun || (options.dryRun ?? []).length > 0;
    const key = keyOf(request);
    const deleted = await registry.delete(key, options, { ...context, dryRun });
    const held = !deleted.gone && options.orphanDependents === false;
    const status = held ? 202 : 200;
    if (!deleted.gone || answersWithObject.has(`${resource.group}/${resource.plural}`)) {
      return { type: 'object', status, object: deleted.object, bytes: deleted.bytes, resource };
    }
    return {
      type: 'object',
      status,
      object: successStatus(resource, key.name, deleted.object.metadata.uid),
      bytes: undefined,
    };
  }

  private async deleteCollection(
    request: ApiRequest,
    registry: ResourceRegistry,
  ): Promise<ApiAnswer> {
    const { resource } = registry;
    const options = await this.deleteOptions(request);
    const query = listQuery(resource, request.query);
    const { context } = this.contextOf(request, resource, 'DeleteOptions');
    const dryRun = context.dryRun || (options.dryRun ?? []).length > 0;
    const selection = selectionOf(request, query);
    if (selection === null) return emptyList(registry);
    const page = await registry.deleteCollection({ ...selection, limit: query.limit }, options, {
      ...context,
      dryRun,
    });
    return { type: 'list', resource, page, continueToken: undefined };
  }
}

/** Some resources take no PUT that does not say what it replaces. */
function requireVersion(resource: ResourceDefinition, name: string, draft: KubeObject): void {
  const { resourceVersion = '' } = draft.metadata as Partial<KubeObject['metadata']>;
  if (resource.strategy.requiresVersion !== true || resourceVersion !== '') return;
  const error = invalid('metadata.resourceVersion', 0, 'must be specified for an update');
  throw invalidObject({ group: resource.group, kind: resource.plural }, name, [error]);
}

function decodeDeleteOptions(body: ApiBody): Partial<DeleteOptions> {
  const { value } = bodyValue(
    body,
    { kind: 'DeleteOptions', schema: deleteOptionsSchema },
    'Ignore',
  );
  const kind = (value as { kind?: unknown } | null)?.kind;
  if (kind !== undefined && kind !== '' && kind !== 'DeleteOptions') {
    throw badRequest(
      `no kind ${JSON.stringify(kind)} is registered for the delete options of a request`,
    );
  }
  try {
    return decodeTyped(deleteOptionsSchema, value).object;
  } catch (error) {
    if (error instanceof DecodeError) throw badRequest(error.message);
    throw error;
  }
}

const namespaceOf = ({ target }: ApiRequest, resource: ResourceDefinition): string =>
  resource.scope === 'Cluster' ? '' : target.namespace;

/** The Status a client gets for an object that is gone. */
function successStatus(resource: ResourceDefinition, name: string, uid: string): KubeObject {
  const status: Status = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name,
      ...(resource.group === '' ? {} : { group: resource.group }),
      kind: resource.plural,
      uid,
    },
  };
  return status as unknown as KubeObject;
}
