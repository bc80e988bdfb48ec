/** Splits a CEL expression into tokens. */
import { maxInt64, maxUint64 } from '../integers.js';
import type { Issue } from './source.js';
import { Uint } from './values.js';
import type { Value } from './values.js';

export type TokenKind = 'identifier' | 'quoted' | 'constant' | 'symbol' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** As written. */
  readonly text: string;
  readonly offset: number;
  /** Of a constant. */
  readonly value?: Value;
}

/** Thrown for the first thing that is wrong. */
export class SyntaxIssue extends Error {
  readonly issue: Issue;
  constructor(offset: number, message: string) {
    super(message);
    this.issue = { offset, message };
  }
}

const space = /(?:[\s]|\/\/[^\n]*)+/y;
const identifier = /[_a-zA-Z][_a-zA-Z0-9]*/y;
const quotedIdentifier = /`[a-zA-Z0-9_.\-/ ]+`/y;
const double = /(?:\d+\.\d+(?:[eE][-+]?\d+)?|\d+[eE][-+]?\d+|\.\d+(?:[eE][-+]?\d+)?)/y;
const integer = /(?:0[xX][0-9a-fA-F]+|\d+)([uU]?)/y;
const stringStart = /([bB]?[rR]?|[rR][bB])("""|'''|"|')/y;
const symbol = /&&|\|\||==|!=|<=|>=|[-+*/%<>!()[\]{}.,:?]/y;

const simpleEscapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '`': '`',
  '?': '?',
};

const escapePattern =
  /\\(?:([abfnrtv\\'"`?])|[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2}))/y;

interface Escape {
  readonly length: number;
  /** A code point, or a byte where the escape names one. */
  readonly code: number;
}

function readEscape(text: string, position: number): Escape | undefined {
  escapePattern.lastIndex = position;
  const match = escapePattern.exec(text);
  if (match === null) return undefined;
  const [whole, plain, hex, short, long, octal] = match;
  if (plain !== undefined) {
    return { length: whole.length, code: simpleEscapes[plain]?.codePointAt(0) ?? 0 };
  }
  const digits = hex ?? short ?? long;
  const code = digits === undefined ? parseInt(octal ?? '0', 8) : parseInt(digits, 16);
  return { length: whole.length, code };
}

function unescapeText(text: string): string | undefined {
  if (!text.includes('\\')) return text;
  let result = '';
  for (let position = 0; position < text.length;) {
    if (text[position] !== '\\') {
      result += text[position] ?? '';
      position += 1;
      continue;
    }
    const escape = readEscape(text, position);
    if (escape === undefined || escape.code > 0x10ffff) return undefined;
    if (escape.code >= 0xd800 && escape.code <= 0xdfff) return undefined;
    result += String.fromCodePoint(escape.code);
    position += escape.length;
  }
  return result;
}

/** In bytes, numeric escapes are bytes and everything else is UTF-8. */
function unescapeBytes(text: string): Uint8Array | undefined {
  const parts: Uint8Array[] = [];
  const encoder = new TextEncoder();
  for (let position = 0; position < text.length;) {
    const next = text.indexOf('\\', position);
    const end = next < 0 ? text.length : next;
    if (end > position) parts.push(encoder.encode(text.slice(position, end)));
    if (next < 0) break;
    const escape = readEscape(text, next);
    if (escape === undefined || /[uU]/.test(text[next + 1] ?? '')) return undefined;
    parts.push(Uint8Array.of(escape.code));
    position = next + escape.length;
  }
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

class Lexer {
  private position = 0;
  private readonly source: string;

  constructor(source: string) {
    this.source = source;
  }

  private match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.position;
    return pattern.exec(this.source) ?? undefined;
  }

  private token(kind: TokenKind, text: string, value?: Value): Token {
    const offset = this.position;
    this.position += text.length;
    return value === undefined ? { kind, text, offset } : { kind, text, offset, value };
  }

  next(): Token {
    const blank = this.match(space);
    if (blank !== undefined) this.position += blank[0].length;
    if (this.position >= this.source.length) return this.token('end', '');
    const opening = this.match(stringStart);
    if (opening !== undefined) return this.string(opening);
    const name = this.match(identifier);
    if (name !== undefined) return this.word(name[0]);
    const quoted = this.match(quotedIdentifier);
    if (quoted !== undefined) return this.token('quoted', quoted[0]);
    const number = this.number();
    if (number !== undefined) return number;
    const sign = this.match(symbol);
    if (sign !== undefined) return this.token('symbol', sign[0]);
    const found = String.fromCodePoint(this.source.codePointAt(this.position) ?? 0);
    throw new SyntaxIssue(this.position, `Syntax error: token recognition error at: '${found}'`);
  }

  private word(text: string): Token {
    switch (text) {
      case 'true':
        return this.token('constant', text, true);
      case 'false':
        return this.token('constant', text, false);
      case 'null':
        return this.token('constant', text, null);
      case 'in':
        return this.token('symbol', text);
      default:
        return this.token('identifier', text);
    }
  }

  private number(): Token | undefined {
    const fraction = this.match(double);
    if (fraction !== undefined) {
      const value = Number(fraction[0]);
      if (!Number.isFinite(value)) throw new SyntaxIssue(this.position, 'invalid double literal');
      return this.token('constant', fraction[0], value);
    }
    const whole = this.match(integer);
    if (whole === undefined) return undefined;
    const [text, suffix] = whole;
    if (suffix !== '') {
      const value = BigInt(text.slice(0, -1));
      if (value > maxUint64) throw new SyntaxIssue(this.position, 'invalid uint literal');
      return this.token('constant', text, new Uint(value));
    }
    // One more than the largest is let through for the sake of -9223372036854775808; the parser checks.
    const value = BigInt(text);
    if (value > maxInt64 + 1n) throw new SyntaxIssue(this.position, 'invalid int literal');
    return this.token('constant', text, value);
  }

  private string([start, prefix = '', quote = '']: RegExpExecArray): Token {
    const { source, position } = this;
    const from = position + start.length;
    const raw = /r/i.test(prefix);
    let end = from;
    while (end < source.length && !source.startsWith(quote, end)) {
      if (quote.length === 1 && (source[end] === '\n' || source[end] === '\r')) break;
      end += !raw && source[end] === '\\' ? 2 : 1;
    }
    if (!source.startsWith(quote, end) || end >= source.length) {
      const found = source.slice(position, Math.min(end, source.length));
      throw new SyntaxIssue(position, `Syntax error: token recognition error at: '${found}'`);
    }
    const body = source.slice(from, end).replace(/\r\n?/g, '\n');
    const text = source.slice(position, end + quote.length);
    const isBytes = /b/i.test(prefix);
    const value = isBytes
      ? raw
        ? new TextEncoder().encode(body)
        : unescapeBytes(body)
      : raw
        ? body
        : unescapeText(body);
    if (value === undefined) {
      throw new SyntaxIssue(position, 'unable to unescape string');
    }
    return this.token('constant', text, value);
  }
}

/** All tokens, the last of kind `end`. Throws SyntaxIssue. */
export function tokenize(source: string): readonly Token[] {
  const lexer = new Lexer(source);
  const tokens: Token[] = [];
  for (;;) {
    const token = lexer.next();
    tokens.push(token);
    if (token.kind === 'end') return tokens;
  }
}
