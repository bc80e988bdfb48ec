/** Docker's event stream as `RuntimeEvent`s. */
import { labelNames } from '../labels.js';
import { maxEventLineBytes } from '../limits.js';
import type { RuntimeEvent } from '../runtime.js';
import { RuntimeError } from '../runtime-error.js';

interface DockerEvent {
  readonly Type?: string;
  readonly Action?: string;
  readonly Actor?: { readonly ID?: string; readonly Attributes?: Record<string, string> };
  readonly time?: number;
  readonly timeNano?: number;
}

const containerActions: Readonly<Record<string, 'created' | 'started' | 'died' | 'removed'>> = {
  create: 'created',
  start: 'started',
  die: 'died',
  destroy: 'removed',
};

/** What of the engine's events is asked for. */
export const eventFilters = {
  type: ['container', 'image'] as ('container' | 'image')[],
  event: [...Object.keys(containerActions), 'pull', 'load', 'import', 'tag', 'untag', 'delete'],
};

function eventFrom(event: DockerEvent): RuntimeEvent | undefined {
  if (event.Type === 'image') return { type: 'imagesChanged' };
  const type = containerActions[event.Action ?? ''];
  const labels = event.Actor?.Attributes ?? {};
  const id = event.Actor?.ID;
  if (type === undefined || id === undefined || labels[labelNames.type] === undefined)
    return undefined;
  const timeMs = event.timeNano === undefined ? (event.time ?? 0) * 1000 : event.timeNano / 1e6;
  return { type, id, labels, timeMs: Math.floor(timeMs) };
}

/** Parses newline-separated JSON events as they come; what is not about our containers or images is left out. */
export async function* readEvents(chunks: AsyncIterable<Buffer>): AsyncIterable<RuntimeEvent> {
  let pending = '';
  for await (const chunk of chunks) {
    pending += chunk.toString('utf8');
    const lines = pending.split('\n');
    pending = lines.pop() ?? '';
    if (pending.length > maxEventLineBytes) {
      throw new RuntimeError('failed', 'an event of the container engine is too long');
    }
    for (const line of lines) {
      if (line.trim() === '') continue;
      const event = eventFrom(JSON.parse(line) as DockerEvent);
      if (event !== undefined) yield event;
    }
  }
}
