/**
 * Every operation the server offers, derived from the declarations, in a form both OpenAPI versions are written from.
 */
import type { Definition } from '../../../api/schema/schema.js';
import { type NamedSubresource, type ResourceDefinition } from '../../../api/schema/resource.js';
import { deleteOptions } from '../../../api/meta/v1/delete-options.js';
import { status } from '../../../api/meta/v1/status.js';
import { scale } from '../../../api/autoscaling/v1/scale.js';
import { subresourcesOf } from '../discovery.js';
import { type ParameterName, connectParameters } from './parameters.js';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** What a request or response carries: an object, the list of a kind, a merge or JSON patch, or text. */
export type Payload =
  | { readonly type: 'definition'; readonly definition: Definition }
  | { readonly type: 'list'; readonly resource: ResourceDefinition }
  | { readonly type: 'patch' }
  | { readonly type: 'text' };

export interface Operation {
  readonly path: string;
  readonly method: Method;
  readonly operationId: string;
  readonly description: string;
  readonly action: string;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** The group-version whose document holds the operation, such as `apps/v1`. */
  readonly apiVersion: string;
  readonly pathParameters: readonly ('namespace' | 'name' | 'path')[];
  readonly parameters: readonly ParameterName[];
  readonly body?: Payload;
  readonly bodyIsOptional?: boolean;
  readonly answer: Payload;
  /** Status codes that carry the answer. */
  readonly codes: readonly number[];
  readonly canWatch: boolean;
  /** Of custom resources, which have neither protobuf nor merge keys. */
  readonly isCustom: boolean;
}

const listParameters: readonly ParameterName[] = [
  'allowWatchBookmarks',
  'continue',
  'fieldSelector',
  'labelSelector',
  'limit',
  'resourceVersion',
  'resourceVersionMatch',
  'sendInitialEvents',
  'timeoutSeconds',
  'watch',
];
const deleteParameters: readonly ParameterName[] = [
  'dryRun',
  'gracePeriodSeconds',
  'orphanDependents',
  'propagationPolicy',
];
const writeParameters: readonly ParameterName[] = ['dryRun', 'fieldManager', 'fieldValidation'];

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** `CoreV1`, `AppsV1`, `AuthenticationV1`: how operation ids name a group-version. */
const idPrefix = ({ group, version }: { group: string; version: string }): string =>
  `${group === '' ? 'Core' : capital(group.split('.')[0] ?? '')}${capital(version)}`;

/** The tag of a group-version, such as `core_v1`. */
export const tagOf = (operation: Pick<Operation, 'apiVersion'>): string => {
  const [first = '', second] = operation.apiVersion.split('/');
  return second === undefined
    ? `core_${first}`
    : `${(first.split('.')[0] ?? '').replaceAll('-', '')}_${second}`;
};

const definitionPayload = (definition: Definition): Payload => ({ type: 'definition', definition });

class OperationWriter {
  readonly operations: Operation[] = [];
  private readonly resource: ResourceDefinition;
  private readonly root: string;
  private readonly scopeWord: string;
  private readonly scopeParameters: readonly 'namespace'[];

  constructor(resource: ResourceDefinition) {
    this.resource = resource;
    const base =
      resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.apiVersion}`;
    const namespaced = resource.scope === 'Namespaced';
    this.root = `${base}${namespaced ? '/namespaces/{namespace}' : ''}/${resource.plural}`;
    this.scopeWord = namespaced ? 'Namespaced' : '';
    this.scopeParameters = namespaced ? ['namespace'] : [];
  }

  private add(
    operation: Pick<Operation, 'path' | 'method' | 'description' | 'action' | 'answer'> &
      Partial<Operation> & { readonly verb: string; readonly suffix?: string },
  ): void {
    const { verb, suffix = '', ...rest } = operation;
    const { group, version, kind, apiVersion } = this.resource;
    this.operations.push({
      operationId: `${verb}${idPrefix(this.resource)}${this.scopeWord}${kind}${suffix}`,
      group,
      version,
      kind,
      apiVersion,
      pathParameters: this.scopeParameters,
      parameters: [],
      codes: [200],
      canWatch: false,
      isCustom: this.resource.decode !== undefined,
      ...rest,
    });
  }

  collection(): void {
    const { resource, root: path } = this;
    const { kind, verbs } = resource;
    const object = definitionPayload(resource.schema);
    if (verbs.includes('list')) {
      const list = {
        method: 'get',
        verb: 'list',
        description: `List or watch objects of kind ${kind}.`,
        action: 'list',
        parameters: listParameters,
        answer: { type: 'list', resource },
        canWatch: true,
      } as const;
      this.add({ ...list, path });
      if (resource.scope === 'Namespaced') {
        this.add({
          ...list,
          path: path.replace('/namespaces/{namespace}', ''),
          pathParameters: [],
          operationId: `list${idPrefix(resource)}${kind}ForAllNamespaces`,
        });
      }
    }
    if (verbs.includes('create')) {
      this.add({
        path,
        method: 'post',
        verb: 'create',
        description: `Create a ${kind}.`,
        action: 'post',
        parameters: writeParameters,
        body: object,
        answer: object,
        codes: [200, 201, 202],
      });
    }
    if (verbs.includes('deletecollection')) {
      this.add({
        path,
        method: 'delete',
        verb: 'delete',
        operationId: `delete${idPrefix(resource)}Collection${this.scopeWord}${kind}`,
        description: `Delete a collection of ${kind}.`,
        action: 'deletecollection',
        parameters: [...deleteParameters, ...listParameters].filter(
          (name) => name !== 'watch' && name !== 'allowWatchBookmarks',
        ),
        body: definitionPayload(deleteOptions),
        bodyIsOptional: true,
        answer: definitionPayload(status),
      });
    }
  }

  /** get, put and patch of the object itself or of a subresource that is an object. */
  private readAndWrite(target: {
    readonly path: string;
    readonly what: string;
    readonly suffix: string;
    readonly verbs: readonly string[];
    readonly payload: Payload;
    readonly gvk?: { readonly group: string; readonly version: string; readonly kind: string };
  }): void {
    const { path, what, suffix, verbs, payload } = target;
    const common = {
      path,
      suffix,
      pathParameters: [...this.scopeParameters, 'name'] as const,
      answer: payload,
    };
    if (verbs.includes('get')) {
      this.add({
        ...common,
        ...target.gvk,
        method: 'get',
        verb: 'read',
        description: `Read ${what}.`,
        action: 'get',
      });
    }
    if (verbs.includes('update')) {
      this.add({
        ...common,
        ...target.gvk,
        method: 'put',
        verb: 'replace',
        description: `Replace ${what}.`,
        action: 'put',
        parameters: writeParameters,
        body: payload,
        codes: [200, 201],
      });
    }
    if (verbs.includes('patch')) {
      this.add({
        ...common,
        ...target.gvk,
        method: 'patch',
        verb: 'patch',
        description: `Update parts of ${what}.`,
        action: 'patch',
        parameters: [...writeParameters, 'force'],
        body: { type: 'patch' },
        codes: [200, 201],
      });
    }
  }

  object(): void {
    const { resource } = this;
    const path = `${this.root}/{name}`;
    this.readAndWrite({
      path,
      what: `the ${resource.kind}`,
      suffix: '',
      verbs: resource.verbs,
      payload: definitionPayload(resource.schema),
    });
    if (!resource.verbs.includes('delete')) return;
    this.add({
      path,
      method: 'delete',
      verb: 'delete',
      description: `Delete a ${resource.kind}.`,
      action: 'delete',
      pathParameters: [...this.scopeParameters, 'name'],
      parameters: deleteParameters,
      body: definitionPayload(deleteOptions),
      bodyIsOptional: true,
      answer: definitionPayload(
        resource.kind === 'Pod' || resource.kind === 'Service' || resource.kind === 'ServiceAccount'
          ? resource.schema
          : status,
      ),
      codes: [200, 202],
    });
  }

  private connect(subresource: NamedSubresource): void {
    const { resource } = this;
    const isProxy = subresource.name === 'proxy';
    const methods: readonly Method[] = isProxy
      ? ['get', 'post', 'put', 'patch', 'delete']
      : ['get', 'post'];
    for (const suffix of isProxy ? ['', '/{path}'] : ['']) {
      for (const method of methods) {
        this.add({
          path: `${this.root}/{name}/${subresource.name}${suffix}`,
          method,
          verb: `connect${capital(method)}`,
          operationId: `connect${idPrefix(resource)}${capital(method)}${this.scopeWord}${resource.kind}${capital(subresource.name)}${suffix === '' ? '' : 'WithPath'}`,
          description: `Connect ${method.toUpperCase()} requests to ${subresource.name} of the ${resource.kind}.`,
          action: 'connect',
          kind: subresource.kind,
          pathParameters: [
            ...this.scopeParameters,
            'name',
            ...(suffix === '' ? [] : (['path'] as const)),
          ],
          parameters: connectParameters[subresource.name] ?? [],
          answer: { type: 'text' },
        });
      }
    }
  }

  private subresource(subresource: NamedSubresource): void {
    const { resource } = this;
    const { group, version, kind, name } = subresource;
    const path = `${this.root}/{name}/${name}`;
    const suffix = capital(name === 'ephemeralcontainers' ? 'ephemeralcontainers' : name);
    const pathParameters = [...this.scopeParameters, 'name'] as const;
    if (name === 'log') {
      this.add({
        path,
        method: 'get',
        verb: 'read',
        suffix,
        description: `Read the log of a container of the ${resource.kind}.`,
        action: 'get',
        pathParameters,
        parameters: connectParameters.log ?? [],
        answer: { type: 'text' },
      });
    } else if (kind.endsWith('Options')) {
      this.connect(subresource);
    } else if (subresource.verbs.includes('create')) {
      const payload = definitionPayload(subresource.schema ?? resource.schema);
      this.add({
        path,
        method: 'post',
        verb: 'create',
        suffix,
        description: `Create ${name} of a ${resource.kind}.`,
        action: 'post',
        group,
        version,
        kind,
        pathParameters,
        parameters: writeParameters,
        body: payload,
        answer: payload,
        codes: [200, 201, 202],
      });
    } else {
      const definition = name === 'scale' ? scale : (subresource.schema ?? resource.schema);
      this.readAndWrite({
        path,
        what: `${name} of the ${resource.kind}`,
        suffix,
        verbs: subresource.verbs,
        payload: definitionPayload(definition),
        gvk: { group, version, kind },
      });
    }
  }

  write(): readonly Operation[] {
    this.collection();
    this.object();
    for (const subresource of subresourcesOf(this.resource)) this.subresource(subresource);
    return this.operations;
  }
}

/** Every operation on resources, in the order of the declarations. */
export const operationsOf = (resources: readonly ResourceDefinition[]): readonly Operation[] =>
  resources.flatMap((resource) => new OperationWriter(resource).write());
