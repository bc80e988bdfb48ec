/** Who the webhooks of a server are called as: a kubeconfig whose users are named after the hosts they are for. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { KubeconfigError } from './kubeconfig.js';

/** What a webhook is shown of its caller. */
export interface WebhookCredentials {
  readonly token?: string | undefined;
  readonly basic?: { readonly username: string; readonly password: string } | undefined;
  readonly certificatePem?: string | undefined;
  readonly keyPem?: string | undefined;
}

/** The credentials for `host` or, where the port is not 443, `host:port`; undefined where the file names none for it. */
export type CredentialsFor = (host: string) => WebhookCredentials | undefined;

const schema = z.object({
  users: z.array(
    z.object({
      name: z.string(),
      user: z.object({
        token: z.string().optional(),
        tokenFile: z.string().optional(),
        username: z.string().optional(),
        password: z.string().optional(),
        'client-certificate': z.string().optional(),
        'client-certificate-data': z.string().optional(),
        'client-key': z.string().optional(),
        'client-key-data': z.string().optional(),
      }),
    }),
  ),
});

type User = z.infer<typeof schema>['users'][number]['user'];

/** The names that users for a host may have, the closest first: the host, `*.` before ever less of it, and `*`. */
function namesFor(host: string): readonly string[] {
  const labels = host.split('.');
  const wider = labels.slice(1).map((_label, at) => `*.${labels.slice(at + 1).join('.')}`);
  return [host, ...wider, '*'];
}

function credentialsOf(user: User, folder: string): WebhookCredentials {
  const textOf = (file: string): string => readFileSync(path.resolve(folder, file), 'utf8');
  const inlineOrFile = (data: string | undefined, file: string | undefined): string | undefined => {
    if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8');
    return file === undefined ? undefined : textOf(file);
  };
  const { username, password = '', token, tokenFile } = user;
  return {
    token: token ?? (tokenFile === undefined ? undefined : textOf(tokenFile).trim()),
    basic: username === undefined ? undefined : { username, password },
    certificatePem: inlineOrFile(user['client-certificate-data'], user['client-certificate']),
    keyPem: inlineOrFile(user['client-key-data'], user['client-key']),
  };
}

/** Reads the file and those it names, once. Throws KubeconfigError. */
export function readWebhookCredentials(file: string): CredentialsFor {
  try {
    const { users } = schema.parse(parse(readFileSync(file, 'utf8')));
    const folder = path.dirname(file);
    const byName = new Map(users.map(({ name, user }) => [name, credentialsOf(user, folder)]));
    return (host) => {
      const name = namesFor(host).find((candidate) => byName.has(candidate));
      return name === undefined ? undefined : byName.get(name);
    };
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : (cause as Error).message;
    throw new KubeconfigError(file, why, { cause });
  }
}
