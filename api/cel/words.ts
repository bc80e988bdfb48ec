/** Words that mean something in CEL, or may come to, and therefore name nothing. Pure. */

/** Kept for later versions of the language: the parser refuses them where a name could stand. */
export const reservedWords: ReadonlySet<string> = new Set([
  'as',
  'break',
  'const',
  'continue',
  'else',
  'for',
  'function',
  'if',
  'import',
  'let',
  'loop',
  'package',
  'namespace',
  'return',
  'var',
  'void',
  'while',
]);

/** All that cannot be used as names. */
export const keywords: ReadonlySet<string> = new Set([
  ...reservedWords,
  'true',
  'false',
  'null',
  'in',
]);
