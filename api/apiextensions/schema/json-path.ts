/**
 * The JSON paths of printer columns, scale and selectable fields: names, positions, wildcards and filters, as kubectl's
 * templates have them.
 */
import { jsonEqual } from '../../patch/json-value.js';
import { isJsonObject } from './json-schema.js';

type Step =
  | { readonly type: 'field'; readonly name: string }
  | { readonly type: 'index'; readonly position: number }
  | { readonly type: 'slice'; readonly from: number | undefined; readonly to: number | undefined }
  | { readonly type: 'all' }
  | { readonly type: 'descend' }
  | {
      readonly type: 'filter';
      readonly path: readonly Step[];
      readonly operator: string;
      readonly value: unknown;
    };

/** A path that is no path. */
export class JsonPathError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'JsonPathError';
  }
}

const filterPattern =
  /^\?\(\s*@((?:\.[^\s=!<>)]+|\[[^\]]*\])*)\s*(?:(==|!=|<=|>=|<|>)\s*(.+?)\s*)?\)$/;

function literal(text: string): unknown {
  const quoted = /^(['"])(.*)\1$/s.exec(text);
  if (quoted !== null) return quoted[2];
  if (text === 'true' || text === 'false') return text === 'true';
  const number = Number(text);
  if (text !== '' && !Number.isNaN(number)) return number;
  throw new JsonPathError(`unrecognized value ${text}`);
}

function bracketStep(inner: string): Step {
  const text = inner.trim();
  if (text === '*') return { type: 'all' };
  const quoted = /^(['"])(.*)\1$/s.exec(text);
  if (quoted !== null) return { type: 'field', name: quoted[2] ?? '' };
  if (/^-?\d+$/.test(text)) return { type: 'index', position: Number(text) };
  const slice = /^(-?\d*):(-?\d*)$/.exec(text);
  if (slice !== null) {
    const [, from = '', to = ''] = slice;
    return {
      type: 'slice',
      from: from === '' ? undefined : Number(from),
      to: to === '' ? undefined : Number(to),
    };
  }
  const filter = filterPattern.exec(text);
  if (filter === null) throw new JsonPathError(`unterminated or unknown array index ${inner}`);
  const [, path = '', operator = 'exists', value = 'true'] = filter;
  return { type: 'filter', path: parseSteps(path), operator, value: literal(value) };
}

/** Where the bracket that opens at `start` closes; quotes and nested brackets are skipped. */
function closingBracket(text: string, start: number): number {
  let depth = 0;
  let quote = '';
  for (let position = start; position < text.length; position += 1) {
    const letter = text[position] ?? '';
    if (quote !== '') {
      if (letter === quote) quote = '';
    } else if (letter === '"' || letter === "'") quote = letter;
    else if (letter === '[') depth += 1;
    else if (letter === ']') {
      depth -= 1;
      if (depth === 0) return position;
    }
  }
  throw new JsonPathError('unterminated array');
}

function parseSteps(text: string): readonly Step[] {
  const steps: Step[] = [];
  for (let position = 0; position < text.length;) {
    if (text[position] === '[') {
      const end = closingBracket(text, position);
      steps.push(bracketStep(text.slice(position + 1, end)));
      position = end + 1;
      continue;
    }
    if (text[position] !== '.') throw new JsonPathError(`unexpected ${text[position] ?? ''}`);
    position += 1;
    if (text[position] === '.') {
      steps.push({ type: 'descend' });
      position += 1;
    }
    if (text[position] === '[') continue;
    const name = /^(?:\\.|[^.[\]\\])+/s.exec(text.slice(position))?.[0] ?? '';
    if (name === '') {
      if (position < text.length) throw new JsonPathError('empty name');
      continue;
    }
    position += name.length;
    const plain = name.replace(/\\(.)/gs, '$1');
    steps.push(name === '*' ? { type: 'all' } : { type: 'field', name: plain });
  }
  return steps;
}

function compare(operator: string, found: unknown, wanted: unknown): boolean {
  switch (operator) {
    case '==':
      return jsonEqual(found, wanted);
    case '!=':
      return !jsonEqual(found, wanted);
    default:
  }
  if (typeof found !== typeof wanted) return false;
  if (typeof found !== 'number' && typeof found !== 'string') return false;
  const other = wanted as typeof found;
  if (operator === '<') return found < other;
  if (operator === '<=') return found <= other;
  return operator === '>' ? found > other : found >= other;
}

function* descendants(value: unknown): Generator {
  yield value;
  const parts = Array.isArray(value) ? value : isJsonObject(value) ? Object.values(value) : [];
  for (const part of parts) yield* descendants(part);
}

function take(value: unknown, step: Step): readonly unknown[] {
  switch (step.type) {
    case 'field':
      return isJsonObject(value) && Object.hasOwn(value, step.name) ? [value[step.name]] : [];
    case 'all':
      return Array.isArray(value) ? value : isJsonObject(value) ? Object.values(value) : [];
    case 'descend':
      return [...descendants(value)];
    case 'index':
      return Array.isArray(value) ? value.slice(step.position).slice(0, 1) : [];
    case 'slice':
      return Array.isArray(value) ? value.slice(step.from, step.to) : [];
    case 'filter':
      return Array.isArray(value)
        ? value.filter((element) => {
            const [found] = follow([element], step.path);
            if (found === undefined) return false;
            return step.operator === 'exists' || compare(step.operator, found, step.value);
          })
        : [];
  }
}

const follow = (values: readonly unknown[], steps: readonly Step[]): readonly unknown[] =>
  steps.reduce<readonly unknown[]>(
    (found, step) => found.flatMap((value) => take(value, step)),
    values,
  );

/** Finds the values at the path in an object. Throws JsonPathError for a text that is no path. */
export function compileJsonPath(path: string): (object: unknown) => readonly unknown[] {
  const steps = parseSteps(path);
  return (object) => follow([object], steps);
}
