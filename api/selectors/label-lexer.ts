/** Splits the text form of a label selector into tokens, the way Kubernetes' lexer does. Called by `label.ts` only. */

/** How a requirement compares; `exists` and `!` take no value. */
export type LabelOperator = '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt';

export type LabelTokenKind =
  '!' | '!=' | '(' | ')' | ',' | '<' | '=' | '==' | '>' | 'end' | 'error' | 'in' | 'notin' | 'word';

export interface LabelToken {
  readonly kind: LabelTokenKind;
  readonly text: string;
}

const symbols = new Set<string>(['!', '!=', '(', ')', ',', '<', '=', '==', '>']);
const isSymbol = (text: string): text is LabelTokenKind => symbols.has(text);
const isSpecial = (character: string): boolean => '=!(),<>'.includes(character);
const isSpace = (character: string): boolean => ' \t\r\n'.includes(character);

/** The longest symbol at a position: two characters where they make one, else one. */
function symbolAt(text: string, start: number): LabelToken {
  const two = text.slice(start, start + 2);
  if (two.length === 2 && isSymbol(two)) return { kind: two, text: two };
  const one = text.charAt(start);
  return isSymbol(one) ? { kind: one, text: one } : { kind: 'error', text: one };
}

/** The tokens of a selector, ending with `end`. */
export function labelTokens(text: string): LabelToken[] {
  const tokens: LabelToken[] = [];
  let position = 0;
  while (position < text.length) {
    const character = text.charAt(position);
    if (isSpace(character)) {
      position += 1;
    } else if (isSpecial(character)) {
      const token = symbolAt(text, position);
      tokens.push(token);
      position += token.text.length;
    } else {
      const start = position;
      while (
        position < text.length &&
        !isSpace(text.charAt(position)) &&
        !isSpecial(text.charAt(position))
      ) {
        position += 1;
      }
      const word = text.slice(start, position);
      tokens.push({ kind: word === 'in' || word === 'notin' ? word : 'word', text: word });
    }
  }
  tokens.push({ kind: 'end', text: '' });
  return tokens;
}
