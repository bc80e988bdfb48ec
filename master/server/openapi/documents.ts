/**
 * The OpenAPI documents: version 2 for the whole API, version 3 for each group-version with an index. `kubectl explain`, client
 * validation and client-side patches are built from them, so they say exactly what the server does.
 *
 * Called by the server when the set of resources changes; building takes tens of milliseconds, so the result is kept.
 */
import { type ResourceDefinition, apiVersionOf } from '../../../api/schema/resource.js';
import { type Operation, type Payload, operationsOf, tagOf } from './operations.js';
import { type Parameter, queryParameters } from './parameters.js';
import {
  type JsonSchema,
  SchemaWriter,
  listDefinition,
  patchDefinition,
  scalarDefinitions,
} from './schemas.js';

const objectTypes = ['application/json', 'application/yaml'];
const protobufType = 'application/vnd.kubernetes.protobuf';
const watchTypes = ['application/json;stream=watch', `${protobufType};stream=watch`];

/** kubectl patches with the first kind it knows how to build, so that this list decides how it applies. */
const patchTypesOf = ({ isCustom }: Operation): readonly string[] => [
  'application/json-patch+json',
  'application/merge-patch+json',
  ...(isCustom ? [] : ['application/strategic-merge-patch+json']),
  'application/apply-patch+yaml',
];

const pathParameterTexts = {
  namespace: 'The namespace of the object.',
  name: 'The name of the object.',
  path: 'The rest of the path, as the other side sees it.',
} as const;

/** What answers to definitions' group-version-kinds: kinds themselves, their lists, and what subresources exchange. */
function kindsByDefinition(
  resources: readonly ResourceDefinition[],
): ReadonlyMap<string, object[]> {
  const kinds = new Map<string, Map<string, object>>();
  const add = (name: string, gvk: { group: string; version: string; kind: string }): void => {
    const known = kinds.get(name) ?? new Map<string, object>();
    kinds.set(name, known.set(JSON.stringify(gvk), gvk));
  };
  for (const resource of resources) {
    const { group, version, kind, schema } = resource;
    add(schema.name, { group, version, kind });
    add(`${schema.name}List`, { group, version, kind: resource.listKind });
    for (const { schema: body, ...subresource } of resource.subresources) {
      if (body !== undefined && body.name !== schema.name) {
        add(body.name, {
          group: subresource.group,
          version: subresource.version,
          kind: subresource.kind,
        });
      }
    }
    const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';
    add(`${meta}.DeleteOptions`, { group, version, kind: 'DeleteOptions' });
    add(`${meta}.WatchEvent`, { group, version, kind: 'WatchEvent' });
  }
  add('io.k8s.apimachinery.pkg.apis.meta.v1.Status', { group: '', version: 'v1', kind: 'Status' });
  add('io.k8s.api.autoscaling.v1.Scale', { group: 'autoscaling', version: 'v1', kind: 'Scale' });
  return new Map([...kinds].map(([name, known]) => [name, [...known.values()]]));
}

function payloadSchema(writer: SchemaWriter, payload: Payload): JsonSchema {
  switch (payload.type) {
    case 'definition':
      return writer.referTo(payload.definition);
    case 'list':
      return writer.referTo(listDefinition(payload.resource));
    case 'patch':
      writer.scalars.add(patchDefinition);
      return writer.reference(patchDefinition);
    case 'text':
      return { type: 'string' };
  }
}

/** Every definition that something in the document refers to, by name. */
function definitionsOf(
  writer: SchemaWriter,
  kinds: ReadonlyMap<string, object[]>,
): Record<string, JsonSchema> {
  const written: Record<string, JsonSchema> = {};
  for (const [name, definition] of [...writer.found].sort(([a], [b]) => (a < b ? -1 : 1))) {
    written[name] = writer.definition(definition, kinds.get(name) ?? []);
  }
  for (const name of writer.scalars) written[name] = scalarDefinitions[name] ?? {};
  return written;
}

/** The same definitions, where those of custom resources name the fields that select them. */
function withSelections(
  definitions: Record<string, JsonSchema>,
  resources: readonly ResourceDefinition[],
): Record<string, JsonSchema> {
  for (const { decode, schema, selectableFields } of resources) {
    const fields = decode === undefined ? [] : Object.keys(selectableFields);
    if (fields.length === 0) continue;
    definitions[schema.name] = {
      ...definitions[schema.name],
      'x-kubernetes-selectable-fields': fields.map((fieldPath) => ({ fieldPath })),
    };
  }
  return definitions;
}

function producesOf({ answer, action, isCustom, canWatch }: Operation): readonly string[] {
  if (answer.type === 'text') return action === 'connect' ? ['*/*'] : ['text/plain'];
  if (isCustom) return objectTypes;
  return [...objectTypes, protobufType, ...(canWatch ? watchTypes : [])];
}

const extensionsOf = ({ action, group, version, kind }: Operation): JsonSchema => ({
  'x-kubernetes-action': action,
  'x-kubernetes-group-version-kind': { group, version, kind },
});

const responseCodes = (operation: Operation, response: JsonSchema): JsonSchema => ({
  ...Object.fromEntries(
    operation.codes.map((code) => [
      String(code),
      { description: { 200: 'OK', 201: 'Created', 202: 'Accepted' }[code] ?? '', ...response },
    ]),
  ),
  '401': { description: 'Unauthorized' },
});

/** Operations gathered by path, each path with the parameters all its methods share. */
function pathsOf(
  operations: readonly Operation[],
  write: (operation: Operation) => JsonSchema,
  writeParameters: (operation: Operation) => readonly JsonSchema[],
): Record<string, Record<string, unknown>> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations) {
    const item = (paths[operation.path] ??= { parameters: writeParameters(operation) });
    item[operation.method] = write(operation);
  }
  return paths;
}

const prettyParameter = queryParameters.pretty;

function operationV2(writer: SchemaWriter, operation: Operation): JsonSchema {
  const body =
    operation.body === undefined
      ? []
      : [
          {
            in: 'body',
            name: 'body',
            ...(operation.bodyIsOptional === true ? {} : { required: true }),
            schema: payloadSchema(writer, operation.body),
          },
        ];
  const query = operation.parameters.map((name) => ({
    in: 'query',
    name,
    ...queryParameters[name],
    uniqueItems: true,
  }));
  return {
    description: operation.description,
    operationId: operation.operationId,
    tags: [tagOf(operation)],
    schemes: ['https'],
    consumes: operation.action === 'patch' ? patchTypesOf(operation) : ['*/*'],
    produces: producesOf(operation),
    parameters: [...body, ...query],
    responses: responseCodes(operation, { schema: payloadSchema(writer, operation.answer) }),
    ...extensionsOf(operation),
  };
}

const simpleOperation = (options: {
  readonly description: string;
  readonly operationId: string;
  readonly tag: string;
  readonly schema: JsonSchema;
}): JsonSchema => ({
  get: {
    description: options.description,
    operationId: options.operationId,
    tags: [options.tag],
    schemes: ['https'],
    consumes: objectTypes,
    produces: objectTypes,
    responses: {
      '200': { description: 'OK', schema: options.schema },
      '401': { description: 'Unauthorized' },
    },
  },
});

/** Discovery, version and token keys: what is served beside resources. */
function otherPathsV2(
  resources: readonly ResourceDefinition[],
  discovery: Readonly<
    Record<'APIVersions' | 'APIGroupList' | 'APIGroup' | 'APIResourceList' | 'Info', JsonSchema>
  >,
): Record<string, JsonSchema> {
  const paths: Record<string, JsonSchema> = {};
  const add = (path: string, tag: string, description: string, schema: JsonSchema): void => {
    const operationId = `get${path.replaceAll(/[^A-Za-z0-9]+(\w?)/g, (_, letter: string) => letter.toUpperCase())}`;
    paths[path] = simpleOperation({ description, operationId, tag, schema });
  };
  add('/api/', 'core', 'Read the versions of the core group.', discovery.APIVersions);
  add('/apis/', 'apis', 'Read the groups there are.', discovery.APIGroupList);
  add('/version/', 'version', 'Read the version of the server.', discovery.Info);
  add('/openid/v1/jwks/', 'openid', 'Read the keys that verify service-account tokens.', {
    type: 'string',
  });
  add('/.well-known/openid-configuration/', 'WellKnown', 'Read where token keys are found.', {
    type: 'string',
  });
  for (const resource of resources) {
    const root = resource.group === '' ? '/api' : `/apis/${resource.group}`;
    if (resource.group !== '')
      add(`${root}/`, resource.group, 'Read about the group.', discovery.APIGroup);
    add(
      `${root}/${resource.version}/`,
      tagOf(resource),
      'Read the resources of the version.',
      discovery.APIResourceList,
    );
  }
  return paths;
}

export interface OpenApiOptions {
  readonly resources: readonly ResourceDefinition[];
  /** The definitions of documents that no resource refers to. */
  readonly discoveryDefinitions: Readonly<
    Record<
      'APIVersions' | 'APIGroupList' | 'APIGroup' | 'APIResourceList' | 'Info' | 'WatchEvent',
      Parameters<SchemaWriter['referTo']>[0]
    >
  >;
}

/** The whole API in one OpenAPI 2 document. */
export function openApiV2({ resources, discoveryDefinitions }: OpenApiOptions): JsonSchema {
  const writer = new SchemaWriter({ prefix: '#/definitions/', wrapsReferences: false });
  writer.referTo(discoveryDefinitions.WatchEvent);
  const references = {
    APIVersions: writer.referTo(discoveryDefinitions.APIVersions),
    APIGroupList: writer.referTo(discoveryDefinitions.APIGroupList),
    APIGroup: writer.referTo(discoveryDefinitions.APIGroup),
    APIResourceList: writer.referTo(discoveryDefinitions.APIResourceList),
    Info: writer.referTo(discoveryDefinitions.Info),
  };
  const pathParameter = (name: keyof typeof pathParameterTexts): JsonSchema => ({
    in: 'path',
    name,
    description: pathParameterTexts[name],
    required: true,
    type: 'string',
    uniqueItems: true,
  });
  const paths = pathsOf(
    operationsOf(resources),
    (operation) => operationV2(writer, operation),
    (operation) => [
      ...operation.pathParameters.map(pathParameter),
      ...(operation.action === 'connect'
        ? []
        : [{ in: 'query', name: 'pretty', ...prettyParameter, uniqueItems: true }]),
    ],
  );
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: 'unversioned' },
    paths: { ...otherPathsV2(resources, references), ...paths },
    definitions: withSelections(definitionsOf(writer, kindsByDefinition(resources)), resources),
    securityDefinitions: {
      BearerToken: {
        type: 'apiKey',
        name: 'authorization',
        in: 'header',
        description: 'A bearer token',
      },
    },
    security: [{ BearerToken: [] }],
  };
}

const parameterV3 = (
  location: 'path' | 'query',
  name: string,
  parameter: Parameter,
): JsonSchema => ({
  name,
  in: location,
  description: parameter.description,
  ...(location === 'path' ? { required: true } : {}),
  schema: { type: parameter.type, uniqueItems: true },
});

const content = (types: readonly string[], schema: JsonSchema): JsonSchema =>
  Object.fromEntries(types.map((type) => [type, { schema }]));

function operationV3(writer: SchemaWriter, operation: Operation): JsonSchema {
  const bodyTypes = operation.action === 'patch' ? patchTypesOf(operation) : ['*/*'];
  const body =
    operation.body === undefined
      ? {}
      : {
          requestBody: {
            content: content(bodyTypes, payloadSchema(writer, operation.body)),
            ...(operation.bodyIsOptional === true ? {} : { required: true }),
          },
        };
  return {
    description: operation.description,
    operationId: operation.operationId,
    tags: [tagOf(operation)],
    parameters: operation.parameters.map((name) =>
      parameterV3('query', name, queryParameters[name]),
    ),
    ...body,
    responses: responseCodes(operation, {
      content: content(producesOf(operation), payloadSchema(writer, operation.answer)),
    }),
    ...extensionsOf(operation),
  };
}

/** The OpenAPI 3 document of each group-version, by its path below `/openapi/v3`, such as `apis/apps/v1`. */
export function openApiV3(
  resources: readonly ResourceDefinition[],
): ReadonlyMap<string, JsonSchema> {
  const kinds = kindsByDefinition(resources);
  const documents = new Map<string, JsonSchema>();
  for (const apiVersion of new Set(resources.map(apiVersionOf))) {
    const members = resources.filter((resource) => resource.apiVersion === apiVersion);
    const writer = new SchemaWriter({ prefix: '#/components/schemas/', wrapsReferences: true });
    const paths = pathsOf(
      operationsOf(members),
      (operation) => operationV3(writer, operation),
      (operation) => [
        ...operation.pathParameters.map((name) =>
          parameterV3('path', name, { type: 'string', description: pathParameterTexts[name] }),
        ),
        parameterV3('query', 'pretty', prettyParameter),
      ],
    );
    documents.set(apiVersion.includes('/') ? `apis/${apiVersion}` : `api/${apiVersion}`, {
      openapi: '3.0.0',
      info: { title: 'Kubernetes', version: 'unversioned' },
      paths,
      components: {
        schemas: withSelections(definitionsOf(writer, kinds), members),
        securitySchemes: {
          BearerToken: {
            type: 'apiKey',
            name: 'authorization',
            in: 'header',
            description: 'A bearer token',
          },
        },
      },
    });
  }
  return documents;
}

/** `/openapi/v3`: where each document is, with the digest of it. */
export const openApiV3Index = (digests: ReadonlyMap<string, string>): JsonSchema => ({
  paths: Object.fromEntries(
    [...digests].map(([path, digest]) => [
      path,
      { serverRelativeURL: `/openapi/v3/${path}?hash=${digest}` },
    ]),
  ),
});
