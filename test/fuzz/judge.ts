/** What is wrong with an answer, whatever the request was. Nothing here knows what the right answer would have been. */
import type { FuzzAnswer, FuzzRequest } from './fuzz-request.js';

/** Every answer that is no stream has to be there by then. */
export const slowestAnswerMs = 2_000;

/** Other servers answer these; that they are not there is no fault of the request's. */
const handedThrough = /\/(?:proxy|log|exec|attach|portforward)(?:[/?]|$)|^\/apis\/[^/]*\.example/;

const isResource = (target: string): boolean => /^\/apis?(?:\/|$)/.test(target);

function faultOfStatus(answer: FuzzAnswer): string | undefined {
  let status: unknown;
  try {
    status = JSON.parse(answer.body.toString('utf8'));
  } catch {
    return 'its body is no JSON';
  }
  const { kind, code, message, status: outcome } = status as Readonly<Record<string, unknown>>;
  if (kind !== 'Status' || outcome !== 'Failure') return 'its body is no failed Status';
  if (code !== answer.status) return `its Status says ${String(code)}`;
  return typeof message === 'string' && message !== '' ? undefined : 'its Status has no message';
}

/** A sentence about what is wrong; undefined where nothing is. */
export function faultOf(request: FuzzRequest, answer: FuzzAnswer): string | undefined {
  const { status, contentType, durationMs } = answer;
  const isWatch = /[?&]watch=|\/watch\//.test(request.path);
  if (durationMs > slowestAnswerMs && !isWatch && !/follow|timeout/.test(request.path)) {
    return `the answer took ${String(Math.round(durationMs))} ms`;
  }
  if (status === 504 && answer.body.includes('ResourceVersionTooLarge')) return undefined;
  if (status >= 500 && !handedThrough.test(request.path))
    return `the answer is a ${String(status)}`;
  if (status < 400) return undefined;
  if (request.method === 'HEAD' || !isResource(request.path)) return undefined;
  if (!contentType.startsWith('application/json')) return undefined;
  const fault = faultOfStatus(answer);
  return fault === undefined ? undefined : `the answer is a ${String(status)} but ${fault}`;
}
