/** Credentials for registries from `imagePullSecrets`. Secrets never leave here but to the engine. */
import { trimmedEnd } from '../../api/trimmed-end.js';
import { z } from 'zod';
import type { Secret } from '../../api/core/v1/types.js';
import { dockerHub, parseImageReference } from './image-reference.js';
import type { ImageReference } from './image-reference.js';

export interface Credentials {
  readonly username?: string;
  readonly password?: string;
  readonly identityToken?: string;
  readonly serverAddress?: string;
}

const authEntry = z.object({
  username: z.string().optional(),
  password: z.string().optional(),
  auth: z.string().optional(),
  identitytoken: z.string().optional(),
});

type AuthEntry = z.infer<typeof authEntry>;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** A secret that cannot be read gives no credentials; the registry's refusal then says what is missing. */
function entriesOf(secret: Secret): Readonly<Record<string, unknown>> {
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
  if (isRecord(config) && isRecord(config.auths)) return config.auths;
  const legacy = read('.dockercfg');
  return isRecord(legacy) ? legacy : {};
}

const hubNames: ReadonlySet<string> = new Set([
  dockerHub,
  'index.docker.io',
  'registry-1.docker.io',
]);

/**
 * Whether a part of a host's name is what a pattern with `*` for any text means. Takes no longer than the product of their
 * lengths, whatever somebody wrote into a Secret; a regular expression might take for ever.
 */
function fitsPart(pattern: string, text: string): boolean {
  let [at, read] = [0, 0];
  let retry: { readonly at: number; read: number } | undefined;
  while (read < text.length) {
    if (pattern[at] === '*') {
      at += 1;
      retry = { at, read };
    } else if (pattern[at] === text[read]) {
      at += 1;
      read += 1;
    } else if (retry === undefined) return false;
    else {
      retry.read += 1;
      ({ at, read } = retry);
    }
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}

/** `*` stands for no dots: each part of a name has its own. */
function fitsHost(pattern: string, host: string): boolean {
  const [patterns, parts] = [pattern.split('.'), host.split('.')];
  return (
    patterns.length === parts.length &&
    patterns.every((part, position) => fitsPart(part, parts[position] ?? ''))
  );
}

/** Host and path of a key such as `https://index.docker.io/v1/` or `registry.example/team`. */
function keyMatches(key: string, { registry, repository }: ImageReference): boolean {
  const [host = '', ...path] = trimmedEnd(key.replace(/^https?:\/\//, ''), '/').split('/');
  const prefix = path.filter((part) => !/^v[12]$/.test(part)).join('/');
  const hostFits = fitsHost(host, registry) || (hubNames.has(host) && hubNames.has(registry));
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

/** Every set of credentials that fits the image, the most specific first. What cannot be read is left out. */
export function credentialsFor(image: string, secrets: readonly Secret[]): readonly Credentials[] {
  const reference = parseImageReference(image);
  return secrets
    .flatMap((secret) => Object.entries(entriesOf(secret)))
    .filter(([key]) => keyMatches(key, reference))
    .sort(([a], [b]) => b.length - a.length)
    .flatMap(([key, entry]) => {
      const { data } = authEntry.safeParse(entry);
      return data === undefined ? [] : [credentialsFrom(key, data)];
    });
}
