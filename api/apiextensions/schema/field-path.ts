/** Paths of fields as rules and selectable fields name them: `.spec.list['a-b']`, through objects and maps only. */
import { propertyOf, valuesOf } from './json-schema.js';
import type { JsonSchema } from './json-schema.js';

/** A path that leads nowhere in the schema; the message says why. */
export class FieldPathError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FieldPathError';
  }
}

export interface FieldPath {
  /** As errors show it: `spec.list[key]`. */
  readonly text: string;
  /** The name of the first field; empty for the path of nothing. */
  readonly root: string;
  readonly schema: JsonSchema;
}

const escapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  "'": "'",
  '\\': '\\',
};

const unescape = (text: string): string =>
  text.replace(/\\(.)/gs, (whole, letter: string) => {
    const plain = escapes[letter];
    if (plain === undefined) {
      throw new FieldPathError(`invalid string literal: invalid escape char ${whole}`);
    }
    return plain;
  });

/** Texts in single quotes, dots, brackets, and what stands between them. */
const tokensOf = (path: string): string[] =>
  path.match(/'(?:\\.|[^'\\])*'|'.*|[.[\]]|[^.[\]']+'?[^.[\]]*/gs) ?? [];

class PathReader {
  private readonly tokens: string[];
  private schema: JsonSchema;
  private text = '';
  private root = '';

  constructor(path: string, schema: JsonSchema) {
    this.tokens = tokensOf(path);
    this.schema = schema;
  }

  private next(): string {
    const token = this.tokens.shift();
    if (token === undefined) throw new FieldPathError('unexpected end of JSON path');
    return token;
  }

  private enter(name: string): void {
    const values = valuesOf(this.schema);
    if (this.schema.properties === undefined && values !== undefined) {
      this.text += `[${name}]`;
      this.schema = values;
    } else {
      const property = propertyOf(this.schema, name);
      if (property === undefined) throw new FieldPathError('does not refer to a valid field');
      this.text += this.text === '' ? name : `.${name}`;
      this.schema = property;
    }
    if (this.root === '') this.root = name;
  }

  private bracket(): void {
    const token = this.next();
    if (!/^'.*'$/s.test(token) || token.length < 2) {
      throw new FieldPathError(`expected single quoted string but got ${token}`);
    }
    this.enter(unescape(token.slice(1, -1)));
    const end = this.next();
    if (end !== ']') throw new FieldPathError(`expected ] but got ${end}`);
  }

  read(mayBracket: boolean): FieldPath {
    for (let token = this.tokens.shift(); token !== undefined; token = this.tokens.shift()) {
      if (token === '.') this.enter(this.next());
      else if (token !== '[') throw new FieldPathError(`expected [ or . but got: ${token}`);
      else if (!mayBracket) throw new FieldPathError('array notation is not allowed');
      else this.bracket();
    }
    return { text: this.text, root: this.root, schema: this.schema };
  }
}

/** Follows a path in a schema. Throws FieldPathError. */
export const fieldPathIn = (
  path: string,
  schema: JsonSchema,
  { mayBracket = true }: { readonly mayBracket?: boolean } = {},
): FieldPath => new PathReader(path, schema).read(mayBracket);
