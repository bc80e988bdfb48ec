/** Deals each flow a hand of queues: always the same for one flow, and seldom the same for two. */
import { createHash } from 'node:crypto';

/** The numbers of the queues a flow may wait in, all different. */
export function handOf(flow: string, queues: number, handSize: number): readonly number[] {
  // Validation keeps hands small enough for 64 bits.
  let left = createHash('sha256').update(flow).digest().readBigUInt64BE();
  const hand: number[] = [];
  for (let dealt = 0; dealt < Math.min(handSize, queues); dealt += 1) {
    const remaining = BigInt(queues - dealt);
    let card = Number(left % remaining);
    left /= remaining;
    // The card-th of the queues that are not in the hand yet.
    for (const taken of [...hand].sort((a, b) => a - b)) if (card >= taken) card += 1;
    hand.push(card);
  }
  return hand;
}
