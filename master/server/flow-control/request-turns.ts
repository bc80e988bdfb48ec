/** Asks for the turn of requests from the network: which take one, and how much each takes. */
import type { IncomingMessage } from 'node:http';
import { isLongRunning } from '../request-deadlines.js';
import type { Arrival } from '../request-gate.js';
import type { ResourceRequest } from '../request-info.js';
import type { Fairness, Seat } from './fairness.js';
import { maxSeats, objectsPerSeat } from './limits.js';
import type { Requester } from '../../../api/schema/resource.js';

/** The seat of a request, once it is its turn; undefined for streams, which take none. Throws or rejects with a 429. */
export type RequestTurns = (
  user: Requester,
  request: IncomingMessage,
  arrival: Arrival,
) => Seat | Promise<Seat> | undefined;

/** How many objects of what is asked for there are. */
export type ObjectCount = (target: ResourceRequest) => number;

/** A list takes the more the longer it may become. */
function seatsOf({ target, query }: Arrival, count: ObjectCount): number {
  if (target?.verb !== 'list') return 1;
  const limit = query.size === 0 ? 0 : Number(query.get('limit') ?? 0);
  const objects = limit > 0 ? Math.min(limit, count(target)) : count(target);
  return Math.min(maxSeats, Math.max(1, Math.ceil(objects / objectsPerSeat)));
}

/** Makes requests wait for their turn as fairness wants it. */
export const requestTurns =
  (fairness: Fairness, count: ObjectCount): RequestTurns =>
  (user, request, arrival) => {
    const { path, target } = arrival;
    // A watch takes a seat while it is opened.
    if (isLongRunning(target) && target?.verb !== 'watch') return undefined;
    const verb = target?.verb ?? (request.method ?? 'GET').toLowerCase();
    return fairness.admit({
      user,
      verb,
      path,
      target,
      seats: () => seatsOf(arrival, count),
      onGone: (callback) => {
        request.socket.once('close', callback);
        return () => request.socket.off('close', callback);
      },
    });
  };
