/**
 * The tokens that go on with a list where its last part ended. Opaque to clients; the same fields as Kubernetes' own, and the
 * same words for tokens that cannot be read.
 */
import { badRequest } from '../../api/meta/status-error.js';
import { JsonSyntaxError, parseJson } from '../registry/json-text.js';

export interface ContinueToken {
  /** The revision of the whole list; undefined to go on with the present state. */
  readonly revision: number | undefined;
  /** The last key shown, without the resource's prefix. */
  readonly start: string;
}

const version = 'meta.k8s.io/v1';

/** In place of a revision: go on with whatever there is. 0 would be what a broken token has. */
const latest = -1;

/** The text form of a token. */
export const encodeContinueToken = ({ revision = latest, start }: ContinueToken): string =>
  Buffer.from(JSON.stringify({ v: version, rv: revision, start })).toString('base64url');

const invalidToken = (why: string): Error =>
  badRequest(`invalid continue token: continue key is not valid${why}`);

function parsed(text: string): Readonly<Record<string, unknown>> {
  const bad = text.search(/[^A-Za-z0-9_-]/);
  if (bad >= 0 || text.length % 4 === 1) {
    const position = bad >= 0 ? bad : text.length - 1;
    throw invalidToken(`: illegal base64 data at input byte ${String(position)}`);
  }
  try {
    // Go's scanner names bytes, not characters.
    const value = parseJson(Buffer.from(text, 'base64url').toString('latin1'));
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw invalidToken(`: ${error.message}`);
    throw error;
  }
  throw invalidToken('');
}

/** Throws a 400. */
export function decodeContinueToken(text: string): ContinueToken {
  const { v, rv, start } = parsed(text.replace(/={1,2}$/, ''));
  if (v !== version) throw invalidToken(': server does not recognize this encoded version');
  if (typeof rv !== 'number' || !Number.isSafeInteger(rv) || rv === 0 || rv < latest) {
    throw invalidToken(`: incorrect encoded start resourceVersion (version ${version})`);
  }
  if (typeof start !== 'string' || start === '') {
    throw invalidToken(`: encoded start key empty (version ${version})`);
  }
  // Names are ASCII, which latin1 keeps.
  if (/(?:^|\/)\.{0,2}(?:\/|$)/.test(start)) throw invalidToken(`: ${start}`);
  return { revision: rv === latest ? undefined : rv, start };
}
