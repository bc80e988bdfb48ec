/**
 * Everything the API server answers beside resources: discovery, OpenAPI, health, version and metrics. Documents are made
 * once and served as bytes.
 *
 * Called by the HTTP server after authentication and authorisation.
 */
import { createHash } from 'node:crypto';
import express from 'express';
import type { Express, Request, Response } from 'express';
import {
  apiGroup,
  apiGroupList,
  apiResourceList,
  apiVersions,
} from '../../api/meta/v1/discovery.js';
import { watchEvent } from '../../api/meta/v1/watch-event.js';
import {
  isStatusError,
  internalError,
  methodNotAllowed,
  notAcceptable,
  pathNotFound,
} from '../../api/meta/status-error.js';
import type { ResourceDefinition } from '../../api/schema/resource.js';
import type { Logger } from '../../machinery/log/log.js';
import type { Metrics } from '../../machinery/metrics/metrics.js';
import { aggregatedDiscovery, legacyDiscovery } from './discovery.js';
import { runChecks } from './health.js';
import { addIssuerDocuments, type IssuerDocumentOptions } from './issuer-documents.js';
import type { HealthCheck } from './health.js';
import { negotiate, servedMediaTypes } from './negotiation.js';
import { openApiV2, openApiV3, openApiV3Index } from './openapi/documents.js';
import { encodeOpenApiV2 } from './openapi/protobuf.js';
import { gitVersion } from './version.js';

export interface OtherRoutesOptions {
  readonly resources: readonly ResourceDefinition[];
  /** `ADDRESS:PORT` clients are told to use. */
  readonly serverAddress: string;
  readonly livez: readonly HealthCheck[];
  readonly readyz: readonly HealthCheck[];
  readonly metrics: Metrics;
  /** Brings figures up to date that are only worked out when asked for. */
  readonly beforeScrape: () => void;
  /** What others check service-account tokens with. */
  readonly issuer: IssuerDocumentOptions;
  readonly logger: Logger;
  /** The platform, for `/version`. */
  readonly buildDate: string;
}

interface Document {
  readonly bytes: Buffer;
  readonly etag: string;
}

const documentOf = (bytes: Buffer): Document => ({
  bytes,
  etag: `"${createHash('sha512').update(bytes).digest('hex').slice(0, 128).toUpperCase()}"`,
});

const jsonDocument = (value: unknown): Document => documentOf(Buffer.from(JSON.stringify(value)));

/** Makes a document when it is first asked for. */
function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** Headers are set past Express, which would add a character set. */
function send(request: Request, response: Response, document: Document, contentType: string): void {
  response.setHeader('Content-Type', contentType);
  response.setHeader('ETag', document.etag);
  response.setHeader('Vary', 'Accept');
  response.setHeader('Cache-Control', 'no-cache, private');
  if (request.headers['if-none-match'] === document.etag) {
    response.status(304).end();
    return;
  }
  response.set('Content-Length', String(document.bytes.length));
  response.status(200).end(document.bytes);
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

const isRead = ({ method }: Request): boolean => method === 'GET' || method === 'HEAD';

const acceptsJson = (request: Request): boolean => negotiate(request.headers.accept) !== undefined;

function addDiscovery(app: Express, options: OtherRoutesOptions): void {
  const { resources, serverAddress } = options;
  const legacy = legacyDiscovery({ resources, serverAddress });
  const documents = new Map([...legacy].map(([path, value]) => [path, jsonDocument(value)]));
  const aggregated = new Map<string, Document>();
  for (const root of ['/api', '/apis'] as const) {
    for (const version of ['v2', 'v2beta1'] as const) {
      const document = jsonDocument(aggregatedDiscovery(resources, root, version));
      aggregated.set(`${root} ${version}`, document);
    }
  }
  app.use((request, response, next) => {
    const path = request.path.replace(/(.)\/+$/, '$1');
    const document = documents.get(path);
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
      const type = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
      send(request, response, whole, type);
      return;
    }
    if (!acceptsJson(request)) throw notAcceptable(servedMediaTypes);
    send(request, response, document, 'application/json');
  });
}

const protobufV2 = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
const protobufV2Header = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

function addOpenApi(app: Express, { resources }: OtherRoutesOptions): void {
  const discoveryDefinitions = {
    APIVersions: apiVersions,
    APIGroupList: apiGroupList,
    APIGroup: apiGroup,
    APIResourceList: apiResourceList,
    WatchEvent: watchEvent,
  };
  const v2 = lazily(() => openApiV2({ resources, discoveryDefinitions }));
  const v2Json = lazily(() => jsonDocument(v2()));
  const v2Protobuf = lazily(() => documentOf(Buffer.from(encodeOpenApiV2(v2()))));
  const v3 = lazily(
    () => new Map([...openApiV3(resources)].map(([path, value]) => [path, jsonDocument(value)])),
  );
  const v3Index = lazily(() =>
    jsonDocument(openApiV3Index(new Map([...v3()].map(([path, { bytes }]) => [path, bytes])))),
  );
  app.get('/openapi/v2', (request, response) => {
    if ((request.headers.accept ?? '').includes(protobufV2)) {
      send(request, response, v2Protobuf(), protobufV2Header);
    } else send(request, response, v2Json(), 'application/json');
  });
  app.get('/openapi/v3', (request, response) => {
    send(request, response, v3Index(), 'application/json');
  });
  app.get('/openapi/v3/*path', (request, response) => {
    const document = v3().get(request.path.slice('/openapi/v3/'.length));
    if (document === undefined) throw pathNotFound();
    send(request, response, document, 'application/json');
  });
}

function addHealth(app: Express, options: OtherRoutesOptions): void {
  const endpoints = { healthz: options.livez, livez: options.livez, readyz: options.readyz };
  for (const [endpoint, checks] of Object.entries(endpoints)) {
    app.get(`/${endpoint}`, async (request, response) => {
      const exclude = [request.query.exclude ?? []].flat().map(String);
      const verbose = request.query.verbose !== undefined;
      const report = await runChecks(checks, { endpoint, verbose, exclude });
      for (const { name, error } of report.failures) {
        options.logger.warn('a health check failed', { endpoint, check: name, error });
      }
      response.status(report.status).type('text/plain').send(report.text);
    });
    app.get(`/${endpoint}/:name`, async (request, response, next) => {
      const check = checks.find(({ name }) => name === request.params.name);
      if (check === undefined) {
        next();
        return;
      }
      const report = await runChecks([check], { endpoint, verbose: false, exclude: [] });
      response.status(report.status).type('text/plain').send(report.text);
    });
  }
}

const indexPaths = [
  '/.well-known/openid-configuration',
  '/api',
  '/apis',
  '/healthz',
  '/livez',
  '/metrics',
  '/openapi/v2',
  '/openapi/v3',
  '/openid/v1/jwks',
  '/readyz',
  '/version',
];

function addFacts(app: Express, options: OtherRoutesOptions): void {
  const [, major = '', minor = ''] = /^v(\d+)\.(\d+)/.exec(gitVersion) ?? [];
  const version = jsonDocument({
    major,
    minor,
    emulationMajor: major,
    emulationMinor: minor,
    minCompatibilityMajor: major,
    minCompatibilityMinor: minor,
    gitVersion,
    gitCommit: '',
    gitTreeState: 'clean',
    buildDate: options.buildDate,
    goVersion: 'none',
    compiler: `node ${process.versions.node}`,
    platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  });
  app.get('/version', (request, response) => {
    send(request, response, version, 'application/json');
  });
  app.get('/metrics', async (_request, response) => {
    options.beforeScrape();
    const { contentType, body } = await options.metrics.render();
    response.set('Content-Type', contentType).send(body);
  });
}

function sendJson(response: Response, code: number, value: unknown): void {
  response.setHeader('Content-Type', 'application/json');
  response.setHeader('Cache-Control', 'no-cache, private');
  response.status(code).end(`${JSON.stringify(value)}\n`);
}

/** The index, which is also what a path nobody serves gets, with a 404; below `/apis` it is plain text. */
function addIndex(app: Express, { resources, livez, readyz }: OtherRoutesOptions): void {
  const names = (endpoint: string, checks: readonly HealthCheck[]): readonly string[] =>
    checks.map(({ name }) => `/${endpoint}/${name}`);
  const paths = [
    ...indexPaths,
    ...legacyDiscovery({ resources, serverAddress: '' }).keys(),
    ...names('healthz', livez),
    ...names('livez', livez),
    ...names('readyz', readyz),
  ];
  const index = { paths: [...new Set(paths)].sort() };
  app.get('/', (_request, response) => {
    sendJson(response, 200, index);
  });
  app.use((request, response) => {
    const [root, group] = request.path.split('/').filter((part) => part !== '');
    if (!isRead(request) && index.paths.includes(request.path)) throw methodNotAllowed();
    if (root === 'api' || (root === 'apis' && isGroup(resources, group ?? '')))
      throw pathNotFound();
    if (root !== 'apis') sendJson(response, 404, index);
    else {
      response.setHeader('Content-Type', 'text/plain; charset=utf-8');
      response.setHeader('X-Content-Type-Options', 'nosniff');
      response.status(404).end('404 page not found\n');
    }
  });
}

const isGroup = (resources: readonly ResourceDefinition[], group: string): boolean =>
  resources.some((resource) => resource.group === group);

/** The Express application for paths that are no resource. */
export function createOtherRoutes(options: OtherRoutesOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  addDiscovery(app, options);
  addOpenApi(app, options);
  addHealth(app, options);
  addFacts(app, options);
  addIssuerDocuments(app, options.issuer);
  addIndex(app, options);
  // Express knows an error handler by its four parameters.
  app.use((error: unknown, _request: Request, response: Response, _next: () => void) => {
    const status = isStatusError(error) ? error : internalError(error);
    if (!isStatusError(error)) options.logger.error('a request failed unexpectedly', { error });
    if (response.headersSent) response.destroy();
    else sendJson(response, status.code, status.status);
  });
  return app;
}
