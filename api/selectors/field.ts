/**
 * Field selectors: the text form of `?fieldSelector=` and `kubectl --field-selector`, and matching.
 *
 * Called by LIST, WATCH and DELETE collection. Which fields a kind offers is in its `selectableFields`.
 */
import { SelectorError } from './label.js';

export interface FieldRequirement {
  readonly field: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

/** Splits at commas that no backslash escapes; empty terms vanish. */
function termsOf(text: string): string[] {
  const terms: string[] = [];
  let start = 0;
  let escaped = false;
  for (let position = 0; position < text.length; position += 1) {
    const character = text.charAt(position);
    if (escaped) escaped = false;
    else if (character === '\\') escaped = true;
    else if (character === ',') {
      terms.push(text.slice(start, position));
      start = position + 1;
    }
  }
  terms.push(text.slice(start));
  return terms;
}

/** Undoes the escapes `\\`, `\,` and `\=`; nothing else may be escaped, and `,` and `=` must be. */
function unescapeValue(text: string): string {
  let value = '';
  let escaped = false;
  for (const character of text) {
    if (escaped) {
      if (!'\\,='.includes(character)) {
        throw new SelectorError(`invalid field selector: invalid escape sequence: \\${character}`);
      }
      value += character;
      escaped = false;
    } else if (character === '\\') escaped = true;
    else if (character === ',' || character === '=') {
      throw new SelectorError(`invalid field selector: unescaped character in value: ${character}`);
    } else value += character;
  }
  if (escaped) throw new SelectorError('invalid field selector: invalid escape sequence: \\');
  return value;
}

const operatorPattern = /^([^=!]*)(!=|==|=)([\s\S]*)$/;

/** Parses the text form; the requirements all have to hold. Throws `SelectorError`. */
export function parseFieldSelector(text: string): FieldRequirement[] {
  return termsOf(text)
    .filter((term) => term !== '')
    .map((term) => {
      const match = operatorPattern.exec(term);
      const [, field = '', operator = '', raw = ''] = match ?? [];
      if (match === null) {
        throw new SelectorError(`invalid selector: '${text}'; can't understand '${term}'`);
      }
      return {
        field: field.trimEnd(),
        operator: operator === '!=' ? '!=' : '=',
        value: unescapeValue(raw),
      };
    });
}

/** Whether an object's fields, looked up by name, satisfy all requirements. */
export const matchesFields = (
  requirements: readonly FieldRequirement[],
  valueOf: (field: string) => string,
): boolean =>
  requirements.every(({ field, operator, value }) =>
    operator === '=' ? valueOf(field) === value : valueOf(field) !== value,
  );

/** A requirement in text form. */
export const fieldRequirementText = ({ field, operator, value }: FieldRequirement): string =>
  `${field}${operator}${value.replaceAll(/[\\,=]/g, String.raw`\$&`)}`;
