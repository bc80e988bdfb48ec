/** How code of the master reaches servers that run in the cluster: webhooks, extension API servers. */
import type { Duplex } from 'node:stream';

/** A port of a Service, by its number. */
export interface ServiceTarget {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

/** Opens a bare connection to one of the ready endpoints behind a Service; rejects with a 503 Status when there is none. */
export type ServiceConnector = (target: ServiceTarget) => Promise<Duplex>;
