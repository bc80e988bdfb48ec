/** TCP probes: a connection that opens is enough. */
import net from 'node:net';
import { connectionErrorText } from '../../machinery/connection-error-text.js';
import { hostInUrl } from './http-check.js';
import { failed, passed, type ProbeResult } from './probe-result.js';

/** Never rejects. */
export function checkTcp(
  target: { readonly host: string; readonly port: number },
  signal: AbortSignal,
): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const socket = net.connect(target);
    const finish = (result: ProbeResult): void => {
      socket.destroy();
      signal.removeEventListener('abort', onAbort);
      resolve(result);
    };
    const onAbort = (): void => {
      finish(failed(`dial tcp ${hostInUrl(target.host)}:${target.port}: i/o timeout`));
    };
    signal.addEventListener('abort', onAbort);
    socket.once('connect', () => {
      finish(passed());
    });
    socket.once('error', (error) => {
      finish(failed(connectionErrorText(error)));
    });
  });
}
