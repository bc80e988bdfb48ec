/**
 * Users that a proxy has authenticated: where the proxy's own certificate is of the authority for such proxies, and of one of
 * the names allowed, its headers say who asks. Nobody else's headers are looked at.
 */
import type { ClientCertificate } from './authenticator.js';
import type { Requester } from '../../api/schema/resource.js';

/** Headers by lower-case name, with every value that was sent. */
export type SentHeaders = Readonly<Record<string, readonly string[] | undefined>>;

export interface RequestHeaderOptions {
  /** Common names of proxies' certificates; empty for any of the authority. */
  readonly allowedNames: readonly string[];
  /** Names of headers, in any case; the first that is there counts. */
  readonly usernameHeaders: readonly string[];
  readonly uidHeaders: readonly string[];
  /** All that are there count. */
  readonly groupHeaders: readonly string[];
  readonly extraHeaderPrefixes: readonly string[];
}

/** Undefined where the proxy names nobody; the request is its own then. */
export type RequestHeaderAuthenticator = (
  certificate: ClientCertificate,
  headers: SentHeaders,
) => Requester | undefined;

/** Names and groups are told by Kubernetes' proxies in these. */
export const standardRequestHeaders: RequestHeaderOptions = {
  allowedNames: ['front-proxy-client'],
  usernameHeaders: ['X-Remote-User'],
  uidHeaders: ['X-Remote-Uid'],
  groupHeaders: ['X-Remote-Group'],
  extraHeaderPrefixes: ['X-Remote-Extra-'],
};

const lowerCase = (names: readonly string[]): readonly string[] =>
  names.map((name) => name.toLowerCase());

const firstOf = (headers: SentHeaders, names: readonly string[]): string =>
  names.map((name) => headers[name]?.[0] ?? '').find((value) => value !== '') ?? '';

/** A key may hold characters that a header's name may not: they are percent-encoded. What is not encoded properly is itself. */
function keyFrom(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function extraFrom(
  headers: SentHeaders,
  prefixes: readonly string[],
): Record<string, readonly string[]> {
  const extra = new Map<string, readonly string[]>();
  for (const prefix of prefixes) {
    for (const [name, values = []] of Object.entries(headers)) {
      if (!name.startsWith(prefix)) continue;
      const key = keyFrom(name.slice(prefix.length));
      extra.set(key, [...(extra.get(key) ?? []), ...values]);
    }
  }
  return Object.fromEntries(extra);
}

export function requestHeaderUsers(options: RequestHeaderOptions): RequestHeaderAuthenticator {
  const { allowedNames } = options;
  const usernameHeaders = lowerCase(options.usernameHeaders);
  const uidHeaders = lowerCase(options.uidHeaders);
  const groupHeaders = lowerCase(options.groupHeaders);
  const prefixes = lowerCase(options.extraHeaderPrefixes);
  return ({ commonName }, headers) => {
    if (allowedNames.length > 0 && !allowedNames.includes(commonName)) return undefined;
    const username = firstOf(headers, usernameHeaders);
    if (username === '') return undefined;
    const uid = firstOf(headers, uidHeaders);
    const groups = groupHeaders.flatMap((name) => headers[name] ?? []);
    const extra = extraFrom(headers, prefixes);
    return {
      username,
      groups,
      ...(uid === '' ? {} : { uid }),
      ...(Object.keys(extra).length === 0 ? {} : { extra }),
    };
  };
}
