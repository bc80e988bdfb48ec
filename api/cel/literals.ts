/** Arguments that are written out and can be read before anything is evaluated: durations, timestamps, regular expressions. */
import { childrenOf } from './ast.js';
import type { CallExpression, Expression } from './ast.js';
import { compilePattern } from './library/pattern.js';
import { parseDuration, parseTimestamp } from './library/time-text.js';
import type { Issue } from './source.js';
import { CelError } from './values.js';

const readers: ReadonlyMap<string, (text: string) => unknown> = new Map<
  string,
  (text: string) => unknown
>([
  ['duration', parseDuration],
  ['timestamp', parseTimestamp],
  ['matches', compilePattern],
  ['find', compilePattern],
  ['findAll', compilePattern],
]);

function issueOf({ name, target, args }: CallExpression): Issue | undefined {
  const read = readers.get(name);
  const argument = name === 'matches' && target === undefined ? args[1] : args[0];
  if (read === undefined || argument?.type !== 'constant') return undefined;
  if (typeof argument.value !== 'string') return undefined;
  try {
    read(argument.value);
    return undefined;
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    return { offset: argument.offset, message: `invalid ${name} argument` };
  }
}

/** What is wrong with the literals of an expression that has the right types. */
export function literalIssues(expression: Expression): readonly Issue[] {
  const below = childrenOf(expression).flatMap(literalIssues);
  const own = expression.type === 'call' ? issueOf(expression) : undefined;
  return own === undefined ? below : [own, ...below];
}
