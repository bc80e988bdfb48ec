/**
 * Reads YAML, which JSON is, too, as sigs.k8s.io/yaml does. Takes up to 20 µs a byte for what is made to be slow; see reader.ts
 * for how bodies are read.
 */
import { Composer, Lexer, Parser } from 'yaml';
import type { Document } from 'yaml';
import { maxYamlDepth } from '../limits.js';
import { DocumentReader, YamlValueError } from './value.js';

/** What YAML text says, or why it cannot be read, in the words of Go's reader. Duplicates are Go's messages about them. */
export type YamlReading =
  { readonly value: unknown; readonly duplicates: readonly string[] } | { readonly fault: string };

const composerOptions = {
  version: '1.1',
  // What scalars mean is for Go's rules to say.
  schema: 'failsafe',
  // A duplicate key is an error only in strict mode; looking for them is ours.
  uniqueKeys: false,
  logLevel: 'error',
  // Pictures of each fault take time in proportion to the square of the text.
  prettyErrors: false,
} as const;

/** Reads one document; what is wrong with the text is in the answer. */
export function readYaml(text: string): YamlReading {
  try {
    const document = parsedDocument(text);
    const [fault] = document.errors;
    if (fault !== undefined) return { fault: faultAt(text, fault.pos[0], goWords(fault.message)) };
    const reader = new DocumentReader();
    const value = reader.read(document);
    const duplicates = reader.doubled.map(
      ({ key, position }) =>
        `line ${String(lineAt(text, position))}: key ${JSON.stringify(key)} already set in map`,
    );
    return { value, duplicates };
  } catch (error) {
    if (error instanceof RangeError) return { fault: 'yaml: exceeded max depth' };
    if (error instanceof YamlValueError) {
      return { fault: faultAt(text, error.position ?? 0, error.message) };
    }
    throw error;
  }
}

/** The first document. The parser keeps a stack of its own; the composer recurses, so depth is bounded between them. */
function parsedDocument(text: string): Document {
  const parser = new Parser();
  const composer = new Composer(composerOptions);
  const documents: Document[] = [];
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) documents.push(...composer.next(token));
    if (parser.stack.length > maxYamlDepth) throw new RangeError('exceeded max depth');
    if (documents.length > 1) throw new YamlValueError(severalDocuments);
  }
  for (const token of parser.end()) documents.push(...composer.next(token));
  documents.push(...composer.end(true, text.length));
  if (documents.length > 1) throw new YamlValueError(severalDocuments);
  const [document] = documents;
  if (document === undefined) throw new YamlValueError('did not find a document');
  return document;
}

const severalDocuments = 'the body holds several documents';

const faultAt = (text: string, position: number, message: string): string => {
  const line = lineAt(text, position);
  return `yaml: ${line > 1 ? `line ${String(line)}: ` : ''}${message}`;
};

/** The line of a position, counted from 1. */
function lineAt(text: string, position: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < position; at = text.indexOf('\n', at + 1)) {
    line += 1;
  }
  return line;
}

/** Faults that Go's YAML reader words in its own way, by how the message of ours begins. */
const goFaults = [
  ['Flow sequence in block collection', "did not find expected ',' or ']'"],
  ['Flow map in block collection', "did not find expected ',' or '}'"],
  ['Tabs are not allowed as indentation', 'found character that cannot start any token'],
  ['Missing closing "quote', 'found unexpected end of stream'],
  ["Missing closing 'quote", 'found unexpected end of stream'],
  ['Nested mappings are not allowed', 'mapping values are not allowed in this context'],
] as const;

const goWords = (message: string): string =>
  goFaults.find(([ours]) => message.startsWith(ours))?.[1] ?? message;
