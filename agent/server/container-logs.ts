/** Parameters of a log request, and the bound on what is sent. */
import { Transform } from 'node:stream';
import { badRequest } from '../../api/meta/status-error.js';
import type { ContainerLogOptions } from './ports.js';

const flag = (query: URLSearchParams, name: string): boolean => {
  const value = query.get(name);
  return value !== null && value !== 'false' && value !== '0';
};

/** A number that must not be negative; absent and empty mean none. */
function count(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name) ?? '';
  if (value === '') return undefined;
  if (!/^\d{1,15}$/.test(value))
    throw badRequest(`${name}: ${JSON.stringify(value)} is not a number`);
  return Number(value);
}

export interface LogRequest {
  readonly options: Omit<ContainerLogOptions, 'signal'>;
  readonly limitBytes: number | undefined;
}

/** Reads the fields of `PodLogOptions` from a query. `nowMs` turns `sinceSeconds` into a time. */
export function parseLogRequest(query: URLSearchParams, nowMs: number): LogRequest {
  const tailLines = count(query, 'tailLines');
  const sinceSeconds = count(query, 'sinceSeconds');
  const sinceTime = query.get('sinceTime') ?? '';
  const parsedMs = Date.parse(sinceTime);
  if (sinceTime !== '' && Number.isNaN(parsedMs))
    throw badRequest(`sinceTime: ${JSON.stringify(sinceTime)} is not a time`);
  const sinceMs =
    sinceSeconds === undefined
      ? sinceTime === ''
        ? undefined
        : parsedMs
      : nowMs - sinceSeconds * 1000;
  const stream = query.get('stream')?.toLowerCase();
  return {
    options: {
      follow: flag(query, 'follow'),
      previous: flag(query, 'previous'),
      timestamps: flag(query, 'timestamps'),
      ...(tailLines === undefined ? {} : { tailLines }),
      ...(sinceMs === undefined ? {} : { sinceMs }),
      ...(stream === 'stdout' || stream === 'stderr' ? { stream } : {}),
    },
    limitBytes: count(query, 'limitBytes'),
  };
}

/** Passes on so many bytes and calls `onFull` when there are no more to pass. */
export function limitedTo(limitBytes: number, onFull: () => void): Transform {
  let left = limitBytes;
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      const part = chunk.subarray(0, left);
      left -= part.length;
      done(null, part);
      if (left === 0) onFull();
    },
  });
}
