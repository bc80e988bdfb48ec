/** A bare node:https server in a thread of its own: what any server here could do that did nothing. */
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

const pair = workerData as { readonly cert: string; readonly key: string };
const answer = Buffer.from(
  JSON.stringify({ kind: 'ConfigMap', data: { filler: 'x'.repeat(900) } }),
);
const headers = { 'content-type': 'application/json', 'content-length': String(answer.length) };

const server = createServer(pair, (request, response) => {
  request.resume();
  request.on('end', () => {
    response.writeHead(200, headers);
    response.end(answer);
  });
});
server.listen(0, '127.0.0.1', () => {
  parentPort?.postMessage((server.address() as AddressInfo).port);
});
