/** What is wrong with an expression, with the line it is in and a mark under the place, as cel-go prints it. */

export interface Issue {
  /** Position in UTF-16 units from the start of the expression; -1 where the whole expression is meant. */
  readonly offset: number;
  readonly message: string;
}

/** An expression that cannot be compiled. The message shows every issue. */
export class CelCompileError extends Error {
  readonly issues: readonly Issue[];
  constructor(source: string, issues: readonly Issue[]) {
    super(issues.map((issue) => issueText(source, issue)).join('\n'));
    this.name = 'CelCompileError';
    this.issues = issues;
  }
}

/** One issue with its snippet. */
function issueText(source: string, { offset, message }: Issue): string {
  if (offset < 0) return `ERROR: <input>:-1:0: ${message}`;
  const before = source.slice(0, offset);
  const line = before.split('\n').length;
  const lineStart = before.lastIndexOf('\n') + 1;
  const column = Array.from(before.slice(lineStart)).length;
  const text = (source.slice(lineStart).split('\n', 1)[0] ?? '').replaceAll('\t', ' ');
  return `ERROR: <input>:${String(line)}:${String(column + 1)}: ${message}\n | ${text}\n | ${'.'.repeat(column)}^`;
}
