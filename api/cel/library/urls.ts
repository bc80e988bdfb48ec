/** URLs: absolute ones, and absolute paths. */
import { isRequestUri } from '../../validation/text-formats.js';
import { fn, method, traversalCost } from '../overload.js';
import type { Overload } from '../overload.js';
import { ArrayList, CelError, EntryMap, Opaque } from '../values.js';
import type { Value } from '../values.js';

class UrlValue extends Opaque {
  readonly typeName = 'kubernetes.URL';
  readonly url: URL;
  readonly text: string;
  /** Only a path was given. */
  readonly isPath: boolean;

  constructor(text: string, url: URL, isPath: boolean) {
    super();
    this.text = text;
    this.url = url;
    this.isPath = isPath;
  }
  override equals(other: Opaque): boolean {
    return other instanceof UrlValue && other.text === this.text;
  }
}

function parseUrl(text: string): UrlValue | undefined {
  if (!isRequestUri(text)) return undefined;
  const isPath = text.startsWith('/');
  return new UrlValue(text, new URL(text, isPath ? 'http://path.invalid' : undefined), isPath);
}

function urlFrom(text: string): UrlValue {
  const parsed = parseUrl(text);
  if (parsed === undefined) {
    throw new CelError(
      `URL parse error during conversion from string: parse ${JSON.stringify(text)}: invalid URI for request`,
    );
  }
  return parsed;
}

/** As written: the platform drops the default port of a scheme. */
function authorityOf({ text, isPath }: UrlValue): string {
  if (isPath) return '';
  const match = /^[a-zA-Z][a-zA-Z0-9+.-]*:\/\/(?:[^@/?#]*@)?([^/?#]*)/.exec(text);
  return match?.[1] ?? '';
}

const hostPattern = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/;

function pathOf({ text, isPath }: UrlValue): string {
  const rest = isPath ? text : text.replace(/^[a-zA-Z][a-zA-Z0-9+.-]*:(?:\/\/[^/?#]*)?/, '');
  return rest.split(/[?#]/)[0] ?? '';
}

function queryOf({ url }: UrlValue): Value {
  const found = new Map<string, string[]>();
  for (const [name, value] of url.searchParams) {
    found.set(name, [...(found.get(name) ?? []), value]);
  }
  return new EntryMap([...found].map(([name, values]) => [name, new ArrayList(values)]));
}

export const urlLibrary: readonly Overload[] = [
  fn('url(string): kubernetes.URL', urlFrom, traversalCost),
  fn('isURL(string): bool', (text: string) => parseUrl(text) !== undefined, traversalCost),
  method('kubernetes.URL', 'getScheme(): string', ({ url, isPath }: UrlValue) =>
    isPath ? '' : url.protocol.slice(0, -1),
  ),
  method('kubernetes.URL', 'getHost(): string', authorityOf),
  method('kubernetes.URL', 'getHostname(): string', (url: UrlValue) =>
    (hostPattern.exec(authorityOf(url))?.[1] ?? '').replace(/^\[|\]$/g, ''),
  ),
  method(
    'kubernetes.URL',
    'getPort(): string',
    (url: UrlValue) => hostPattern.exec(authorityOf(url))?.[2] ?? '',
  ),
  method('kubernetes.URL', 'getEscapedPath(): string', pathOf),
  method('kubernetes.URL', 'getQuery(): map<string, list<string>>', queryOf),
];
