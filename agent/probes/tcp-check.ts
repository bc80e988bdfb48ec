/** TCP probes: a connection that opens is enough. */
import net from 'node:net';
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
    const name = `${target.host}:${target.port}`;
    const onAbort = (): void => {
      finish(failed(`dial tcp ${name}: i/o timeout`));
    };
    signal.addEventListener('abort', onAbort);
    socket.once('connect', () => {
      finish(passed());
    });
    socket.once('error', (error) => {
      finish(failed(`dial tcp ${name}: ${error.message}`));
    });
  });
}
