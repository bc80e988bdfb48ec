/** Credentials for registries from `imagePullSecrets`. Secrets never leave here but to the engine. */
import type { Secret } from '../../api/core/v1/types.js';
import { dockerHub, parseImageReference } from './image-reference.js';

export interface Credentials {
  readonly username?: string;
  readonly password?: string;
  readonly identityToken?: string;
  readonly serverAddress?: string;
}

interface AuthEntry {
  readonly username?: string;
  readonly password?: string;
  readonly auth?: string;
  readonly identitytoken?: string;
}

type AuthEntries = Readonly<Record<string, AuthEntry>>;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** A secret that cannot be read gives no credentials; the registry's refusal then says what is missing. */
function entriesOf(secret: Secret): AuthEntries {
  const read = (key: string): unknown => {
    const text = secret.data?.[key];
    if (text === undefined) return undefined;
    try {
      return JSON.parse(Buffer.from(text, 'base64').toString('utf8'));
    } catch {
      return undefined;
    }
  };
  const config = read('.dockerconfigjson');
  if (isRecord(config) && isRecord(config.auths)) return config.auths as AuthEntries;
  const legacy = read('.dockercfg');
  return isRecord(legacy) ? (legacy as AuthEntries) : {};
}

const hubNames: ReadonlySet<string> = new Set([
  dockerHub,
  'index.docker.io',
  'registry-1.docker.io',
]);

/** Host and path of a key such as `https://index.docker.io/v1/` or `registry.example/team`. */
function keyMatches(key: string, image: string): boolean {
  const { registry, repository } = parseImageReference(image);
  const [host = '', ...path] = key
    .replace(/^https?:\/\//, '')
    .replace(/\/+$/, '')
    .split('/');
  const prefix = path.filter((part) => !/^v[12]$/.test(part)).join('/');
  const hostPattern = new RegExp(
    `^${host.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^.]*')}$`,
  );
  const hostFits = hostPattern.test(registry) || (hubNames.has(host) && hubNames.has(registry));
  return (
    hostFits && (prefix === '' || repository === prefix || repository.startsWith(`${prefix}/`))
  );
}

function credentialsFrom(key: string, entry: AuthEntry): Credentials {
  const decoded = Buffer.from(entry.auth ?? '', 'base64').toString('utf8');
  const split = decoded.indexOf(':');
  const username = entry.username ?? (split < 0 ? undefined : decoded.slice(0, split));
  const password = entry.password ?? (split < 0 ? undefined : decoded.slice(split + 1));
  return {
    serverAddress: key,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(entry.identitytoken === undefined ? {} : { identityToken: entry.identitytoken }),
  };
}

/** Every set of credentials that fits the image, the most specific first. */
export function credentialsFor(image: string, secrets: readonly Secret[]): readonly Credentials[] {
  return secrets
    .flatMap((secret) => Object.entries(entriesOf(secret)))
    .filter(([key]) => keyMatches(key, image))
    .sort(([a], [b]) => b.length - a.length)
    .map(([key, entry]) => credentialsFrom(key, entry));
}
