/** Constant requests to a service from a node, each on a connection of its own, as a load balancer's clients make them. */
import type { LabCluster } from './cluster.js';
import { type HttpTarget, httpGet } from './http.js';
import { errorText } from '../../machinery/error-text.js';

export interface Traffic {
  /** The bodies answered so far, in order. */
  readonly answers: () => readonly string[];
  /** Ends the requests; returns what failed. */
  readonly stop: () => Promise<readonly string[]>;
}

/** At most this many requests, so that a forgotten stream of them ends by itself. */
const maxRequests = 20_000;

export function startTraffic(cluster: LabCluster, target: HttpTarget): Traffic {
  const answers: string[] = [];
  const failures: string[] = [];
  let stopped = false;
  const request = async (): Promise<void> => {
    try {
      answers.push(await httpGet(cluster.masterNode, target));
    } catch (error) {
      failures.push(errorText(error));
    }
  };
  const run = async (): Promise<void> => {
    for (let sent = 0; sent < maxRequests && !stopped; sent++) await request();
  };
  const running = run();
  return {
    answers: () => answers,
    stop: async () => {
      stopped = true;
      await running;
      return failures;
    },
  };
}
