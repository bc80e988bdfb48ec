/**
 * What `fieldValidation=Strict` refuses and `Warn` warns of, in the words and the order of Kubernetes: fields that nobody declared,
 * and fields that are written twice.
 *
 * Asked by the decoding of bodies and patches.
 */
import { compareText } from '../../api/compare-text.js';
import { isJsonObject } from '../../api/patch/json-value.js';
import { duplicateFields, writtenFields } from './json-text.js';

/** What a body holds that strict decoding refuses. */
export interface Problems {
  readonly warnings: readonly string[];
  /** All of them, as one refusal names them. */
  readonly error: string;
}

/** What a body writes twice: paths in JSON, or lines of YAML that say so. */
export interface Repeated {
  readonly duplicates: readonly string[];
  readonly lines?: readonly string[];
}

/** The repetitions of a body that repeats nothing. */
export const nothingRepeated: Repeated = { duplicates: [] };

/** Whether a body repeats nothing. */
export const isNothing = ({ duplicates, lines }: Repeated): boolean =>
  duplicates.length === 0 && (lines === undefined || lines.length === 0);

const unknownField = (path: string): string => `unknown field ${JSON.stringify(path)}`;
const duplicateField = (path: string): string => `duplicate field ${JSON.stringify(path)}`;

/** The lines of YAML that write keys twice, as its reader refuses them. */
export const repeatedLines = (lines: readonly string[]): string =>
  `yaml: unmarshal errors:\n${lines.map((line) => `  ${line}`).join('\n')}`;

const isWithin = (path: string, outer: string): boolean =>
  path.startsWith(`${outer}.`) || path.startsWith(`${outer}[`);

/** Problems where the text has them. A field that nobody declared is not looked into, and may be written twice. */
function asWritten(text: string, unknown: readonly string[]): readonly string[] {
  const left = new Set(unknown);
  const found = new Set<string>();
  for (const { path, isRepeated } of writtenFields(text)) {
    if (left.has(path)) found.add(unknownField(path));
    else if (isRepeated && !unknown.some((outer) => isWithin(path, outer))) {
      found.add(duplicateField(path));
    }
  }
  // What the text spells otherwise than its path is shown comes last.
  return [...found, ...unknown.map(unknownField).filter((problem) => !found.has(problem))];
}

/** The metadata of an object is looked at before the rest of it. */
const byPath = (left: string, right: string): number => {
  const inMetadata = Number(right.startsWith('metadata.')) - Number(left.startsWith('metadata.'));
  return inMetadata || compareText(left, right);
};

/** Problems of an object, whose text is given where it is JSON of a built-in kind. */
export function problemsOf(
  unknown: readonly string[],
  repeated: Repeated,
  text?: string,
): Problems | undefined {
  if (unknown.length === 0 && isNothing(repeated)) return undefined;
  const { duplicates, lines = [] } = repeated;
  const problems =
    text === undefined
      ? [...duplicates.map(duplicateField), ...unknown.toSorted(byPath).map(unknownField)]
      : asWritten(text, unknown);
  const inYaml = lines.length === 0 ? [] : [repeatedLines(lines)];
  return {
    warnings: [...lines, ...problems],
    error: `strict decoding error: ${[...inYaml, ...problems].join(', ')}`,
  };
}

const operationFields: ReadonlySet<string> = new Set(['op', 'path', 'from', 'value']);

function jsonPatchProblems(text: string, patch: unknown): readonly string[] {
  const operations = Array.isArray(patch) ? (patch as readonly unknown[]) : [];
  const unknown = operations.flatMap((operation, position) =>
    Object.keys(isJsonObject(operation) ? operation : {})
      .filter((name) => !operationFields.has(name))
      .map((name) => `[${String(position)}].${name}`),
  );
  const duplicates = duplicateFields(text, patch);
  if (unknown.length === 0 && duplicates.length === 0) return [];
  return asWritten(text, unknown).map((problem) => `json patch ${problem}`);
}

/** What is wrong with a patch itself, whatever it makes of an object. */
export const patchProblems = (
  type: 'json' | 'merge' | 'strategic',
  text: string,
  patch: unknown,
): readonly string[] =>
  type === 'json'
    ? jsonPatchProblems(text, patch)
    : duplicateFields(text, patch).map(duplicateField);
