/** Files that flags name, such as `--audit-policy-file`: what is wrong with one is said as of any other setting. */
import { readFile } from 'node:fs/promises';
import { errorText } from '../error-text.js';
import { ConfigError } from './config.js';

export interface NamedFile<T> {
  readonly name: string;
  readonly text: string;
  /** What the text was parsed to. */
  readonly value: T;
}

/** Reads the file that a flag names. Throws ConfigError where that fails, or whatever `parse` throws. */
export async function readNamedFile<T>(
  { flag, file }: { readonly flag: string; readonly file: string },
  parse: (text: string) => T | Promise<T>,
): Promise<NamedFile<T>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    // It names the file itself.
    throw new ConfigError(`--${flag}: ${errorText(cause)}`, { cause });
  }
  try {
    return { name: file, text, value: await parse(text) };
  } catch (cause) {
    throw new ConfigError(`--${flag}: ${file}: ${errorText(cause)}`, { cause });
  }
}
