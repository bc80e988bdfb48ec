/** Reads the kubeconfig files Pintle writes, and those of kubectl that hold their credentials inline or in files. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { ServerConnection } from './https-transport.js';
import { errorText } from '../error-text.js';

const schema = z.object({
  'current-context': z.string(),
  clusters: z.array(
    z.object({
      name: z.string(),
      cluster: z.object({
        server: z.url(),
        'certificate-authority': z.string().optional(),
        'certificate-authority-data': z.string().optional(),
      }),
    }),
  ),
  users: z.array(
    z.object({
      name: z.string(),
      user: z.object({
        token: z.string().optional(),
        'client-certificate': z.string().optional(),
        'client-certificate-data': z.string().optional(),
        'client-key': z.string().optional(),
        'client-key-data': z.string().optional(),
      }),
    }),
  ),
  contexts: z.array(
    z.object({ name: z.string(), context: z.object({ cluster: z.string(), user: z.string() }) }),
  ),
});

/** A kubeconfig that cannot be used, with what is wrong. */
export class KubeconfigError extends Error {
  constructor(file: string, why: string, options?: ErrorOptions) {
    super(`kubeconfig ${file}: ${why}`, options);
    this.name = 'KubeconfigError';
  }
}

interface Entry {
  readonly name: string;
}

/** Runs a step, whose failure makes the kubeconfig unusable. */
function attempt<T>(file: string, step: () => T): T {
  try {
    return step();
  } catch (cause) {
    const why = errorText(cause);
    throw new KubeconfigError(file, why, { cause });
  }
}

/** The connection of a kubeconfig's current context. Throws KubeconfigError. */
export function readKubeconfig(file: string): ServerConnection {
  const parsed = schema.safeParse(
    attempt(file, () => parse(readFileSync(file, 'utf8')) as unknown),
  );
  if (!parsed.success) throw new KubeconfigError(file, z.prettifyError(parsed.error));
  const config = parsed.data;
  const find = <T extends Entry>(entries: readonly T[], what: string, name: string): T => {
    const entry = entries.find((candidate) => candidate.name === name);
    if (entry === undefined) throw new KubeconfigError(file, `there is no ${what} ${name}`);
    return entry;
  };
  const { context } = find(config.contexts, 'context', config['current-context']);
  const { cluster } = find(config.clusters, 'cluster', context.cluster);
  const { user } = find(config.users, 'user', context.user);
  const inlineOrFile = (
    data: string | undefined,
    named: string | undefined,
  ): string | undefined => {
    if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8');
    return named === undefined
      ? undefined
      : attempt(file, () => readFileSync(path.resolve(path.dirname(file), named), 'utf8'));
  };
  return {
    serverUrl: cluster.server,
    caPem:
      inlineOrFile(cluster['certificate-authority-data'], cluster['certificate-authority']) ?? '',
    certificatePem: inlineOrFile(user['client-certificate-data'], user['client-certificate']),
    keyPem: inlineOrFile(user['client-key-data'], user['client-key']),
    token: user.token,
  };
}
