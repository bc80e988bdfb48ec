/** How names of properties that are no CEL identifiers are written in rules: `x-y` is `x__dash__y`. */
import { keywords } from '../../cel/words.js';

const escapes: readonly (readonly [string, string])[] = [
  ['__', '__underscores__'],
  ['.', '__dot__'],
  ['-', '__dash__'],
  ['/', '__slash__'],
];

/** The identifier rules use; undefined where a name cannot be written. */
export function escapeName(name: string): string | undefined {
  if (keywords.has(name)) return `__${name}__`;
  if (!/^[a-zA-Z_.\-/][a-zA-Z0-9_.\-/]*$/.test(name)) return undefined;
  return name.replace(/__|[.\-/]/g, (part) => escapes.find(([from]) => from === part)?.[1] ?? part);
}

/** The name an identifier stands for. */
export function unescapeName(identifier: string): string {
  const keyword = /^__([a-z]+)__$/.exec(identifier)?.[1];
  if (keyword !== undefined && keywords.has(keyword)) return keyword;
  return identifier.replace(
    /__(?:underscores|dot|dash|slash)__/g,
    (part) => escapes.find(([, to]) => to === part)?.[0] ?? part,
  );
}
