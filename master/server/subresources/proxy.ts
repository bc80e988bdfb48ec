/**
 * `pods/NAME/proxy`, `services/NAME/proxy` and `nodes/NAME/proxy`: the request goes on to a port of the object, by HTTP or
 * HTTPS. A name may say more: `https:web:8443`.
 */
import { request as httpRequest } from 'node:http';
import type { ClientRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import type { Node, Pod, Service } from '../../../api/core/v1/types.js';
import { badRequest, serviceUnavailable } from '../../../api/meta/status-error.js';
import type { KubeObject } from '../../../api/meta/v1/types.js';
import type { WriteContext } from '../../registry/hooks.js';
import type { Registries } from '../../registry/registries.js';
import { agentAddressOf, nodeAddressOf } from '../agent-address.js';
import type { ApiAnswer, ApiRequest } from '../api-request.js';
import type { ClusterConnector } from '../proxy/cluster-connector.js';
import type { Backend, OutgoingHeaders } from '../proxy/reverse-proxy.js';
import { admit } from './admit.js';
import type { SubresourceHandler } from './subresource.js';
import { connectionErrorText } from '../../../machinery/connection-error-text.js';

export interface ProxyOptions {
  readonly registries: Registries;
  readonly cluster: ClusterConnector;
}

/** What a name such as `https:web:8443` says. */
interface ProxyTarget {
  readonly scheme: 'http' | 'https';
  readonly name: string;
  /** As it was written; empty where the name gives none. */
  readonly port: string;
}

const isScheme = (text: string): text is 'http' | 'https' => text === 'http' || text === 'https';

/** What a name says of scheme, object and port; throws a 400 where it cannot be read. */
export function proxyTargetOf(text: string, what: string): ProxyTarget {
  const parts = text.split(':');
  const [first = '', second = '', third = ''] = parts;
  if (parts.length === 1) return { scheme: 'http', name: first, port: '' };
  if (parts.length === 2) {
    if (first !== '' && !isScheme(first)) return { scheme: 'http', name: first, port: second };
    if (isScheme(first)) return { scheme: first, name: second, port: '' };
  }
  if (parts.length === 3 && (first === '' || isScheme(first)) && second !== '') {
    return { scheme: first === '' ? 'http' : first, name: second, port: third };
  }
  throw badRequest(`invalid ${what} request ${JSON.stringify(text)}`);
}

/** The path below `…/proxy`, with its query, as the client escaped it. */
export function restOf(path: string): string {
  const mark = path.indexOf('?');
  const [whole, query] = mark < 0 ? [path, ''] : [path.slice(0, mark), path.slice(mark)];
  const [, rest = ''] = /^.*?\/(?:pods|services|nodes)\/[^/]+\/proxy(\/.*)?$/.exec(whole) ?? [];
  return `${rest === '' ? '/' : rest}${query}`;
}

/** The path of the API that stands before what is proxied. */
export function prefixOf(path: string): string {
  const [, prefix = ''] = /^(.*?\/(?:pods|services|nodes)\/[^/]+\/proxy)/.exec(path) ?? [];
  return prefix;
}

interface WebServer {
  readonly scheme: 'http' | 'https';
  /** What the server is addressed as. */
  readonly host: string;
  readonly connect: () => Promise<Duplex>;
}

/** What is proxied shows its own certificate, which nobody here could check: Kubernetes does not either. */
function secured(scheme: 'http' | 'https', socket: Duplex): Promise<Duplex> {
  if (scheme === 'http') return Promise.resolve(socket);
  return new Promise((resolve, reject) => {
    const tls = connectTls({ socket, rejectUnauthorized: false });
    tls.once('secureConnect', () => {
      resolve(tls);
    });
    tls.once('error', reject);
  });
}

async function openWeb(
  server: WebServer,
  path: string,
  { method, headers }: { readonly method: string; readonly headers: OutgoingHeaders },
): Promise<ClientRequest> {
  const socket = await secured(server.scheme, await server.connect());
  return httpRequest({
    method,
    path,
    headers: { ...headers, host: server.host, connection: headers.connection ?? 'close' },
    createConnection: () => socket,
  });
}

function unreachable(error: unknown): Error {
  const why = connectionErrorText(error);
  return serviceUnavailable(`error trying to reach service: ${why}`, error);
}

/** A redirect within the server leads to the same server through the proxy. */
export function rewrittenLocation(location: string, host: string, prefix: string): string {
  if (location.startsWith('/')) return `${prefix}${location}`;
  if (!URL.canParse(location)) return location;
  const url = new URL(location);
  // A URL leaves out the port its scheme implies.
  const isSame =
    url.host === host || `${url.host}:${url.protocol === 'https:' ? '443' : '80'}` === host;
  return isSame ? `${prefix}${url.pathname}${url.search}${url.hash}` : location;
}

function webBackend(request: ApiRequest, server: WebServer): Backend {
  const prefix = prefixOf(request.path);
  return {
    open: (method, headers) => openWeb(server, restOf(request.path), { method, headers }),
    unreachable,
    headers: {
      'x-forwarded-uri': request.path.split('?', 1)[0] ?? '',
      'x-forwarded-proto': 'https',
    },
    rewriteLocation: (location) => rewrittenLocation(location, server.host, prefix),
  };
}

const isWithoutPath = ({ method, path }: ApiRequest): boolean =>
  (method === 'GET' || method === 'HEAD') && (path.split('?', 1)[0] ?? '').endsWith('/proxy');

/** Relative links of a page only work below a path that ends with a slash. */
function toSlash({ path }: ApiRequest): ApiAnswer {
  const mark = path.indexOf('?');
  const location = mark < 0 ? `${path}/` : `${path.slice(0, mark)}/${path.slice(mark)}`;
  return { type: 'redirect', location };
}

function portNumberOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw badRequest(`invalid port ${JSON.stringify(text)}`);
}

const firstPort = ({ spec }: Pod): number | undefined =>
  spec.containers.flatMap(({ ports = [] }) => ports)[0]?.containerPort;

async function podServer(options: ProxyOptions, request: ApiRequest): Promise<WebServer> {
  const { namespace } = request.target;
  const { scheme, name, port } = proxyTargetOf(request.target.name, 'pod');
  const { object } = await options.registries.of('', 'pods').get({ namespace, name });
  const pod = object as Pod;
  const { nodeName = '' } = pod.spec;
  const address = pod.status.podIP ?? '';
  if (address === '' || nodeName === '') throw badRequest('address not allowed');
  const number =
    port === '' ? (firstPort(pod) ?? (scheme === 'https' ? 443 : 80)) : portNumberOf(port);
  return {
    scheme,
    host: `${address}:${String(number)}`,
    connect: () => options.cluster.toPod({ namespace, name, nodeName, port: number }),
  };
}

/** The name of the Service's port: the number of one, or the name itself. */
function portNameOf({ spec, metadata }: Service, port: string): string {
  if (!/^\d+$/.test(port)) return port;
  const found = spec.ports?.find((one) => one.port === Number(port));
  if (found !== undefined) return found.name ?? '';
  throw serviceUnavailable(
    `no service port ${port} found for service ${JSON.stringify(metadata.name)}`,
  );
}

async function serviceServer(options: ProxyOptions, request: ApiRequest): Promise<WebServer> {
  const { namespace } = request.target;
  const { scheme, name, port } = proxyTargetOf(request.target.name, 'service');
  const { object } = await options.registries.of('', 'services').get({ namespace, name });
  const portName = portNameOf(object as Service, port);
  const { cluster } = options;
  if (cluster.podsBehind({ namespace, name }, portName).length === 0) {
    const asked = JSON.stringify(request.target.name);
    throw serviceUnavailable(`no endpoints available for service ${asked}`);
  }
  return {
    scheme,
    host: `${name}.${namespace}.svc`,
    connect: () => cluster.toPodOf({ namespace, name }, portName),
  };
}

async function nodeBackend(options: ProxyOptions, request: ApiRequest): Promise<Backend> {
  const { registries, cluster } = options;
  const { scheme, name, port } = proxyTargetOf(request.target.name, 'node');
  const { object } = await registries.of('', 'nodes').get({ namespace: '', name });
  const agent = agentAddressOf(registries, name);
  if (port === '' || port === String(agent.port)) {
    return cluster.agents.backend({ ...agent, path: restOf(request.path) });
  }
  const host = nodeAddressOf(object as Node) ?? '';
  const number = portNumberOf(port);
  const connect = (): Promise<Duplex> => cluster.toHost(host, number);
  return webBackend(request, { scheme, host: `${host}:${port}`, connect });
}

const optionsKinds = {
  pods: 'PodProxyOptions',
  services: 'ServiceProxyOptions',
  nodes: 'NodeProxyOptions',
} as const;

async function admitProxy(request: ApiRequest, context: WriteContext): Promise<void> {
  const { plural, namespace, name } = request.target;
  const kind = optionsKinds[plural as keyof typeof optionsKinds];
  const object = { kind, apiVersion: 'v1', path: restOf(request.path) } as unknown as KubeObject;
  await admit(context, { operation: 'CONNECT', subresource: 'proxy', namespace, name, object });
}

const handlerOf =
  (backendOf: (request: ApiRequest) => Promise<Backend>): SubresourceHandler =>
  async (request, context) => {
    await admitProxy(request, context);
    if (isWithoutPath(request)) return toSlash(request);
    return { type: 'proxy', backend: await backendOf(request) };
  };

/** The handlers of the three proxies, by `group/plural/subresource`. */
export const proxyHandlers = (options: ProxyOptions): [string, SubresourceHandler][] => [
  [
    '/pods/proxy',
    handlerOf(async (request) => webBackend(request, await podServer(options, request))),
  ],
  [
    '/services/proxy',
    handlerOf(async (request) => webBackend(request, await serviceServer(options, request))),
  ],
  ['/nodes/proxy', handlerOf((request) => nodeBackend(options, request))],
];
