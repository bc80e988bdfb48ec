/** What a method and path ask for, as Kubernetes' RequestInfo says it: a resource request with its verb, or a plain path. */

export interface ResourceRequest {
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly namespace: string;
  readonly plural: string;
  readonly name: string;
  readonly subresource: string;
  /** What follows the subresource, for proxies. */
  readonly rest: string;
  /** The path says `/watch/`, the old spelling of `?watch=1`. */
  readonly watchPath: boolean;
}

/** Subresources that another server answers. */
export const handedThrough: ReadonlySet<string> = new Set([
  'attach',
  'exec',
  'log',
  'portforward',
  'proxy',
]);

const verbs: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

const namespaceSubresources = new Set(['status', 'finalize']);

/** Undefined where an escape is broken. An escaped slash parts segments like any other, as in Kubernetes. */
function decodeSegments(path: string): readonly string[] | undefined {
  try {
    const decoded = path.includes('%') ? decodeURIComponent(path) : path;
    return decoded.split('/').filter((part) => part !== '');
  } catch {
    return undefined;
  }
}

function verbOf(method: string, name: string, watching: boolean): string {
  const verb = verbs[method] ?? '';
  if (name !== '' || (verb !== 'get' && verb !== 'delete')) {
    return verb === 'get' && watching && name === '' ? 'watch' : verb;
  }
  return verb === 'get' ? (watching ? 'watch' : 'list') : 'deletecollection';
}

/** Kubernetes' reading: there, and neither `false` nor `0`. */
export const isTrue = (value: string | null): boolean =>
  value !== null && value !== '0' && value.toLowerCase() !== 'false';

/** Undefined for a path that names no resource (discovery, health, …). */
export function resourceRequestOf(
  method: string,
  path: string,
  query: URLSearchParams,
): ResourceRequest | undefined {
  const legacy = path.startsWith('/api/');
  if (!legacy && !path.startsWith('/apis/')) return undefined;
  const segments = decodeSegments(path);
  if (segments === undefined) return undefined;
  const start = legacy ? 2 : 3;
  if (segments.length <= start) return undefined;
  let parts = segments.slice(start);
  const watchPath = parts[0] === 'watch' && parts.length > 1;
  if (watchPath) parts = parts.slice(1);
  let namespace = '';
  if (parts[0] === 'namespaces' && parts.length > 1) {
    namespace = parts[1] ?? '';
    if (parts.length > 2 && !namespaceSubresources.has(parts[2] ?? '')) parts = parts.slice(2);
  }
  const [plural = '', name = '', subresource = '', ...rest] = parts;
  return {
    verb: verbOf(method, watchPath ? '' : name, watchPath || isTrue(query.get('watch'))),
    group: legacy ? '' : (segments[1] ?? ''),
    version: segments[legacy ? 1 : 2] ?? '',
    namespace,
    plural,
    name,
    subresource,
    rest: rest.join('/'),
    watchPath,
  };
}
