/** Asks for the turn of requests from the network: which take one, and how much each takes. */
import type { IncomingMessage } from 'node:http';
import { longestAnswerMs } from '../limits.js';
import { answerMsOf, isLongRunning } from '../request-deadlines.js';
import { selectedName } from '../request-gate.js';
import type { Arrival } from '../request-gate.js';
import { isTrue } from '../request-info.js';
import type { ResourceRequest } from '../request-info.js';
import type { Fairness, Seat } from './fairness.js';
import { listBytesPerSeat, maxListBytesHeld, shareOfWaiting } from './limits.js';
import type { Requester } from '../../../api/schema/resource.js';

/** The seat of a request, once it is its turn; undefined for streams, which take none. Throws or rejects with a 429. */
export type RequestTurns = (
  user: Requester,
  request: IncomingMessage,
  arrival: Arrival,
) => Seat | Promise<Seat> | undefined;

/** What there is of a resource. */
export interface StoredAmount {
  readonly objects: number;
  /** Of all of them. */
  readonly bytes: number;
}

/** Undefined where another server has them. */
export type AmountOf = (target: ResourceRequest) => StoredAmount | undefined;

/** What shows all there is before it goes on, or ends. */
const isListing = ({ target, query }: Arrival): boolean =>
  target?.verb === 'list' || (target?.verb === 'watch' && isTrue(query.get('sendInitialEvents')));

/** A list takes the more the more of it has to be held at a time; what names its object takes what a GET does. */
export function seatsOf(arrival: Arrival, amountOf: AmountOf): number {
  const { target, query } = arrival;
  if (target === undefined || !isListing(arrival)) return 1;
  const isOne = target.name !== '' || selectedName(query.get('fieldSelector') ?? '') !== '';
  const amount = isOne ? undefined : amountOf(target);
  if (amount === undefined || amount.objects === 0) return 1;
  const limit = query.size === 0 ? 0 : Number(query.get('limit') ?? 0);
  const shown = limit > 0 ? Math.min(limit, amount.objects) : amount.objects;
  const held = Math.min((shown * amount.bytes) / amount.objects, maxListBytesHeld);
  return Math.max(1, Math.ceil(held / listBytesPerSeat));
}

/** Makes requests wait for their turn as fairness wants it. */
export const requestTurns =
  (fairness: Fairness, amountOf: AmountOf): RequestTurns =>
  (user, request, arrival) => {
    const { path, target, query } = arrival;
    // A watch takes a seat while it is opened.
    if (isLongRunning(target) && target?.verb !== 'watch') return undefined;
    const verb = target?.verb ?? (request.method ?? 'GET').toLowerCase();
    return fairness.admit({
      user,
      verb,
      path,
      target,
      seats: () => seatsOf(arrival, amountOf),
      maxWaitMs: () =>
        (isLongRunning(target) ? longestAnswerMs : answerMsOf(query)) * shareOfWaiting,
      onGone: (callback) => {
        request.socket.once('close', callback);
        return () => request.socket.off('close', callback);
      },
    });
  };
