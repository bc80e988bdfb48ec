/**
 * Reads the YAML of request bodies without holding up other requests: what is long is read on a thread of its own, within bounds of
 * time and memory.
 *
 * Called by the server when a body arrives.
 */
import { failure, tooManyRequests } from '../../../api/meta/status-error.js';
import type { StatusError } from '../../../api/meta/status-error.js';
import { isSideThreadError, SideThread } from '../../../machinery/exec/side-thread.js';
import { duplicateFields, JsonSyntaxError, parseJson } from '../json-text.js';
import {
  maxInlineYamlChars,
  maxWaitingYaml,
  maxYamlBytes,
  maxYamlHeapMiB,
  yamlThreadIdleMs,
  yamlTimeoutMs,
} from '../limits.js';
import { readYaml } from './read.js';
import type { YamlReading } from './read.js';

const thread = new SideThread(new URL('./thread.js', import.meta.url), {
  timeoutMs: yamlTimeoutMs,
  idleMs: yamlThreadIdleMs,
  maxHeapMiB: maxYamlHeapMiB,
  maxWaiting: maxWaitingYaml,
});

const tooLarge = (why: string): StatusError =>
  failure({
    code: 413,
    reason: 'RequestEntityTooLarge',
    message: `Request entity too large: ${why}; send JSON`,
  });

/** What a body of YAML says. Throws a 413 for what cannot be read within bounds, and a 429 where many wait already. */
export async function readYamlBody(bytes: Buffer): Promise<YamlReading> {
  const text = bytes.toString('utf8');
  const json = readAsJson(text);
  if (json !== undefined) return json;
  if (text.length <= maxInlineYamlChars) return readYaml(text);
  if (bytes.length > maxYamlBytes) throw tooLarge(`limit is ${String(maxYamlBytes)} for YAML`);
  try {
    return JSON.parse(await thread.call(text)) as YamlReading;
  } catch (error) {
    if (!isSideThreadError(error)) throw error;
    if (error.reason === 'busy') throw tooManyRequests('too many YAML bodies at once', 1);
    throw tooLarge('reading this YAML takes too long');
  }
}

/** Most clients that say YAML send JSON, which is read much faster. Undefined for what the reader of YAML has to look at. */
function readAsJson(text: string): YamlReading | undefined {
  if (!text.trimStart().startsWith('{')) return undefined;
  try {
    const value = parseJson(text);
    const doubled = duplicateFields(text, value);
    if (doubled.length === 0) return { value, duplicates: [] };
    // The reader of YAML knows the lines, but is too slow for much text.
    if (text.length <= maxYamlBytes) return undefined;
    return { value, duplicates: doubled.map((path) => `key "${path}" already set in map`) };
  } catch (error) {
    if (error instanceof JsonSyntaxError) return undefined;
    throw error;
  }
}
