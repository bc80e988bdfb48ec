/** The far end of a `SideThread`. */
import { parentPort } from 'node:worker_threads';

/** Answers each text with another, one after the other. An error ends the thread. */
export function serveCalls(answer: (text: string) => string): void {
  parentPort?.on('message', (text: string) => {
    parentPort?.postMessage(answer(text));
  });
}
