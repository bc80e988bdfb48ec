/** HTTP requests from a node's network namespace, over a connection of their own. */
import { systemExec } from '../../machinery/exec/exec.js';
import { type LabNode } from './cluster.js';
import { inNamespace } from './namespaces.js';

export interface HttpTarget {
  readonly host: string;
  readonly port: number;
}

/** The body of `GET /`. Rejects when the connection fails or the answer is not 200. */
export async function httpGet(node: LabNode, { host, port }: HttpTarget): Promise<string> {
  const { stdout } = await systemExec(
    inNamespace(node.namespace, ['busybox', 'nc', '-w', '2', host, String(port)]),
    { input: `GET / HTTP/1.0\r\nHost: ${host}\r\n\r\n` },
  );
  const [head = '', body = ''] = stdout.split('\r\n\r\n', 2);
  if (!head.startsWith('HTTP/1.1 200')) {
    throw new Error(`${host}:${String(port)} answered ${JSON.stringify(stdout)}`);
  }
  return body.trim();
}
