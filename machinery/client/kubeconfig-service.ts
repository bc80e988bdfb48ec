/** Services that answer reviews and take audit events: named by a kubeconfig whose server is the whole URL to send to. */
import { createHttpsTransport } from './https-transport.js';
import { readKubeconfig } from './kubeconfig.js';
import type { Transport } from './transport.js';

export interface KubeconfigService {
  readonly transport: Transport;
  /** With its query. */
  readonly path: string;
}

/** Throws KubeconfigError. */
export function openKubeconfigService(file: string): KubeconfigService {
  const connection = readKubeconfig(file);
  const { pathname, search } = new URL(connection.serverUrl);
  return { transport: createHttpsTransport(connection), path: `${pathname}${search}` };
}
