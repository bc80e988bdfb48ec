/** What the worst cases are made of. */
import type { FuzzRequest } from '../fuzz-request.js';

/** Below the limit of a body. */
export const longest = 3_000_000;

export interface WorstCase {
  readonly name: string;
  readonly request: FuzzRequest;
}

export const json = 'application/json';
export const configMaps = '/api/v1/namespaces/default/configmaps';
export const pods = '/api/v1/namespaces/default/pods';
export const dryRun = '?dryRun=All';
/** Written once before the others. */
export const targets: readonly FuzzRequest[] = [
  post(configMaps, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'target' },
    data: { a: 'b' },
  }),
  post('/apis/apps/v1/namespaces/default/deployments', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'target' },
    spec: {
      replicas: 0,
      selector: { matchLabels: { a: 'b' } },
      template: {
        metadata: { labels: { a: 'b' } },
        spec: { containers: [{ name: 'c', image: 'c' }] },
      },
    },
  }),
];

export function post(path: string, value: unknown): FuzzRequest {
  return raw('POST', path, json, JSON.stringify(value));
}

export function raw(
  method: string,
  path: string,
  contentType: string | undefined,
  text: string | Buffer | undefined,
  headers: Readonly<Record<string, string>> = {},
): FuzzRequest {
  return {
    method,
    path,
    headers,
    contentType,
    body: text === undefined ? undefined : Buffer.from(text),
  };
}

/** As many pieces as fit, by how long one is. */
export function many<Item>(size: number, make: (index: number) => Item, total = longest): Item[] {
  return Array.from({ length: Math.floor(total / size) }, (_, index) => make(index));
}

export const wide = (size: number, make: (index: number) => unknown, total = longest): object =>
  Object.fromEntries(many(size, (index) => [`k${String(index)}`, make(index)], total));

export const key = (index: number): string => `k${String(index).padStart(7, '0')}`;
