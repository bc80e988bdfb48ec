/** Shares the server's seats out among priority levels, in proportion to what their configurations say. Pure. */
import type { PriorityLevelConfiguration } from '../../../api/flowcontrol/v1/types.js';
import type { SeatLimits } from './priority-level.js';

const defaultShares = 30;

interface Settings {
  readonly shares: number;
  readonly lendablePercent: number;
  /** Undefined where only the server's own limit counts. */
  readonly borrowingPercent: number | undefined;
}

function settingsOf({ spec }: PriorityLevelConfiguration): Settings {
  const { exempt, limited } = spec;
  return spec.type === 'Exempt'
    ? {
        shares: exempt?.nominalConcurrencyShares ?? 0,
        lendablePercent: exempt?.lendablePercent ?? 0,
        borrowingPercent: undefined,
      }
    : {
        shares: limited?.nominalConcurrencyShares ?? defaultShares,
        lendablePercent: limited?.lendablePercent ?? 0,
        borrowingPercent: limited?.borrowingLimitPercent,
      };
}

const part = (whole: number, percent: number): number => Math.round((whole * percent) / 100);

/** By the names of the levels. */
export function seatLimits(
  levels: readonly PriorityLevelConfiguration[],
  totalSeats: number,
): ReadonlyMap<string, SeatLimits> {
  const settings = levels.map((level) => ({ name: level.metadata.name, ...settingsOf(level) }));
  const allShares = settings.reduce((sum, { shares }) => sum + shares, 0);
  return new Map(
    settings.map(({ name, shares, lendablePercent, borrowingPercent }) => {
      const nominal = Math.max(1, Math.ceil((totalSeats * shares) / Math.max(1, allShares)));
      const least = nominal - part(nominal, lendablePercent);
      const most =
        borrowingPercent === undefined
          ? Math.max(nominal, totalSeats)
          : nominal + part(nominal, borrowingPercent);
      return [name, { nominal, least, most }];
    }),
  );
}
