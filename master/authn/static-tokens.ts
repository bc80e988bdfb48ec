/**
 * Static tokens: a file of lines `token,user,uid,"group1,group2"`, as `--token-auth-file` names it. Read once, at the start;
 * the tokens themselves are not kept in memory.
 */
import type { TokenAuthenticator } from './authenticator.js';
import { digestOf } from './token-digest.js';
import type { Requester } from '../../api/schema/resource.js';

/** The file cannot be used; the message names the line, never its content. */
export class TokenFileError extends Error {
  constructor(line: number, why: string) {
    super(`line ${String(line)}: ${why}`);
    this.name = 'TokenFileError';
  }
}

/** The fields of a line of comma-separated values; undefined when a quoted one does not end. */
function fieldsOf(line: string): readonly string[] | undefined {
  const fields: string[] = [];
  for (let at = 0; at <= line.length;) {
    const quoted = line[at] === '"';
    const match = quoted ? /"((?:[^"]|"")*)"\s*(?:,|$)/y : /([^,"]*)(?:,|$)/y;
    match.lastIndex = at;
    const [whole, value = ''] = match.exec(line) ?? [];
    if (whole === undefined) return undefined;
    fields.push(quoted ? value.replaceAll('""', '"') : value.trim());
    at += whole.length;
    if (!whole.endsWith(',')) return fields;
  }
  return fields;
}

function userOf(fields: readonly string[]): Requester {
  const [, username = '', uid = '', groups = ''] = fields;
  return {
    username,
    ...(uid === '' ? {} : { uid }),
    groups: groups
      .split(',')
      .map((group) => group.trim())
      .filter((group) => group !== ''),
  };
}

/** Knows the tokens of a file's text. Throws TokenFileError. */
export function staticTokens(text: string): TokenAuthenticator {
  const users = new Map<string, Requester>();
  text.split(/\r?\n/).forEach((line, at) => {
    if (line.trim() === '' || line.startsWith('#')) return;
    const fields = fieldsOf(line);
    const fail = (why: string): TokenFileError => new TokenFileError(at + 1, why);
    if (fields === undefined) throw fail('a quoted value does not end');
    const [token = '', username = ''] = fields;
    if (fields.length < 3 || fields.length > 4) {
      throw fail('it must be token,user,uid and may go on with "group1,group2"');
    }
    if (token === '' || username === '') throw fail('token and user must not be empty');
    if (users.has(digestOf(token))) throw fail('the token has been given before');
    users.set(digestOf(token), userOf(fields));
  });
  // Looked up by digest, the time taken says nothing about the tokens.
  return (token) => {
    const user = users.get(digestOf(token));
    return Promise.resolve(user === undefined ? undefined : { user });
  };
}
