/** Shares the server's seats out among priority levels, in proportion to what their configurations say. Pure. */
import type { PriorityLevelConfiguration } from '../../../api/flowcontrol/v1/types.js';
import { shareOfOneRequest } from './limits.js';
import type { SeatLimits } from './priority-level.js';

const defaultShares = 30;
const defaultHandSize = 8;

interface Settings {
  readonly shares: number;
  readonly lendablePercent: number;
  /** Undefined where only the server's own limit counts. */
  readonly borrowingPercent: number | undefined;
  /** Into how many queues a flow's requests go; undefined where none wait. */
  readonly handSize: number | undefined;
}

function settingsOf({ spec }: PriorityLevelConfiguration): Settings {
  const { exempt, limited } = spec;
  if (spec.type === 'Exempt') {
    return {
      shares: exempt?.nominalConcurrencyShares ?? 0,
      lendablePercent: exempt?.lendablePercent ?? 0,
      borrowingPercent: undefined,
      handSize: undefined,
    };
  }
  const queuing = limited?.limitResponse?.queuing;
  return {
    shares: limited?.nominalConcurrencyShares ?? defaultShares,
    lendablePercent: limited?.lendablePercent ?? 0,
    borrowingPercent: limited?.borrowingLimitPercent,
    handSize: queuing === undefined ? undefined : (queuing.handSize ?? defaultHandSize),
  };
}

const part = (whole: number, percent: number): number => Math.round((whole * percent) / 100);

/** Large requests of one flow shall not take all of a level: a small part of it, and no more than its hand of queues gives. */
function mostOfOne(nominal: number, handSize: number | undefined): number {
  if (handSize === undefined) return Math.max(1, nominal);
  const most = Math.min(Math.ceil(nominal * shareOfOneRequest), Math.floor(nominal / handSize));
  return Math.max(1, most);
}

/** By the names of the levels. */
export function seatLimits(
  levels: readonly PriorityLevelConfiguration[],
  totalSeats: number,
): ReadonlyMap<string, SeatLimits> {
  const settings = levels.map((level) => ({ name: level.metadata.name, ...settingsOf(level) }));
  const allShares = settings.reduce((sum, { shares }) => sum + shares, 0);
  return new Map(
    settings.map(({ name, shares, lendablePercent, borrowingPercent, handSize }) => {
      const nominal = Math.ceil((totalSeats * shares) / Math.max(1, allShares));
      const least = nominal - part(nominal, lendablePercent);
      const most =
        borrowingPercent === undefined
          ? Math.max(nominal, totalSeats)
          : nominal + part(nominal, borrowingPercent);
      return [name, { nominal, least, most, mostEach: mostOfOne(nominal, handSize) }];
    }),
  );
}
