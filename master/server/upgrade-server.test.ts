import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { configMaps } from '../../api/core/v1/config-map.js';
import { failure, internalError, isStatusError, notFound } from '../../api/meta/status-error.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import { FakeClock } from '../../machinery/clock/clock.js';
import { eventually } from '../../testing/eventually.js';
import { bookmarkEvent } from '../watch/watch-event.js';
import type { WatchEvent } from '../watch/watch-event.js';
import type { Watch } from '../watch/watcher.js';
import type { ApiAnswer, ApiRequest } from './api-request.js';
import { slowestDrainMs } from './limits.js';
import { negotiateOrThrow } from './negotiation.js';
import { UpgradeServer } from './upgrade-server.js';
import { WatchPace } from './watch-writer.js';

const event = (kind: string): WatchEvent =>
  bookmarkEvent({ kind, apiVersion: 'v1', revision: 1, endsInitialEvents: false });

/** A watch that has some batches and waits to be stopped then, or repeats the last one for ever. */
function watchOf(batches: readonly (readonly WatchEvent[])[], goesOn = false) {
  const stopped = new AbortController();
  const watch = {
    taken: 0,
    get isStopped() {
      return stopped.signal.aborted;
    },
    next: async () => {
      const batch = batches[watch.taken] ?? (goesOn ? batches.at(-1) : undefined);
      watch.taken += 1;
      if (stopped.signal.aborted) return undefined;
      if (batch !== undefined) return batch;
      await once(stopped.signal, 'abort');
      return undefined;
    },
    stop: () => {
      stopped.abort();
    },
    ended: () => undefined,
    [Symbol.asyncIterator]: () => assert.fail('it is asked for its next batch'),
  };
  return watch satisfies Watch<KubeObject>;
}

/** A server for upgrades only. Everybody is let in but those who ask for `/api/v1/secrets`. */
async function serverOf(handle: (request: ApiRequest) => Promise<ApiAnswer>) {
  const clock = new FakeClock(0);
  const seats = { taken: 0, released: 0 };
  const asked: string[] = [];
  const upgrades = new UpgradeServer({
    clock,
    pace: new WatchPace(clock),
    entrance: {
      pass: (entry) => {
        seats.taken += 1;
        let held = 1;
        const release = (): void => {
          seats.released += held;
          held = 0;
        };
        entry.seat = { schemaUid: 's', levelUid: 'l', release };
        if (entry.arrival.path === '/api/v1/secrets')
          throw failure({ code: 403, reason: 'Forbidden', message: 'no' });
        return { username: 'jane', groups: [] };
      },
    },
    gate: {
      handle: (request) => {
        asked.push(request.target.verb);
        return handle(request);
      },
    },
    aggregator: { backendFor: () => undefined },
    agents: { backend: () => assert.fail('no agent is asked') },
    metrics: { whileWatching: (_resource, watching) => watching() },
    acceptedOf: (_target, request) => negotiateOrThrow(request.headers.accept),
    asStatus: (error) => (isStatusError(error) ? error : internalError(error)).status,
  });
  const server: Server = createServer();
  let serving: Promise<void> = Promise.resolve();
  server.on('upgrade', (request, socket, head: Buffer) => {
    serving = upgrades.serve({ request, socket, head });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    clock,
    seats,
    asked,
    served: () => serving,
    close: () => server.close(),
    /** What is heard where another protocol is asked for by hand, up to the end of the connection. */
    heard: async (line: string, protocol = 'x'): Promise<string> => {
      const socket = connect(port, '127.0.0.1');
      socket.write(
        `${line} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`,
      );
      return text(socket);
    },
    socket: (path: string, accept?: string, protocols?: string[]): WebSocket =>
      new WebSocket(`ws://127.0.0.1:${String(port)}${path}`, protocols, {
        headers: accept === undefined ? {} : { accept },
      }),
  };
}

const answerOf = (watch: Watch<KubeObject>, timeoutMs = 1e9): Promise<ApiAnswer> =>
  Promise.resolve({ type: 'watch', resource: configMaps, watch, timeoutMs });

const never = (): Promise<ApiAnswer> => assert.fail('nothing is done');

test('upgrade of what offers none does nothing and keeps no seat', async () => {
  const server = await serverOf(never);
  for (const line of [
    'GET /api/v1/pods',
    'DELETE /api/v1/namespaces/x/pods/y',
    'POST /api/v1/namespaces/x/pods',
    'GET /api/v1/pods?watch=1',
    'GET /version',
  ]) {
    const heard = await server.heard(line);
    assert.match(heard, /^HTTP\/1.1 400 .*offers no other protocol/s, line);
  }
  assert.match(await server.heard('GET /api/v1/secrets'), /^HTTP\/1.1 403 /);
  assert.deepEqual([server.asked, server.seats], [[], { taken: 6, released: 6 }]);
  server.close();
});

test('watch over a WebSocket sends every event as a message of text', async () => {
  const watch = watchOf([[event('A'), event('B')], [event('C')]]);
  const server = await serverOf(() => answerOf(watch, 5_000));
  const token = 'base64url.bearer.authorization.k8s.io.c2VzYW1l';
  const socket = server.socket('/api/v1/configmaps?watch=1', undefined, [token, 'mine']);
  const messages: [string, boolean][] = [];
  socket.on('message', (data, isBinary) => {
    messages.push([(data as Buffer).toString(), isBinary]);
  });
  await once(socket, 'open');
  assert.equal(socket.protocol, 'mine');
  await eventually(
    async () => {
      await server.clock.advance(10);
      assert.equal(messages.length, 3);
    },
    { timeoutMs: 5_000, what: 'the events' },
  );
  assert.deepEqual(
    messages.map(([line, isBinary]) => [
      (JSON.parse(line) as { object: KubeObject }).object.kind,
      isBinary,
    ]),
    [
      ['A', false],
      ['B', false],
      ['C', false],
    ],
  );
  assert.deepEqual(server.seats, { taken: 1, released: 1 });
  const closed = once(socket, 'close');
  await server.clock.advance(5_000);
  assert.equal((await closed)[0], 1000);
  await server.served();
  assert.ok(watch.isStopped);
  server.close();
});

test('watch over a WebSocket ends with its client', async () => {
  const watch = watchOf([[event('A')]]);
  const server = await serverOf(() => answerOf(watch));
  const socket = server.socket('/api/v1/configmaps?watch=1', 'application/vnd.kubernetes.protobuf');
  const [data, isBinary] = (await once(socket, 'message')) as [Buffer, boolean];
  // The type of the event comes first: there is no length before it.
  assert.deepEqual([data.subarray(0, 10).toString(), isBinary], ['\n\bBOOKMARK', true]);
  socket.close();
  await once(socket, 'close');
  await server.clock.advance(10);
  await server.served();
  assert.ok(watch.isStopped);
  server.close();
});

test('watch over a WebSocket whose client takes nothing is broken off', async () => {
  const watch = watchOf([[event('x'.repeat(256 * 1024))]], true);
  const server = await serverOf(() => answerOf(watch));
  const socket = server.socket('/api/v1/configmaps?watch=1');
  await once(socket, 'open');
  socket.pause();
  let taken = -1;
  await eventually(
    async () => {
      const before = taken;
      await server.clock.advance(10);
      ({ taken } = watch);
      assert.ok(taken > 1 && taken === before, 'it still writes');
    },
    { timeoutMs: 5_000, what: 'the watch to be stuck' },
  );
  assert.equal(watch.isStopped, false);
  await server.clock.advance(slowestDrainMs);
  await server.served();
  assert.ok(watch.isStopped);
  socket.terminate();
  server.close();
});

test('watch over a WebSocket that is asked for wrongly is stopped', async () => {
  const watch = watchOf([]);
  const server = await serverOf(() => answerOf(watch));
  const heard = await server.heard('GET /api/v1/configmaps?watch=1', 'websocket');
  assert.match(heard, /^HTTP\/1.1 4\d\d /);
  await server.served();
  assert.ok(watch.isStopped);
  assert.deepEqual(server.seats, { taken: 1, released: 1 });
  server.close();
});

test('watch over a WebSocket that comes too late says so in its only message', async () => {
  const gone = failure({ code: 410, reason: 'Expired', message: 'too old' });
  const server = await serverOf(() => Promise.reject(gone));
  const socket = server.socket('/api/v1/configmaps?watch=1');
  const closed = once(socket, 'close');
  const [data] = (await once(socket, 'message')) as [Buffer];
  const { type, object } = JSON.parse(data.toString()) as { type: string; object: KubeObject };
  assert.deepEqual([type, object], ['ERROR', gone.status]);
  assert.equal((await closed)[0], 1000);
  server.close();
});

test('watch over a WebSocket that cannot begin is refused in HTTP', async () => {
  const server = await serverOf(() =>
    Promise.reject(notFound({ group: '', plural: 'configmaps' }, 'x')),
  );
  const socket = server.socket('/api/v1/configmaps?watch=1');
  const [error] = (await once(socket, 'error')) as [Error];
  assert.match(error.message, /404/);
  assert.deepEqual(server.seats, { taken: 1, released: 1 });
  server.close();
});
