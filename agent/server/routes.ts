/** The paths of the node's server, as the kubelet has them. Pure. */
import { badRequest, pathNotFound } from '../../api/meta/status-error.js';
import type { ContainerTarget, StreamRequest } from './ports.js';

export type Route =
  | { readonly kind: 'healthz' | 'pods' | 'metrics' }
  | { readonly kind: 'containerLogs' | 'attach'; readonly target: ContainerTarget }
  | { readonly kind: 'exec'; readonly target: ContainerTarget; readonly command: readonly string[] }
  | { readonly kind: 'portForward'; readonly target: ContainerTarget }
  /** One bare connection to a port of a pod, for the master's proxies; the kubelet has no such path. */
  | { readonly kind: 'tunnel'; readonly target: ContainerTarget; readonly port: number };

const decoded = (segment: string): string => {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badRequest(`${segment} is not a valid path segment`);
  }
};

/** Paths hold namespace, pod, an optional uid, and the container. */
function targetOf(segments: readonly string[], withContainer: boolean): ContainerTarget {
  const parts = withContainer ? segments.slice(0, -1) : segments;
  const [namespace = '', pod = '', uid] = parts;
  if (namespace === '' || pod === '' || parts.length > 3) throw pathNotFound();
  const container = withContainer ? (segments.at(-1) ?? '') : '';
  return { namespace, pod, container, ...(uid === undefined ? {} : { uid }) };
}

function portOf(query: URLSearchParams): number {
  const port = Number(query.get('port'));
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw badRequest(`${query.get('port') ?? ''} is not a port`);
}

/** Throws a 404 Status for a path there is nothing at. */
export function routeOf({ pathname, searchParams }: URL): Route {
  const [first = '', ...rest] = pathname.split('/').slice(1).map(decoded);
  const segments = rest.at(-1) === '' ? rest.slice(0, -1) : rest;
  switch (first) {
    case 'healthz':
    case 'pods':
    case 'metrics':
      if (segments.length > 0) break;
      return { kind: first };
    case 'containerLogs':
    case 'attach':
      if (segments.length < 3) break;
      return { kind: first, target: targetOf(segments, true) };
    case 'exec': {
      if (segments.length < 3) break;
      const command = searchParams.getAll('command');
      if (command.length === 0) throw badRequest('you must specify at least 1 command');
      return { kind: 'exec', target: targetOf(segments, true), command };
    }
    case 'portForward':
      return { kind: 'portForward', target: targetOf(segments, false) };
    case 'tunnel':
      return { kind: 'tunnel', target: targetOf(segments, false), port: portOf(searchParams) };
    default:
  }
  throw pathNotFound();
}

/** Which streams are wanted; the kubelet's names, and those of the API. */
export function streamRequestOf(query: URLSearchParams): StreamRequest {
  const flag = (...names: string[]): boolean =>
    names.some((name) => ['1', 'true'].includes(query.get(name) ?? ''));
  const request = {
    tty: flag('tty'),
    stdin: flag('input', 'stdin'),
    stdout: flag('output', 'stdout'),
    stderr: flag('error', 'stderr'),
  };
  if (!request.stdin && !request.stdout && !request.stderr)
    throw badRequest('you must specify at least 1 of stdin, stdout, stderr');
  // A terminal has one output.
  return request.tty ? { ...request, stderr: false } : request;
}
