/**
 * `npm run fuzz:patterns [-- WORDS]`: tries every regular expression of the shipped code on texts that make it try a run of
 * characters again from each of its places. Exits with 1 where one takes longer than its text explains; WORDS choose by file.
 */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { Script, createContext } from 'node:vm';
import ts from 'typescript';

interface Pattern {
  readonly place: string;
  readonly text: string;
}

const folders = ['api', 'master', 'machinery', 'agent', 'cni'];
/** What comes in, only from those who wrote the code or run the machine. */
const harmless: ReadonlySet<string> = new Set([
  // Signatures of functions, in the code itself.
  'api/cel/overload.ts',
  // Nine digits.
  'api/cel/library/time-text.ts /0+$/',
  // Applied to what another expression has taken.
  'api/cel/library/time-text.ts /(\\d*)(?:\\.(\\d*))?(ns|us|µs|μs|ms|s|m|h)/g',
  'api/batch/v1/cron-schedule.ts /(\\d+(?:\\.\\d*)?|\\.\\d+)(ns|us|µs|ms|s|m|h)/g',
  // Flags, the machine's own files, and names of no more than 63 characters.
  'machinery/config/shared-rows.ts',
  'agent/pods/name-resolution.ts',
]);

const textLength = 20_000;
/** A text of that length is gone through in far less than a millisecond. */
const longestMs = 100;
const slowestMs = 1_000;

const units = [
  ...['a', 'A', 'é', '0', '1', '/', '.', '-', '*', ' ', '\t', '\n', ':', ',', '=', '"', "'", '\\'],
  ...[
    '[',
    '(',
    '{',
    '<',
    '_',
    '@',
    '%',
    '+',
    '$',
    '~',
    '#',
    'a.',
    'a-',
    'a/',
    './',
    'x ',
    '0,',
    '%2',
  ],
];
const beginnings = ['', '/', 'a', '"', ':', '=', '[', '1.', 'a=', '{', 'a '];
const ends = ['!', '\n!', '/x', ' x', ''];

function sourceFiles(words: readonly string[]): readonly string[] {
  return folders
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) =>
        path.join(folder, name),
      ),
    )
    .filter((file) => file.endsWith('.ts') && !/\.(?:test|lab)\.ts$/.test(file))
    .filter((file) => words.length === 0 || words.some((word) => file.includes(word)));
}

function patternsOf(file: string): readonly Pattern[] {
  const text = readFileSync(file, 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  const found: Pattern[] = [];
  const visit = (node: ts.Node): void => {
    if (node.kind === ts.SyntaxKind.RegularExpressionLiteral) {
      found.push({ place: file, text: node.getText(source) });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found.filter((one) => !harmless.has(file) && !harmless.has(`${file} ${one.text}`));
}

/** The text that takes it longest, where that is too long. */
function slowTextOf({ text }: Pattern): string | undefined {
  const context = createContext({ text: '' });
  new Script(`const pattern = ${text};`).runInContext(context);
  const attempt = new Script(`text.replace(pattern, '')`);
  const takes = (given: string): number => {
    context.text = given;
    const startMs = performance.now();
    try {
      attempt.runInContext(context, { timeout: slowestMs });
    } catch {
      return slowestMs;
    }
    return performance.now() - startMs;
  };
  for (const beginning of beginnings) {
    for (const unit of units) {
      for (const end of ends) {
        const given = beginning + unit.repeat(textLength / unit.length) + end;
        // Another program may have had the machine the first time.
        if (takes(given) > longestMs && takes(given) > longestMs) {
          return JSON.stringify([beginning, unit, end]);
        }
      }
    }
  }
  return undefined;
}

function main(words: readonly string[]): number {
  const patterns = sourceFiles(words).flatMap(patternsOf);
  let slow = 0;
  for (const pattern of patterns) {
    const given = slowTextOf(pattern);
    if (given === undefined) continue;
    slow += 1;
    console.log(`SLOW ${pattern.place}: ${pattern.text} for many of ${given}`);
  }
  console.log(`${String(patterns.length)} expressions, ${String(slow)} slow`);
  return slow === 0 ? 0 : 1;
}

process.exit(main(process.argv.slice(2)));
