/** The message a container leaves when it ends: a file it wrote, or the end of its log. */
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { labelNames } from '../runtime/labels.js';
import type { ContainerRecord, Runtime } from '../runtime/runtime.js';
import { terminationLogBytes, terminationLogLines, terminationMessageBytes } from './limits.js';

async function readStart(file: string, sizeBytes: number): Promise<string> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (handle === undefined) return '';
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(sizeBytes), 0, sizeBytes, 0);
    return buffer.subarray(0, bytesRead).toString('utf8');
  } finally {
    await handle.close();
  }
}

async function readAll(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Empty when there is none. Never rejects: a lost message must not hold up the pod. */
export async function terminationMessage(
  runtime: Runtime,
  record: ContainerRecord,
  policy: 'File' | 'FallbackToLogsOnError',
): Promise<string> {
  const file = record.labels[labelNames.terminationMessage];
  const written = file === undefined ? '' : await readStart(file, terminationMessageBytes);
  if (written !== '' || policy === 'File' || (record.exitCode ?? 0) === 0) return written;
  try {
    const log = await readAll(await runtime.logs(record.id, { tailLines: terminationLogLines }));
    return log.subarray(-terminationLogBytes).toString('utf8');
  } catch {
    return '';
  }
}
