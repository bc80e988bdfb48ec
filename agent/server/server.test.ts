import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { once } from 'node:events';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { Duplex, PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { WebSocket } from 'ws';
import { notFound } from '../../api/meta/status-error.js';
import { exportKey, keyAlgorithm, subjectName } from '../../machinery/certificates/certificates.js';
import { systemClock } from '../../machinery/clock/clock.js';
import { silentLogger } from '../../machinery/log/log.js';
import { Metrics } from '../../machinery/metrics/metrics.js';
import { StreamRefusal } from './ports.js';
import type { ContainerAccess, ContainerSession } from './ports.js';
import { NodeServer } from './server.js';
import { controlFrame, dataFrame, FrameReader, frameTypes, numbers } from './spdy/frames.js';
import { HeaderCodec } from './spdy/headers.js';

interface Leaf {
  readonly cert: string;
  readonly key: string;
}

async function certificates(): Promise<{ ca: string; server: Leaf; master: Leaf; node: Leaf }> {
  const generate = () => webcrypto.subtle.generateKey(keyAlgorithm, true, ['sign', 'verify']);
  const validity = { notBefore: new Date('2020-01-01'), notAfter: new Date('2120-01-01') };
  const caKeys = await generate();
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=ca',
    keys: caKeys,
    signingAlgorithm: keyAlgorithm,
    extensions: [new x509.BasicConstraintsExtension(true)],
    ...validity,
  });
  const leaf = async (name: string, groups: string[], serialNumber: string): Promise<Leaf> => {
    const keys = await generate();
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber,
      subject: new x509.Name(subjectName(name, groups)),
      issuer: ca.subject,
      publicKey: keys.publicKey,
      signingKey: caKeys.privateKey,
      signingAlgorithm: keyAlgorithm,
      ...validity,
    });
    return { cert: certificate.toString('pem'), key: await exportKey(keys.privateKey) };
  };
  return {
    ca: ca.toString('pem'),
    server: await leaf('system:node:n1', ['system:nodes'], '02'),
    master: await leaf('kube-apiserver-kubelet-client', ['system:masters'], '03'),
    node: await leaf('system:node:n2', ['system:nodes'], '04'),
  };
}

/** A container whose process gives its input back, complains once, and ends with status 3. */
function echoSession(): ContainerSession {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const stderr = Readable.from([Buffer.from('careful')]);
  const sizes: string[] = [];
  stdin.on('data', (chunk: Buffer) => stdout.write(`${sizes.join()}${chunk.toString()}`));
  const exitCode = new Promise<number>((resolve) => {
    stdin.on('end', () => {
      stdout.end();
      resolve(3);
    });
  });
  return {
    stdin,
    stdout,
    stderr,
    resize: ({ width, height }) => {
      sizes.push(`${width}x${height} `);
      return Promise.resolve();
    },
    exitCode,
    close: () => undefined,
  };
}

/** A server that says good-bye to whatever it is told and closes at once. */
function hangsUp(): Duplex {
  const server: Duplex = new Duplex({
    read: () => undefined,
    write: (_chunk, _encoding, done) => {
      server.push('bye');
      server.push(null);
      setImmediate(() => server.destroy());
      done();
    },
  });
  return server;
}

const access: ContainerAccess = {
  pods: () => [],
  logs: (target, options) => {
    if (target.pod !== 'web')
      return Promise.reject(notFound({ group: '', plural: 'pods' }, target.pod));
    return Promise.resolve(
      Readable.from([`${JSON.stringify({ ...options, signal: undefined })}\n`, 'more\n']),
    );
  },
  exec: ({ container }, { command }) => {
    if (container === 'ended')
      return Promise.reject(new StreamRefusal('container not found ("ended")'));
    assert.deepEqual(command, ['cat', '-']);
    return Promise.resolve(echoSession());
  },
  attach: () => Promise.resolve(echoSession()),
  forward: (target, port) => access.connect(target, port),
  connect: (_target, port) => {
    if (port === 82) return Promise.resolve(hangsUp());
    if (port !== 80) return Promise.reject(new Error('connection refused'));
    const pipe = new PassThrough();
    return Promise.resolve(pipe as Duplex);
  },
};

let server: NodeServer;
let pki: Awaited<ReturnType<typeof certificates>>;

before(async () => {
  pki = await certificates();
  server = new NodeServer({
    identity: { certificatePem: pki.server.cert, keyPem: pki.server.key, caPem: pki.ca },
    port: 0,
    address: '127.0.0.1',
    access,
    metrics: new Metrics(),
    clock: systemClock,
    logger: silentLogger,
  });
  await server.start();
});
after(() => server.stop());

const optionsFor = (client?: Leaf): RequestOptions => ({
  host: '127.0.0.1',
  port: server.port,
  ca: pki.ca,
  checkServerIdentity: () => undefined,
  ...client,
});

async function get(path: string, client?: Leaf): Promise<{ code: number; body: string }> {
  const request = httpsRequest({ ...optionsFor(client), path, agent: false }).end();
  const [response] = (await once(request, 'response')) as [Readable & { statusCode: number }];
  return { code: response.statusCode, body: await text(response) };
}

test('server answers nobody without the right certificate', async () => {
  assert.equal((await get('/pods')).code, 401);
  assert.equal((await get('/pods', pki.node)).code, 403);
  assert.equal((await get('/containerLogs/shop/web/app')).code, 401);
  assert.equal((await get('/pods', pki.master)).code, 200);
  assert.deepEqual(await get('/healthz'), { code: 200, body: 'ok' });
  assert.equal((await get('/nothing', pki.master)).code, 404);
});

test('server refuses paths that are none, whoever asks', async () => {
  for (const path of ['//', '//[', '//a:b', '/exec/%ff/b/c', '/pods/%zz']) {
    const { code, body } = await get(path);
    assert.equal(code, 400, path);
    assert.match(body, /"kind":"Status"/);
  }
  // Whatever a path is made of, the same one is judged and answered.
  for (const path of ['/healthz/../pods', '//node/pods', '/%2e%2e/pods', '/pods#/healthz']) {
    assert.equal((await get(path)).code, 401, path);
  }
});

test('server streams logs with their options', async () => {
  const path = '/containerLogs/shop/web/app?follow=true&tailLines=5&timestamps=true&previous=false';
  const { body } = await get(path, pki.master);
  const expected = { follow: true, previous: false, timestamps: true, tailLines: 5 };
  assert.deepEqual(JSON.parse(body.split('\n')[0] ?? ''), expected);
  assert.equal((await get(`${path}&limitBytes=7`, pki.master)).body, body.slice(0, 7));
  assert.equal((await get('/containerLogs/shop/other/app', pki.master)).code, 404);
  assert.equal((await get('/containerLogs/shop/web/app?tailLines=x', pki.master)).code, 400);
});

interface Received {
  readonly channels: Map<number, string>;
  readonly protocol: string;
}

async function overWebSocket(
  protocol: string,
  messages: readonly Buffer[],
  container = 'app',
): Promise<Received> {
  const query = 'command=cat&command=-&input=1&output=1&error=1';
  const url = `wss://127.0.0.1:${server.port}/exec/shop/web/${container}?${query}`;
  const socket = new WebSocket(url, [protocol], optionsFor(pki.master));
  const channels = new Map<number, string>();
  socket.on('message', (message: Buffer) => {
    const number = message[0] ?? -1;
    channels.set(number, (channels.get(number) ?? '') + message.subarray(1).toString());
  });
  await once(socket, 'open');
  for (const message of messages) socket.send(message);
  await once(socket, 'close');
  return { channels, protocol: socket.protocol };
}

const message = (channel: number, payload: string | Buffer): Buffer =>
  Buffer.concat([Buffer.from([channel]), Buffer.from(payload)]);

test('exec over WebSocket carries every stream and the exit code', async () => {
  const { channels, protocol } = await overWebSocket('v5.channel.k8s.io', [
    message(4, '{"Width":80,"Height":24}'),
    message(0, 'hello'),
    message(255, Buffer.from([0])),
  ]);
  assert.equal(protocol, 'v5.channel.k8s.io');
  assert.equal(channels.get(1), '80x24 hello');
  assert.equal(channels.get(2), 'careful');
  const status = JSON.parse(channels.get(3) ?? '') as Record<string, unknown>;
  assert.equal(status.reason, 'NonZeroExitCode');
  assert.deepEqual(status.details, { causes: [{ reason: 'ExitCode', message: '3' }] });
});

test('exec refuses protocols it does not speak before it starts anything', async () => {
  const url = `wss://127.0.0.1:${server.port}/exec/shop/web/app?command=x&output=1`;
  const socket = new WebSocket(url, ['v1.channel.k8s.io'], optionsFor(pki.master));
  const [error] = (await once(socket, 'error')) as [Error];
  assert.match(error.message, /400/);
});

test('exec says that a container does not run where the client of each protocol looks for it', async () => {
  const { channels } = await overWebSocket('v5.channel.k8s.io', [], 'ended');
  const why = 'unable to upgrade connection: container not found ("ended")';
  const status = JSON.parse(channels.get(3) ?? '') as Record<string, unknown>;
  assert.equal(status.message, `Internal error occurred: ${why}`);
  assert.equal(status.reason, 'InternalError');
  assert.deepEqual(status.details, { causes: [{ message: why }] });
  const upgrades: readonly Readonly<Record<string, string>>[] = [
    { Upgrade: 'SPDY/3.1', 'X-Stream-Protocol-Version': 'v4.channel.k8s.io' },
    {
      Upgrade: 'websocket',
      'Sec-WebSocket-Protocol': 'v4.channel.k8s.io',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    },
  ];
  for (const headers of upgrades) {
    const request = httpsRequest({
      ...optionsFor(pki.master),
      path: '/exec/shop/web/ended?command=cat&output=1',
      agent: false,
      headers: { Connection: 'Upgrade', ...headers },
    }).end();
    const [response] = (await once(request, 'response')) as [Readable & { statusCode: number }];
    assert.equal(response.statusCode, 500);
    assert.equal(await text(response), 'container not found ("ended")');
  }
});

/** A client that speaks SPDY as kubectl does. */
class SpdyClient {
  private readonly codec = new HeaderCodec();
  private readonly reader = new FrameReader();
  readonly received = new Map<number, string>();
  readonly replies = new Set<number>();
  readonly ends = new Set<number>();
  private readonly socket: Duplex;

  constructor(socket: Duplex) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      for (const frame of this.reader.read(chunk)) {
        if (frame.kind === 'data') {
          const before = this.received.get(frame.streamId) ?? '';
          this.received.set(frame.streamId, before + frame.payload.toString());
          if ((frame.flags & 1) !== 0) this.ends.add(frame.streamId);
        } else if (frame.type === frameTypes.synReply)
          this.replies.add(frame.payload.readUInt32BE(0));
      }
    });
  }

  async open(id: number, headers: Record<string, string>): Promise<void> {
    const block = await this.codec.encode(new Map(Object.entries(headers)));
    const payload = Buffer.concat([numbers(id, 0), Buffer.from([0, 0]), block]);
    this.socket.write(controlFrame(frameTypes.synStream, payload));
  }

  write(id: number, data: string, fin = false): void {
    this.socket.write(dataFrame(id, Buffer.from(data), fin));
  }

  async ended(): Promise<void> {
    if (!this.socket.readableEnded) await once(this.socket, 'end');
    this.socket.destroy();
  }

  reset(id: number): void {
    this.socket.write(controlFrame(frameTypes.rstStream, numbers(id, 5)));
  }

  close(): void {
    this.socket.destroy();
  }
}

async function checkForwarding(client: SpdyClient): Promise<void> {
  const open = async (id: number, port: string, requestID: string): Promise<void> => {
    await client.open(id, { streamType: 'error', port, requestID });
    await client.open(id + 2, { streamType: 'data', port, requestID });
  };
  await open(1, '80', '0');
  await open(5, '81', '1');
  client.write(3, 'ping', true);
  while (client.received.get(3) !== 'ping' || client.received.get(5) === undefined)
    await new Promise((resolve) => setImmediate(resolve));
  assert.match(client.received.get(5) ?? '', /error forwarding port 81: connection refused/);
  // A connection that kubectl resets ends without an error: one would make it give up the others.
  await open(9, '80', '2');
  client.write(11, 'ping');
  while (client.received.get(11) !== 'ping') await new Promise((resolve) => setImmediate(resolve));
  client.reset(11);
  while (!client.ends.has(9)) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(client.received.get(9) ?? '', '');
  await open(13, '82', '3');
  client.write(15, 'hello');
  while (!client.ends.has(13)) await new Promise((resolve) => setImmediate(resolve));
  // A server that closes first is no failure of forwarding.
  assert.deepEqual([client.received.get(15), client.received.get(13)], ['bye', '']);
  client.close();
}

async function spdyClient(path: string, protocols: string): Promise<SpdyClient> {
  const request = httpsRequest({
    ...optionsFor(pki.master),
    path,
    method: 'POST',
    agent: false,
    headers: {
      Connection: 'Upgrade',
      Upgrade: 'SPDY/3.1',
      'X-Stream-Protocol-Version': protocols,
    },
  }).end();
  const [response, socket] = (await once(request, 'upgrade')) as [
    { headers: Record<string, string> },
    Duplex,
  ];
  assert.equal(response.headers['x-stream-protocol-version'], protocols.split(', ')[0]);
  return new SpdyClient(socket);
}

test('exec over SPDY carries every stream and the exit code', async () => {
  const query = 'command=cat&command=-&input=1&output=1&error=1';
  const client = await spdyClient(
    `/exec/shop/web/app?${query}`,
    'v4.channel.k8s.io, v3.channel.k8s.io',
  );
  const types = ['error', 'stdin', 'stdout', 'stderr'];
  for (const [at, streamType] of types.entries()) await client.open(at * 2 + 1, { streamType });
  client.write(3, 'x'.repeat(200_000));
  client.write(3, 'end', true);
  await client.ended();
  assert.deepEqual([...client.replies], [1, 3, 5, 7]);
  assert.equal(client.received.get(5)?.length, 200_003);
  assert.equal(client.received.get(7), 'careful');
  assert.match(client.received.get(1) ?? '', /"reason":"NonZeroExitCode"/);
});

test('ports are forwarded over SPDY, and what cannot be reached is said', async () => {
  await checkForwarding(await spdyClient('/portForward/shop/web', 'portforward.k8s.io'));
});

/** Bytes in binary messages, by hand: ws does not offer the tunnel's protocol name either. */
function insideWebSocket(socket: Duplex): Duplex {
  let received = Buffer.alloc(0);
  const tunnel = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      const head = Buffer.from([0x82, 0x80 | 126, 0, 0, 0, 0, 0, 0]);
      head.writeUInt16BE(chunk.length, 2);
      socket.write(Buffer.concat([head, chunk]), done);
    },
    destroy: (_error, done) => {
      socket.destroy();
      done(null);
    },
  });
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 2) {
      const short = (received[1] ?? 0) & 127;
      const start = short === 126 ? 4 : 2;
      const size = short === 126 ? received.readUInt16BE(2) : short;
      if (received.length < start + size) return;
      tunnel.push(received.subarray(start, start + size));
      received = received.subarray(start + size);
    }
  });
  return tunnel;
}

test('ports are forwarded over SPDY inside a WebSocket', async () => {
  const request = httpsRequest({
    ...optionsFor(pki.master),
    path: '/portForward/shop/web',
    agent: false,
    headers: {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': Buffer.alloc(16).toString('base64'),
      'Sec-WebSocket-Protocol': 'SPDY/3.1+portforward.k8s.io',
    },
  }).end();
  const [response, socket, head] = (await once(request, 'upgrade')) as [
    { headers: Record<string, string> },
    Duplex,
    Buffer,
  ];
  assert.equal(response.headers['sec-websocket-protocol'], 'SPDY/3.1+portforward.k8s.io');
  socket.unshift(head);
  await checkForwarding(new SpdyClient(insideWebSocket(socket)));
});

async function forwardedOverChannels(ports: string): Promise<ReadonlyMap<number, string>> {
  const url = `wss://127.0.0.1:${server.port}/portForward/shop/web?port=${ports}`;
  const socket = new WebSocket(url, ['v4.channel.k8s.io'], optionsFor(pki.master));
  const heard = new Map<number, string>();
  socket.on('message', (bytes: Buffer) => {
    const channel = bytes[0] ?? -1;
    heard.set(channel, (heard.get(channel) ?? '') + bytes.subarray(1).toString('latin1'));
  });
  await once(socket, 'open');
  socket.send(message(0, 'hello'));
  await once(socket, 'close');
  return heard;
}

test('ports are forwarded over the channels of a WebSocket', async () => {
  const heard = await forwardedOverChannels('82,81');
  // Each channel begins with its port, little-endian.
  assert.deepEqual([...heard].sort(), [
    [0, 'R\0bye'],
    [1, 'R\0'],
    [2, 'Q\0'],
    [3, 'Q\0error forwarding port 81: connection refused'],
  ]);
});

test('the server joins a bare connection to a port of a pod', async () => {
  const open = async (path: string): Promise<string> => {
    const outgoing = httpsRequest({
      host: '127.0.0.1',
      port: server.port,
      path,
      headers: { Connection: 'Upgrade', Upgrade: 'tcp' },
      ...pki.master,
      rejectUnauthorized: false,
    });
    outgoing.end();
    return new Promise((resolve, reject) => {
      outgoing.once('upgrade', (_answer, socket: Duplex) => {
        socket.once('data', (chunk: Buffer) => {
          socket.destroy();
          resolve(chunk.toString());
        });
        socket.write('ping');
      });
      outgoing.once('response', (answer) => {
        answer.resume();
        resolve(String(answer.statusCode));
      });
      outgoing.once('error', reject);
    });
  };
  assert.equal(await open('/tunnel/default/web?port=80'), 'ping');
  assert.equal(await open('/tunnel/default/web?port=81'), '500');
  assert.equal(await open('/tunnel/default/web?port=x'), '400');
});
