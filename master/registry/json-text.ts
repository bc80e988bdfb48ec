/**
 * JSON as Go reads it: values by `JSON.parse`, failures in the words of Go's encoder, and fields written twice.
 *
 * Called by the decoder; the messages end in the Status a client sees.
 */
import { maxTextDepth } from './limits.js';

/** Malformed text; the message is the one Go's `encoding/json` gives. */
export class JsonSyntaxError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'JsonSyntaxError';
  }
}

/** Parses JSON text; throws JsonSyntaxError, also where it nests deeper than `maxTextDepth`. */
export function parseJson(text: string): unknown {
  if (isTooDeep(text)) throw new JsonSyntaxError('exceeded max depth');
  try {
    return JSON.parse(text);
  } catch {
    throw new JsonSyntaxError(describeSyntaxError(text));
  }
}

/** Whether JSON text, well-formed or not, opens more brackets within one another than `maxTextDepth`. */
function isTooDeep(text: string): boolean {
  // Bodies are small as a rule, and every level takes two characters.
  if (text.length < 2 * maxTextDepth) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 34) {
      at = stringEnd(text, at);
      if (at < 0) return false;
    } else if (code === 123 || code === 91) {
      depth += 1;
      if (depth > maxTextDepth) return true;
    } else if (code === 125 || code === 93) depth -= 1;
  }
  return false;
}

const isSpace = (char: string): boolean =>
  char === ' ' || char === '\n' || char === '\t' || char === '\r';

/** As Go quotes a byte; it escapes what is not printable, which JSON only does below a space. */
function quoteChar(char: string): string {
  if (char === "'") return `'\\''`;
  if (char === '"') return `'"'`;
  if (/[\x7f-\xa0\xad]/.test(char)) {
    return `'\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}'`;
  }
  return `'${JSON.stringify(char).slice(1, -1)}'`;
}

/** A recursive walk that stops at the first fault, as Go's scanner states it. */
class FaultScanner {
  private at = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  scan(): string {
    try {
      this.value('looking for beginning of value');
      this.spaces();
      if (this.at < this.text.length) this.fail('after top-level value');
    } catch (error) {
      if (error instanceof JsonSyntaxError) return error.message;
      throw error;
    }
    return 'invalid JSON';
  }

  private fail(context: string): never {
    const char = this.text[this.at];
    throw new JsonSyntaxError(
      char === undefined
        ? 'unexpected end of JSON input'
        : `invalid character ${quoteChar(char)} ${context}`,
    );
  }

  private spaces(): void {
    while (isSpace(this.text[this.at] ?? '')) this.at += 1;
  }

  private value(context: string): void {
    this.spaces();
    const char = this.text[this.at];
    if (char === '{') this.object();
    else if (char === '[') this.array();
    else if (char === '"') this.string();
    else if (char !== undefined && /[-0-9]/.test(char)) this.number();
    else if (char === 't') this.literal('true');
    else if (char === 'f') this.literal('false');
    else if (char === 'n') this.literal('null');
    else this.fail(context);
  }

  private object(): void {
    this.at += 1;
    this.spaces();
    if (this.text[this.at] === '}') {
      this.at += 1;
      return;
    }
    for (;;) {
      this.spaces();
      if (this.text[this.at] !== '"') this.fail('looking for beginning of object key string');
      this.string();
      this.spaces();
      if (this.text[this.at] !== ':') this.fail('after object key');
      this.at += 1;
      this.value('looking for beginning of value');
      this.spaces();
      const char = this.text[this.at];
      if (char === '}') break;
      if (char !== ',') this.fail('after object key:value pair');
      this.at += 1;
    }
    this.at += 1;
  }

  private array(): void {
    this.at += 1;
    this.spaces();
    if (this.text[this.at] === ']') {
      this.at += 1;
      return;
    }
    for (;;) {
      this.value('looking for beginning of value');
      this.spaces();
      const char = this.text[this.at];
      if (char === ']') break;
      if (char !== ',') this.fail('after array element');
      this.at += 1;
    }
    this.at += 1;
  }

  private string(): void {
    this.at += 1;
    for (;;) {
      const char = this.text[this.at];
      if (char === undefined) this.fail('in string literal');
      if (char === '"') break;
      if (char < ' ') this.fail('in string literal');
      if (char === '\\') {
        this.at += 1;
        if (!/["\\/bfnrtu]/.test(this.text[this.at] ?? '')) this.fail('in string escape code');
      }
      this.at += 1;
    }
    this.at += 1;
  }

  private number(): void {
    const match = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/.exec(this.text.slice(this.at));
    if (match === null) {
      this.at += 1;
      this.fail('in numeric literal');
    }
    this.at += match[0].length;
  }

  private literal(word: string): void {
    for (let position = 0; position < word.length; position += 1) {
      const expected = word.charAt(position);
      if (this.text[this.at] !== expected) {
        this.fail(
          position === 0
            ? 'looking for beginning of value'
            : `in literal ${word} (expecting ${quoteChar(expected)})`,
        );
      }
      this.at += 1;
    }
  }
}

const describeSyntaxError = (text: string): string => new FaultScanner(text).scan();

/** The position of the quote that ends the string begun at `open`; -1 where none does. */
function stringEnd(text: string, open: number): number {
  let end = text.indexOf('"', open + 1);
  while (end >= 0) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === 92) backslashes += 1;
    if (backslashes % 2 === 0) return end;
    end = text.indexOf('"', end + 1);
  }
  return end;
}

/** How many fields valid JSON text writes: one a colon outside strings. */
function countWrittenFields(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 34) at = stringEnd(text, at);
    else if (code === 58) count += 1;
  }
  return count;
}

function countFields(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) count += countFields(item);
    return count;
  }
  // Half the time of `Object.values` where there are a hundred thousand.
  for (const name in value) count += 1 + countFields((value as Record<string, unknown>)[name]);
  return count;
}

interface Frame {
  readonly path: string;
  /** Names seen in an object; undefined in an array. */
  readonly names: Set<string> | undefined;
  position: number;
}

/** A field that JSON text writes. */
export interface WrittenField {
  readonly path: string;
  /** The object had a field of this name before. */
  readonly isRepeated: boolean;
}

/** The fields of valid JSON text in its order. */
export function* writtenFields(text: string): Generator<WrittenField, void, undefined> {
  const stack: Frame[] = [];
  let name = '';
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    const frame = stack.at(-1);
    const path =
      frame === undefined
        ? ''
        : frame.names === undefined
          ? `${frame.path}[${String(frame.position)}]`
          : name;
    if (char === '"') {
      const end = stringEnd(text, at);
      const isKey = /^\s*:/.test(text.slice(end + 1, end + 64));
      if (isKey && frame?.names !== undefined) {
        const key = JSON.parse(text.slice(at, end + 1)) as string;
        name = frame.path === '' ? key : `${frame.path}.${key}`;
        yield { path: name, isRepeated: frame.names.has(key) };
        frame.names.add(key);
      }
      at = end;
    } else if (char === '{') stack.push({ path, names: new Set(), position: 0 });
    else if (char === '[') stack.push({ path, names: undefined, position: 0 });
    else if (char === '}' || char === ']') stack.pop();
    else if (char === ',' && frame !== undefined) frame.position += 1;
  }
}

/** Paths of fields that valid JSON text writes more than once; the last value counts. `parsed` is the text's value. */
export function duplicateFields(text: string, parsed: unknown): readonly string[] {
  if (countWrittenFields(text) === countFields(parsed)) return [];
  const duplicates = new Set<string>();
  for (const { path, isRepeated } of writtenFields(text)) if (isRepeated) duplicates.add(path);
  return [...duplicates];
}
