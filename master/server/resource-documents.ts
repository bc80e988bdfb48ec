/**
 * The documents derived from the set of resources: discovery and OpenAPI. Made when first asked for, and again once the set
 * has changed; a changed document has another ETag, which is how clients notice.
 *
 * Called by `other-routes.ts`.
 */
import { trimmedEnd } from '../../api/trimmed-end.js';
import type { Express } from 'express';
import {
  apiGroup,
  apiGroupList,
  apiResourceList,
  apiVersions,
} from '../../api/meta/v1/discovery.js';
import { methodNotAllowed, notAcceptable, pathNotFound } from '../../api/meta/status-error.js';
import { versionInfo } from '../../api/meta/v1/version-info.js';
import { watchEvent } from '../../api/meta/v1/watch-event.js';
import type { ResourceDefinition } from '../../api/schema/resource.js';
import type { RemoteGroupVersion } from './aggregation/remote-documents.js';
import { aggregatedDiscovery, legacyDiscovery } from './discovery.js';
import { documentOf, hashOf, jsonDocument, send } from './document.js';
import type { Document } from './document.js';
import { yamlOf } from './answer-target.js';
import { contentTypes, negotiate, servedMediaTypes } from './negotiation.js';
import { openApiV2, openApiV3, openApiV3Index } from './openapi/documents.js';
import { encodeOpenApiV2 } from './openapi/protobuf.js';

/** What is served now; the same array as long as nothing changes. */
export type ServedResources = () => readonly ResourceDefinition[];

/** What extension API servers answer for; the same array as long as nothing changes. */
export type RemoteVersions = () => readonly RemoteGroupVersion[];

/** Everything there is: what this server answers itself, and what others do. */
export interface Served {
  readonly resources: readonly ResourceDefinition[];
  readonly remotes: readonly RemoteGroupVersion[];
}

/** Makes a document when it is first asked for. */
function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

export interface ServedSources {
  readonly resources: ServedResources;
  readonly remotes: RemoteVersions;
}

/** Makes something of what is served, and again once that has changed. */
export function ofServed<T>(sources: ServedSources, make: (served: Served) => T): () => T {
  let made: { readonly from: Served; readonly value: T } | undefined;
  return () => {
    const from = { resources: sources.resources(), remotes: sources.remotes() };
    if (made?.from.resources !== from.resources || made.from.remotes !== from.remotes) {
      made = { from, value: make(from) };
    }
    return made.value;
  };
}

/** Which aggregated form an Accept header asks for first, if it prefers one to plain JSON. */
function aggregatedVersion(accept: string | undefined): 'v2' | 'v2beta1' | undefined {
  for (const range of (accept ?? '').split(',')) {
    const parts = range.split(';').map((part) => part.trim());
    if (parts[0] !== 'application/json') continue;
    if (parts.length === 1) return undefined;
    if (!parts.includes('as=APIGroupDiscoveryList') || !parts.includes('g=apidiscovery.k8s.io')) {
      continue;
    }
    if (parts.includes('v=v2')) return 'v2';
    if (parts.includes('v=v2beta1')) return 'v2beta1';
  }
  return undefined;
}

const json = { contentType: 'application/json' } as const;

/** Documents as YAML, made when somebody asks for them so. */
const inYaml = new WeakMap<Document, Document>();

function yamlDocument(document: Document): Document {
  const known = inYaml.get(document);
  if (known !== undefined) return known;
  const made = documentOf(Buffer.from(yamlOf(JSON.parse(document.bytes.toString()))));
  inYaml.set(document, made);
  return made;
}

interface DiscoveryDocuments {
  readonly legacy: ReadonlyMap<string, Document>;
  readonly aggregated: ReadonlyMap<string, Document>;
}

function discoveryDocuments(served: Served, serverAddress: string): DiscoveryDocuments {
  const legacy = legacyDiscovery({ ...served, serverAddress });
  const aggregated = new Map<string, Document>();
  for (const root of ['/api', '/apis'] as const) {
    for (const version of ['v2', 'v2beta1'] as const) {
      const document = jsonDocument(aggregatedDiscovery(served, root, version));
      aggregated.set(`${root} ${version}`, document);
    }
  }
  return {
    legacy: new Map([...legacy].map(([path, value]) => [path, jsonDocument(value)])),
    aggregated,
  };
}

/** Serves discovery in both its forms. */
export function addDiscovery(
  app: Express,
  sources: ServedSources & { readonly serverAddress: string },
): void {
  const documents = ofServed(sources, (served) =>
    discoveryDocuments(served, sources.serverAddress),
  );
  app.use(async (request, response, next) => {
    const path = trimmedEnd(request.path, '/', 1);
    const { legacy, aggregated } = documents();
    const document = legacy.get(path);
    if (document === undefined) {
      next();
      return;
    }
    // A group's own document answers whatever the method, as in Kubernetes.
    const isGroupDocument = /^\/apis\/[^/]+$/.test(path);
    if (request.method !== 'GET' && request.method !== 'HEAD' && !isGroupDocument) {
      throw methodNotAllowed();
    }
    const version = aggregatedVersion(request.headers.accept);
    const whole = version === undefined ? undefined : aggregated.get(`${path} ${version}`);
    if (whole !== undefined && version !== undefined) {
      const contentType = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
      await send(request, response, whole, { contentType });
      return;
    }
    const accepted = negotiate(request.headers.accept);
    if (accepted === undefined) throw notAcceptable(servedMediaTypes);
    if (accepted.format === 'yaml') {
      await send(request, response, yamlDocument(document), { contentType: contentTypes.yaml });
    } else await send(request, response, document, json);
  });
}

/** Whether a document of somebody else's can be served in both forms: one that cannot would take ours with it. */
function isEncodable(document: Readonly<Record<string, unknown>>): boolean {
  try {
    encodeOpenApiV2(document);
    return true;
  } catch {
    return false;
  }
}

/** Definitions and paths of extension servers beside our own, which win where both have one. */
export function mergedOpenApiV2<T extends object>(
  own: T,
  remotes: readonly RemoteGroupVersion[],
): T {
  const merged = { ...own } as Record<string, unknown>;
  for (const { openApiV2: document, group, version } of remotes) {
    if (document === undefined || !isEncodable(document)) continue;
    const root = `/apis/${group}/${version}/`;
    const paths = Object.entries((document.paths ?? {}) as Record<string, unknown>);
    const within = paths.filter(([path]) => `${path}/`.startsWith(root));
    merged.paths = { ...Object.fromEntries(within), ...(merged.paths as object) };
    merged.definitions = {
      ...(document.definitions as object | undefined),
      ...(merged.definitions as object),
    };
  }
  return merged as T;
}

const protobufV2 = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
/** The protobuf type by either of its names; most clients ask by the older one, which is no proper media type. */
const protobufV2Asked = /application\/com\.github\.proto-openapi\.spec\.v2[.@]v1\.0\+protobuf/;

const discoveryDefinitions = {
  APIVersions: apiVersions,
  APIGroupList: apiGroupList,
  APIGroup: apiGroup,
  APIResourceList: apiResourceList,
  Info: versionInfo,
  WatchEvent: watchEvent,
};

function openApiDocuments({ resources, remotes }: Served) {
  const v2 = lazily(() => mergedOpenApiV2(openApiV2({ resources, discoveryDefinitions }), remotes));
  const v3 = lazily(() => {
    const own = [...openApiV3(resources)].map(
      ([path, value]) => [path, jsonDocument(value)] as const,
    );
    const theirs = remotes.flatMap(({ group, version, openApiV3: document }) =>
      document === undefined ? [] : [[`apis/${group}/${version}`, jsonDocument(document)] as const],
    );
    return new Map([...own, ...theirs]);
  });
  return {
    v2Json: lazily(() => jsonDocument(v2())),
    v2Protobuf: lazily(() => documentOf(Buffer.from(encodeOpenApiV2(v2())))),
    v3,
    v3Index: lazily(() =>
      jsonDocument(
        openApiV3Index(new Map([...v3()].map(([path, document]) => [path, hashOf(document)]))),
      ),
    ),
  };
}

/** Serves OpenAPI, versions 2 and 3. */
export function addOpenApi(app: Express, sources: ServedSources): void {
  const documents = ofServed(sources, openApiDocuments);
  app.get('/openapi/v2', (request, response) => {
    const { v2Json, v2Protobuf } = documents();
    return protobufV2Asked.test(request.headers.accept ?? '')
      ? send(request, response, v2Protobuf(), { contentType: protobufV2 })
      : send(request, response, v2Json(), json);
  });
  app.get('/openapi/v3', (request, response) =>
    send(request, response, documents().v3Index(), json),
  );
  app.get('/openapi/v3/*path', (request, response) => {
    const document = documents().v3().get(request.path.slice('/openapi/v3/'.length));
    if (document === undefined) throw pathNotFound();
    const asked = new URL(request.url, 'https://localhost').searchParams.get('hash') ?? '';
    if (asked !== '' && asked !== hashOf(document)) {
      response.redirect(301, `${request.path}?hash=${hashOf(document)}`);
      return;
    }
    return send(request, response, document, { ...json, immutable: asked !== '' });
  });
}
