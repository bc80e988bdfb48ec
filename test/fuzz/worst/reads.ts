/** Paths, queries and headers as long as they may be. */
import { key, many, pods, raw } from './pieces.js';
import type { WorstCase } from './pieces.js';

const longQuery = (name: string, query: string): WorstCase => ({
  name: `query: ${name}`,
  request: raw('GET', `${pods}?${query.slice(0, 60_000)}`, undefined, undefined),
});

const queries: readonly WorstCase[] = [
  longQuery('label terms', `labelSelector=${'a%3Db,'.repeat(10_000)}a`),
  longQuery('values of a label', `labelSelector=a+in+(${'b,'.repeat(29_000)}b)`),
  longQuery('parentheses', `labelSelector=${'('.repeat(59_000)}`),
  longQuery(
    'field terms',
    `fieldSelector=${'spec.nodeName!%3Da,'.repeat(3_000)}spec.nodeName!%3Da`,
  ),
  longQuery('backslashes', `fieldSelector=${'%5C'.repeat(19_000)}`),
  longQuery('a continue token', `limit=1&continue=${'A'.repeat(59_000)}`),
  longQuery('parameters', 'a=b&'.repeat(15_000)),
  longQuery('one parameter over and over', 'dryRun=All&'.repeat(5_000)),
  {
    name: 'path: slashes',
    request: raw('GET', `/api/v1/${'a/'.repeat(29_000)}`, undefined, undefined),
  },
  {
    name: 'path: escapes',
    request: raw('GET', `/api/v1/namespaces/${'%41'.repeat(19_000)}`, undefined, undefined),
  },
  {
    name: 'path: broken escapes',
    request: raw('GET', `/api/v1/namespaces/${'%'.repeat(59_000)}`, undefined, undefined),
  },
];

const header = (name: string, headers: Readonly<Record<string, string>>): WorstCase => ({
  name: `header: ${name}`,
  request: raw('GET', pods, undefined, undefined, headers),
});

const headers: readonly WorstCase[] = [
  header('accepted types', { accept: 'a/b;q=0.1,'.repeat(5_000) }),
  header('parameters of a type', { accept: `application/json;${'a=b;'.repeat(14_000)}` }),
  header('quotes of a type', { accept: `application/json;a="${'\\"'.repeat(29_000)}` }),
  header('a bearer token', { authorization: `Bearer ${'a.'.repeat(29_000)}` }),
  header('spaces', { authorization: `Bearer${' '.repeat(59_000)}x` }),
  header('addresses', { 'x-forwarded-for': '1,'.repeat(29_000) }),
  header('an agent', { 'user-agent': 'a/'.repeat(29_000) }),
  header('encodings', { 'accept-encoding': 'gzip;q=0,'.repeat(6_000) }),
  header(
    'groups',
    Object.fromEntries([
      ['impersonate-user', 'a'],
      ...many<[string, string]>(40, (i) => [`impersonate-extra-${key(i)}`, 'x'], 50_000),
    ]),
  ),
];

export const readCases: readonly WorstCase[] = [...queries, ...headers];
