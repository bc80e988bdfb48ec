/**
 * Everything the API server answers beside resources: discovery, OpenAPI, health, version and metrics. Documents are made
 * once and served as bytes.
 *
 * Called by the HTTP server after authentication and authorisation.
 */
import express from 'express';
import type { Express, Request, Response } from 'express';
import {
  badRequest,
  isStatusError,
  internalError,
  methodNotAllowed,
  pathNotFound,
} from '../../api/meta/status-error.js';
import type { StatusError } from '../../api/meta/status-error.js';
import type { ResourceDefinition } from '../../api/schema/resource.js';
import type { Logger } from '../../machinery/log/log.js';
import type { Metrics } from '../../machinery/metrics/metrics.js';
import { legacyDiscovery } from './discovery.js';
import { jsonDocument, send } from './document.js';
import { addHealth } from './health.js';
import { addIssuerDocuments, type IssuerDocumentOptions } from './issuer-documents.js';
import type { Health, HealthCheck } from './health.js';
import { addDiscovery, addOpenApi, ofServed } from './resource-documents.js';
import type { ServedSources } from './resource-documents.js';
import { gitVersion } from './version.js';

export interface OtherRoutesOptions extends ServedSources, Health {
  /** `ADDRESS:PORT` clients are told to use. */
  readonly serverAddress: string;
  readonly metrics: Metrics;
  /** Tables for people who look for a fault, by path. */
  readonly dumps: ReadonlyMap<string, (query: Request['query']) => string>;
  /** Brings figures up to date that are only worked out when asked for. */
  readonly beforeScrape: readonly (() => void)[];
  /** What others check service-account tokens with. */
  readonly issuer: IssuerDocumentOptions;
  readonly logger: Logger;
  /** The platform, for `/version`. */
  readonly buildDate: string;
}

const isRead = ({ method }: Request): boolean => method === 'GET' || method === 'HEAD';

const indexPaths = [
  '/.well-known/openid-configuration',
  '/api',
  '/apis',
  '/healthz',
  '/livez',
  '/metrics',
  '/metrics/slis',
  '/openapi/v2',
  '/openapi/v3',
  '/openid/v1/jwks',
  '/readyz',
  '/version',
];

/** Which build this is, for dashboards that show it. */
function noteBuild(metrics: Metrics, facts: Readonly<Record<string, string>>): void {
  const { major = '', minor = '', gitVersion: git_version = '', platform = '' } = facts;
  const info = metrics.gauge({
    name: 'kubernetes_build_info',
    help: 'Always 1; the labels say which build this is.',
    labels: ['major', 'minor', 'git_version', 'platform'],
  });
  info.set(1, { major, minor, git_version, platform });
}

function addFacts(app: Express, options: OtherRoutesOptions): void {
  const [, major = '', minor = ''] = /^v(\d+)\.(\d+)/.exec(gitVersion) ?? [];
  const facts = {
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
  };
  noteBuild(options.metrics, facts);
  const version = jsonDocument(facts);
  app.get('/version', (request, response) => {
    return send(request, response, version, { contentType: 'application/json' });
  });
  app.get('/metrics', async (_request, response) => {
    for (const update of options.beforeScrape) update();
    const { contentType, body } = await options.metrics.render();
    response.set('Content-Type', contentType).send(body);
  });
}

function addDumps(app: Express, { dumps }: OtherRoutesOptions): void {
  for (const [path, dump] of dumps) {
    app.get(path, (request, response) => {
      response.setHeader('Content-Type', 'text/plain; charset=utf-8');
      response.setHeader('X-Content-Type-Options', 'nosniff');
      response.status(200).end(dump(request.query));
    });
  }
}

function sendJson(response: Response, code: number, value: unknown): void {
  response.setHeader('Content-Type', 'application/json');
  response.status(code).end(`${JSON.stringify(value)}\n`);
}

/** The index, and the plain 404 for paths that nobody serves; below a group that is served, it is a Status. */
function addIndex(app: Express, options: OtherRoutesOptions): void {
  const { resources, livez, readyz } = options;
  const names = (endpoint: string, checks: readonly HealthCheck[]): readonly string[] =>
    checks.map(({ name }) => `/${endpoint}/${name}`);
  const index = ofServed(options, (served) => {
    const paths = [
      ...indexPaths,
      ...options.dumps.keys(),
      ...legacyDiscovery({ ...served, serverAddress: '' }).keys(),
      ...names('healthz', livez),
      ...names('livez', livez),
      ...names('readyz', readyz),
    ];
    return { paths: [...new Set(paths)].sort() };
  });
  app.get('/', (_request, response) => {
    sendJson(response, 200, index());
  });
  app.use((request, response) => {
    const [root, group] = request.path.split('/').filter((part) => part !== '');
    if (!isRead(request) && index().paths.includes(request.path)) throw methodNotAllowed();
    if (root === 'api' || (root === 'apis' && isGroup(resources(), group ?? '')))
      throw pathNotFound();
    response.setHeader('Content-Type', 'text/plain; charset=utf-8');
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.status(404).end('404 page not found\n');
  });
}

const isGroup = (resources: readonly ResourceDefinition[], group: string): boolean =>
  resources.some((resource) => resource.group === group);

function statusOf(error: unknown): StatusError {
  if (isStatusError(error)) return error;
  // Express says so of a part of a path that is no UTF-8.
  return error instanceof URIError
    ? badRequest('the path is not properly escaped')
    : internalError(error);
}

/** The Express application for paths that are no resource. */
export function createOtherRoutes(options: OtherRoutesOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  // What is said here depends on who asks, unless it says otherwise itself.
  app.use((_request, response, next) => {
    response.setHeader('Cache-Control', 'no-cache, private');
    next();
  });
  addDiscovery(app, options);
  addOpenApi(app, options);
  addHealth(app, options, options.logger);
  addFacts(app, options);
  addDumps(app, options);
  addIssuerDocuments(app, options.issuer);
  addIndex(app, options);
  // Express knows an error handler by its four parameters.
  app.use((error: unknown, _request: Request, response: Response, _next: () => void) => {
    const status = statusOf(error);
    if (status.code === 500 && !isStatusError(error))
      options.logger.error('a request failed unexpectedly', { error });
    if (response.headersSent) response.destroy();
    else sendJson(response, status.code, status.status);
  });
  return app;
}
