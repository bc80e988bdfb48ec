/** Two connections as one: what each side says, the other hears to the last byte. */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** How long a side may take no byte, or not hang up, when the other has gone. */
const farewellIdleMs = 30_000;

/**
 * Lets a side hear what is still to be sent to it and then hang up. To close at once would lose that, and what the side says
 * meanwhile would even take back what the kernel has not delivered yet.
 */
function takeLeave(side: Duplex): void {
  if (side instanceof Socket) side.setTimeout(farewellIdleMs, () => side.destroy());
  side.resume();
  side.end();
}

/** Joins two connections until both have ended. One that breaks off breaks the other off. */
export async function joinConnections(one: Duplex, other: Duplex): Promise<void> {
  const pairs = [
    [one, other],
    [other, one],
  ] as const;
  const closed = pairs.map(async ([from, to]) => {
    from.once('error', () => to.destroy());
    from.pipe(to);
    await new Promise<void>((resolve) => {
      from.once('close', resolve);
    });
    if (from.readableEnded) takeLeave(to);
    else to.destroy();
  });
  await Promise.all(closed);
}
