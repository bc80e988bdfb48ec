/** What a YAML scalar means, by YAML 1.1 as Go's `yaml.v2` reads it, which is what clients of Kubernetes know. */

/** A value that has no JSON form, or whose tag does not fit it; the message is the one Go's reader gives. */
export class ScalarError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ScalarError';
  }
}

export type ScalarValue = string | number | boolean | null;

const cases = (word: string): readonly string[] => [
  word,
  word.charAt(0).toUpperCase() + word.slice(1),
  word.toUpperCase(),
];

const entries = (words: readonly string[], value: ScalarValue): readonly [string, ScalarValue][] =>
  words.flatMap(cases).map((word) => [word, value]);

const words: ReadonlyMap<string, ScalarValue> = new Map([
  ...entries(['', '~', 'null'], null),
  ...entries(['y', 'yes', 'true', 'on'], true),
  ...entries(['n', 'no', 'false', 'off'], false),
  ...['.nan', '.NaN', '.NAN'].map((word) => [word, NaN] as const),
  ...['', '+'].flatMap((sign) => cases('inf').map((inf) => [`${sign}.${inf}`, Infinity] as const)),
  ...cases('inf').map((inf) => [`-.${inf}`, -Infinity] as const),
]);

const floatPattern = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const integerPattern = /^[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]*|[1-9][0-9]*)$/;

/** Digits that start with 0 are octal. Only integers come here, so there is nothing to fail. */
function integerOf(digits: string): number {
  const isNegative = digits.startsWith('-');
  const unsigned = digits.replace(/^[-+]/, '');
  const octal = /^0[oO]?([0-7]+)$/.exec(unsigned)?.[1];
  const value = Number(octal === undefined ? unsigned : `0o${octal}`);
  return isNegative ? -value : value;
}

function plainValue(text: string): ScalarValue {
  const word = words.get(text);
  if (word !== undefined) return word;
  // Numbers begin with a digit, a sign or a point; dates are left as they are written.
  if (!/^[-+.0-9]/.test(text)) return text;
  const digits = text.includes('_') ? text.replaceAll('_', '') : text;
  if (integerPattern.test(digits)) return integerOf(digits);
  return floatPattern.test(digits) ? Number(digits) : text;
}

const typeOf = (value: ScalarValue): string => {
  if (value === null) return '!!null';
  if (typeof value === 'string') return '!!str';
  if (typeof value === 'boolean') return '!!bool';
  return Number.isInteger(value) ? '!!int' : '!!float';
};

const resolved = new Set(['null', 'bool', 'int', 'float', 'timestamp']);

/**
 * The value of a scalar by its tag, where one is written, and otherwise by its looks if it is `plain`, without quotes. Throws
 * ScalarError.
 */
export function scalarValue(text: string, tag: string | undefined, plain: boolean): ScalarValue {
  if (tag === undefined) return plain ? plainValue(text) : text;
  const type = tag.startsWith('tag:yaml.org,2002:') ? tag.slice('tag:yaml.org,2002:'.length) : '';
  if (type === 'binary') return Buffer.from(text, 'base64').toString('utf8');
  if (!resolved.has(type)) return text;
  const value = plainValue(text);
  if (type === 'timestamp') return text;
  if (`!!${type}` === typeOf(value) || (type === 'float' && typeof value === 'number')) {
    return value;
  }
  throw new ScalarError(`cannot decode ${typeOf(value)} \`${text}\` as a !!${type}`);
}
