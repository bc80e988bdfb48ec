/** From the text of an expression to its tree. Recursive descent with a bound on depth, so that no input overflows the stack. */
import { maxInt64 } from '../integers.js';
import type { CallExpression, Expression, IdentifierExpression } from './ast.js';
import { SyntaxIssue, tokenize } from './lexer.js';
import type { Token } from './lexer.js';
import { maxExpressionDepth, maxExpressionLength } from './limits.js';
import { expandCall } from './macros.js';
import { CelCompileError } from './source.js';
import { reservedWords } from './words.js';

const expressionStart =
  "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

/** Binary operators by how tightly they bind, loosest first. */
const levels: readonly Readonly<Record<string, string>>[] = [
  {
    '<': '_<_',
    '<=': '_<=_',
    '>': '_>_',
    '>=': '_>=_',
    '==': '_==_',
    '!=': '_!=_',
    in: '@in',
  },
  { '+': '_+_', '-': '_-_' },
  { '*': '_*_', '/': '_/_', '%': '_%_' },
];

const deeper = (...parts: readonly (Expression | undefined)[]): number =>
  1 + Math.max(0, ...parts.map((part) => part?.depth ?? 0));

class Parser {
  private readonly tokens: readonly Token[];
  private position = 0;
  private nesting = 0;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  private get token(): Token {
    const token = this.tokens[this.position] ?? this.tokens.at(-1);
    if (token === undefined) throw new SyntaxIssue(0, 'empty');
    return token;
  }

  private is(text: string): boolean {
    const { kind, text: found } = this.token;
    return kind === 'symbol' && found === text;
  }

  private take(): Token {
    const { token } = this;
    this.position += 1;
    return token;
  }

  private accept(text: string): Token | undefined {
    return this.is(text) ? this.take() : undefined;
  }

  private expect(text: string): Token {
    const found = this.accept(text);
    if (found !== undefined) return found;
    throw this.unexpected(`'${text}'`);
  }

  private unexpected(wanted: string): SyntaxIssue {
    const { token } = this;
    const shown = token.kind === 'end' ? '<EOF>' : token.text;
    return new SyntaxIssue(
      token.offset,
      `Syntax error: mismatched input '${shown}' expecting ${wanted}`,
    );
  }

  private bounded<E extends Expression>(expression: E): E {
    if (expression.depth > maxExpressionDepth) throw this.tooDeep();
    return expression;
  }

  private tooDeep(): SyntaxIssue {
    return new SyntaxIssue(
      -1,
      `expression recursion limit exceeded: ${String(maxExpressionDepth)}`,
    );
  }

  private call(
    offset: number,
    name: string,
    args: readonly Expression[],
    target?: Expression,
  ): CallExpression {
    return this.bounded({
      type: 'call',
      offset,
      depth: deeper(target, ...args),
      name,
      target,
      args,
    });
  }

  whole(): Expression {
    const expression = this.expression();
    if (this.token.kind !== 'end') {
      throw new SyntaxIssue(
        this.token.offset,
        `Syntax error: extraneous input '${this.token.text}' expecting <EOF>`,
      );
    }
    return expression;
  }

  private expression(): Expression {
    this.nesting += 1;
    if (this.nesting > maxExpressionDepth) throw this.tooDeep();
    const condition = this.logical('||', '_||_', () =>
      this.logical('&&', '_&&_', () => this.binary(0)),
    );
    const question = this.accept('?');
    let result = condition;
    if (question !== undefined) {
      const yes = this.logical('||', '_||_', () =>
        this.logical('&&', '_&&_', () => this.binary(0)),
      );
      this.expect(':');
      result = this.call(question.offset, '_?_:_', [condition, yes, this.expression()]);
    }
    this.nesting -= 1;
    return result;
  }

  /** Long chains of `&&` or `||` become balanced trees, so that their length is no depth. */
  private logical(symbol: string, name: string, operand: () => Expression): Expression {
    const terms = [operand()];
    const operators: Token[] = [];
    for (let found = this.accept(symbol); found !== undefined; found = this.accept(symbol)) {
      operators.push(found);
      terms.push(operand());
    }
    const balance = (from: number, to: number): Expression => {
      const only = terms[from];
      if (from === to && only !== undefined) return only;
      const middle = Math.floor((from + to - 1) / 2);
      const offset = operators[middle]?.offset ?? 0;
      return this.call(offset, name, [balance(from, middle), balance(middle + 1, to)]);
    };
    return balance(0, terms.length - 1);
  }

  private binary(level: number): Expression {
    const operators = levels[level];
    if (operators === undefined) return this.unary();
    let left = this.binary(level + 1);
    for (;;) {
      const { kind, text } = this.token;
      const name = kind === 'symbol' ? operators[text] : undefined;
      if (name === undefined) return left;
      const { offset } = this.take();
      left = this.call(offset, name, [left, this.binary(level + 1)]);
    }
  }

  private unary(): Expression {
    const { token } = this;
    const name = this.is('!') ? '!_' : this.is('-') ? '-_' : undefined;
    if (name === undefined) return this.postfix(this.primary());
    let signs = 0;
    while (this.is(token.text)) {
      this.take();
      signs += 1;
    }
    // Two of a kind cancel out.
    if (name === '-_' && signs % 2 === 1 && this.token.kind === 'constant') {
      const negative = this.negativeConstant(token);
      if (negative !== undefined) return this.postfix(negative);
    }
    const operand = this.is('!') || this.is('-') ? this.unary() : this.postfix(this.primary());
    return signs % 2 === 0 ? operand : this.call(token.offset, name, [operand]);
  }

  private negativeConstant(minus: Token): Expression | undefined {
    const { value } = this.token;
    if (typeof value !== 'bigint' && typeof value !== 'number') return undefined;
    this.take();
    return { type: 'constant', offset: minus.offset, depth: 1, value: -value };
  }

  private postfix(start: Expression): Expression {
    let operand = start;
    for (;;) {
      const dot = this.accept('.');
      if (dot !== undefined) {
        operand = this.bounded(this.member(operand, dot));
        continue;
      }
      const bracket = this.accept('[');
      if (bracket === undefined) return operand;
      const optional = this.accept('?') !== undefined;
      const index = this.expression();
      this.expect(']');
      operand = this.call(bracket.offset, optional ? '_[?_]' : '_[_]', [operand, index]);
    }
  }

  private member(operand: Expression, dot: Token): Expression {
    const optional = this.accept('?') !== undefined;
    const name = this.take();
    const depth = deeper(operand);
    if (name.kind === 'quoted') {
      const field = name.text.slice(1, -1);
      return { type: 'select', offset: dot.offset, depth, operand, field, optional, test: false };
    }
    if (name.kind !== 'identifier') {
      this.position -= 1;
      throw this.unexpected('IDENTIFIER');
    }
    const open = optional ? undefined : this.accept('(');
    if (open === undefined) {
      return {
        type: 'select',
        offset: dot.offset,
        depth,
        operand,
        field: name.text,
        optional,
        test: false,
      };
    }
    return expandCall(this.call(open.offset, name.text, this.arguments(')'), operand));
  }

  private arguments(close: string): readonly Expression[] {
    const args: Expression[] = [];
    if (this.accept(close) !== undefined) return args;
    do args.push(this.expression());
    while (this.accept(',') !== undefined && !this.is(close));
    this.expect(close);
    return args;
  }

  private primary(): Expression {
    const { token } = this;
    if (token.kind === 'constant') return this.constant();
    if (token.kind === 'identifier' || this.is('.')) return this.name();
    if (this.accept('(') !== undefined) {
      const inner = this.expression();
      this.expect(')');
      return inner;
    }
    if (this.is('[')) return this.list();
    if (this.is('{')) return this.map();
    throw this.unexpected(expressionStart);
  }

  private constant(): Expression {
    const { offset, value = null } = this.take();
    if (typeof value === 'bigint' && value > maxInt64) {
      throw new SyntaxIssue(offset, 'invalid int literal');
    }
    return { type: 'constant', offset, depth: 1, value };
  }

  private name(): Expression {
    const leading = this.accept('.');
    const token = this.take();
    if (token.kind !== 'identifier') {
      this.position -= 1;
      throw this.unexpected('IDENTIFIER');
    }
    if (reservedWords.has(token.text)) {
      throw new SyntaxIssue(token.offset, `reserved identifier: ${token.text}`);
    }
    const open = this.accept('(');
    if (open !== undefined)
      return expandCall(this.call(open.offset, token.text, this.arguments(')')));
    const struct = this.structName(token.text);
    if (struct !== undefined) return this.struct(struct);
    const identifier: IdentifierExpression = {
      type: 'identifier',
      offset: leading?.offset ?? token.offset,
      depth: 1,
      name: token.text,
    };
    return identifier;
  }

  /** `Object.spec{` begins a literal of a type; anything else is a selection. */
  private structName(first: string): string | undefined {
    let name = first;
    let ahead = this.position;
    const textAt = (position: number): string => {
      const token = this.tokens[position];
      return token?.kind === 'symbol' ? token.text : '';
    };
    while (textAt(ahead) === '.' && this.tokens[ahead + 1]?.kind === 'identifier') {
      name += `.${this.tokens[ahead + 1]?.text ?? ''}`;
      ahead += 2;
    }
    if (textAt(ahead) !== '{') return undefined;
    this.position = ahead;
    return name;
  }

  private struct(name: string): Expression {
    const open = this.expect('{');
    const fields: {
      name: string;
      value: Expression;
      optional: boolean;
      offset: number;
    }[] = [];
    while (!this.is('}')) {
      const optional = this.accept('?') !== undefined;
      const field = this.take();
      if (field.kind !== 'identifier' && field.kind !== 'quoted') {
        this.position -= 1;
        throw this.unexpected("'}'");
      }
      const colon = this.expect(':');
      const text = field.kind === 'quoted' ? field.text.slice(1, -1) : field.text;
      fields.push({ name: text, value: this.expression(), optional, offset: colon.offset });
      if (this.accept(',') === undefined) break;
    }
    this.expect('}');
    const depth = deeper(...fields.map(({ value }) => value));
    return this.bounded({ type: 'struct', offset: open.offset, depth, name, fields });
  }

  private list(): Expression {
    const open = this.expect('[');
    const elements: { value: Expression; optional: boolean }[] = [];
    while (!this.is(']')) {
      const optional = this.accept('?') !== undefined;
      elements.push({ value: this.expression(), optional });
      if (this.accept(',') === undefined) break;
    }
    this.expect(']');
    const depth = deeper(...elements.map(({ value }) => value));
    return this.bounded({ type: 'list', offset: open.offset, depth, elements });
  }

  private map(): Expression {
    const open = this.expect('{');
    const entries: { key: Expression; value: Expression; optional: boolean }[] = [];
    while (!this.is('}')) {
      const optional = this.accept('?') !== undefined;
      const key = this.expression();
      this.expect(':');
      entries.push({ key, value: this.expression(), optional });
      if (this.accept(',') === undefined) break;
    }
    this.expect('}');
    const depth = deeper(...entries.flatMap(({ key, value }) => [key, value]));
    return this.bounded({ type: 'map', offset: open.offset, depth, entries });
  }
}

/** Parses an expression. Throws CelCompileError. */
export function parseExpression(source: string): Expression {
  if (source.length > maxExpressionLength) {
    const message = `expression code point size exceeds limit: size: ${String(source.length)}, limit ${String(maxExpressionLength)}`;
    throw new CelCompileError(source, [{ offset: -1, message }]);
  }
  try {
    return new Parser(tokenize(source)).whole();
  } catch (error) {
    if (!(error instanceof SyntaxIssue)) throw error;
    throw new CelCompileError(source, [error.issue]);
  }
}
