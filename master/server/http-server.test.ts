import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request as httpsRequest } from 'node:https';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { after, before, test } from 'node:test';
import { TLSSocket } from 'node:tls';
import { nodes } from '../../api/core/v1/node.js';
import { tooManyRequests } from '../../api/meta/status-error.js';
import { eventually } from '../../testing/eventually.js';
import type { KeyPair } from '../../machinery/certificates/certificates.js';
import { FakeClock } from '../../machinery/clock/clock.js';
import type { Logger } from '../../machinery/log/log.js';
import { createAuthenticator, TokenRefusedError } from '../authn/authenticator.js';
import { requestHeaderUsers, standardRequestHeaders } from '../authn/request-header.js';
import { CertificateAuthority } from '../pki/authority.js';
import { Metrics } from '../../machinery/metrics/metrics.js';
import type { ApiAnswer } from './api-request.js';
import { noAccessMetrics } from './access-metrics.js';
import { AgentProxy } from './agent-proxy.js';
import { type HttpServer, startHttpServer } from './http-server.js';
import { shutdownAnswerMs } from './limits.js';
import { transientAnswer } from './request-body.js';
import { createRequestMetrics } from './request-metrics.js';

const clock = new FakeClock(Date.now());
const hourMs = 3_600_000;
const logged: string[] = [];
const note = (...said: readonly unknown[]): void => {
  logged.push(JSON.stringify(said));
};
const logger: Logger = {
  debug: note,
  info: note,
  warn: note,
  error: note,
  with: () => logger,
};
const seats = new Set<object>();
/** Lets the request for the node `held` be answered. */
let release: (() => void) | undefined;
let authority: CertificateAuthority;
let proxies: CertificateAuthority;
let shown: Awaited<ReturnType<typeof identity>>;
let server: HttpServer;

const issue = (commonName: string, usage: 'client' | 'server'): Promise<KeyPair> => {
  const names = { dnsNames: ['localhost'], ipAddresses: ['127.0.0.1'] };
  const request = { commonName, usage, lifetimeMs: hourMs, ...names };
  return authority.issue(request, clock.now());
};
const identity = async (commonName: string) => ({
  ...(await issue(commonName, 'server')),
  caPem: authority.certificatePem,
  requestHeaderCaPem: proxies.certificatePem,
});

/** A watch that fails after its answer has begun. */
const tornWatch = {
  type: 'watch',
  watch: { next: () => Promise.reject(new TypeError('torn')), stop: () => undefined },
  timeoutMs: hourMs,
  resource: nodes,
} as unknown as ApiAnswer;

function startServer(shown: Awaited<ReturnType<typeof identity>>): Promise<HttpServer> {
  const authenticate = createAuthenticator({
    review: (token) =>
      token === 'good'
        ? Promise.resolve({ user: { username: 'by-token', groups: [] }, audiences: ['api'] })
        : Promise.reject(new TokenRefusedError('it has expired')),
    apiAudiences: ['api'],
    anonymous: () => ({ enabled: true }),
    requestHeader: requestHeaderUsers(standardRequestHeaders),
  });
  return startHttpServer(
    {
      ...shown,
      authenticate,
      aggregator: { backendFor: () => undefined },
      gate: {
        impersonate: (user) => ({ user }),
        authorize: () => undefined,
        handle: async ({ user, target }) => {
          if (target.name === 'slow') await clock.sleep(20_000);
          if (target.name === 'held') await new Promise<void>((resolve) => (release = resolve));
          if (target.verb === 'watch') return tornWatch;
          return transientAnswer(200, { kind: user.username });
        },
      },
      otherRoutes: (_request, response) => response.end(),
      fairness: (user, { method }) => {
        if (method === 'DELETE') throw tooManyRequests('Too many requests', 7);
        const release = (): void => {
          seats.delete(user);
        };
        seats.add(user);
        return { schemaUid: 'schema', levelUid: 'level', release };
      },
      agents: new AgentProxy(shown),
      metrics: createRequestMetrics(new Metrics(), () => true),
      accessMetrics: noAccessMetrics,
      formsOf: () => ({ protobufObjects: false, tables: true }),
      clock,
      logger,
    },
    { host: '127.0.0.1', port: 0 },
  );
}

before(async () => {
  authority = await CertificateAuthority.create('ca', clock.now());
  proxies = await CertificateAuthority.create('proxies', clock.now());
  shown = await identity('first');
  server = await startServer(shown);
});
after(() => server.close());

interface Asked {
  readonly status: number | undefined;
  readonly kind: string;
  /** Whose certificate the server showed. */
  readonly server: string;
}

const openAgent = (pair?: KeyPair, ca = authority.certificatePem): Agent =>
  new Agent({
    keepAlive: true,
    maxSockets: 1,
    ca,
    ...(pair === undefined ? {} : { cert: pair.certificatePem, key: pair.keyPem }),
  });

const ask = (agent: Agent, token?: string, path?: string): Promise<Asked> =>
  send(agent, token === undefined ? {} : { authorization: `Bearer ${token}` }, path);

async function send(
  agent: Agent,
  headers: OutgoingHttpHeaders,
  path = '/api/v1/nodes/x',
  { port } = server,
): Promise<Asked> {
  const asking = httpsRequest({ host: '127.0.0.1', port, path, agent, headers }).end();
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  // The socket leaves the answer once it has been read.
  assert.ok(answer.socket instanceof TLSSocket);
  const { subject } = answer.socket.getPeerCertificate();
  let text = '';
  for await (const chunk of answer) text += String(chunk);
  const { kind } = JSON.parse(text) as { kind: string };
  return { status: answer.statusCode, kind, server: String(subject.CN) };
}

test('HTTP server knows users by certificate or token, and others as nobody', async () => {
  const agents = [openAgent(await issue('jane', 'client')), openAgent(), openAgent()] as const;
  assert.equal((await ask(agents[0])).kind, 'jane');
  assert.equal((await ask(agents[1])).kind, 'system:anonymous');
  assert.equal((await ask(agents[2], 'good')).kind, 'by-token');
  for (const agent of agents) agent.destroy();
});

test('HTTP server refuses wrong tokens and certificates of others, and tells nobody the token', async () => {
  const foreign = await CertificateAuthority.create('other', clock.now());
  const request = { commonName: 'system:admin', usage: 'client', lifetimeMs: hourMs } as const;
  const agents = [openAgent(), openAgent(await foreign.issue(request, clock.now()))] as const;
  const refused = { status: 401, kind: 'Status', server: 'first' };
  assert.deepEqual(await ask(agents[0], 'wr0ng-t0ken'), refused);
  assert.deepEqual(await ask(agents[1]), refused);
  assert.ok(!logged.join('').includes('wr0ng-t0ken'), logged.join('\n'));
  for (const agent of agents) agent.destroy();
});

test('HTTP server believes the headers of proxies that its authority for them knows, and of nobody else', async () => {
  const headers = { 'X-Remote-User': 'tom', 'X-Remote-Group': ['system:masters'] };
  const proxyOf = async (commonName: string): Promise<Agent> => {
    const order = { commonName, usage: 'client', lifetimeMs: hourMs } as const;
    return openAgent(await proxies.issue(order, clock.now()));
  };
  const proxy = await proxyOf('front-proxy-client');
  const stranger = await proxyOf('system:admin');
  const user = openAgent(await issue('front-proxy-client', 'client'));
  const nobody = openAgent();
  assert.equal((await send(proxy, headers)).kind, 'tom');
  assert.equal((await send(stranger, headers)).status, 401);
  assert.equal((await send(user, headers)).kind, 'front-proxy-client');
  assert.equal((await send(nobody, headers)).kind, 'system:anonymous');
  // The authority of proxies knows no users: without headers there is nobody.
  assert.equal((await send(proxy, {})).status, 401);
  for (const agent of [proxy, stranger, user, nobody]) agent.destroy();
});

test('HTTP server knows nobody by a certificate that is not for clients', async () => {
  const agent = openAgent(await issue('system:admin', 'server'));
  assert.equal((await ask(agent)).status, 401);
  agent.destroy();
});

test('HTTP server takes a good token from who shows a certificate that is not', async () => {
  const foreign = await CertificateAuthority.create('other', clock.now());
  const request = { commonName: 'system:admin', usage: 'client', lifetimeMs: hourMs } as const;
  const agent = openAgent(await foreign.issue(request, clock.now()));
  assert.equal((await ask(agent, 'good')).kind, 'by-token');
  agent.destroy();
});

test('HTTP server shows a renewed certificate to new connections, while open ones go on', async () => {
  const [old, fresh] = [openAgent(), openAgent()];
  assert.equal((await ask(old)).server, 'first');
  server.renew(await identity('second'));
  assert.equal((await ask(old)).server, 'first');
  assert.equal((await ask(fresh)).server, 'second');
  for (const agent of [old, fresh]) agent.destroy();
});

test('HTTP server stops believing a client certificate once it has ended', async () => {
  const agent = openAgent(await issue('jane', 'client'));
  assert.equal((await ask(agent)).kind, 'jane');
  await clock.advance(hourMs + 1000);
  assert.equal((await ask(agent)).status, 401);
  agent.destroy();
});

test('HTTP server answers 504 when a request takes longer than it may', async () => {
  const agent = openAgent();
  const asking = ask(agent, undefined, '/api/v1/nodes/slow?timeout=2s');
  while (clock.pendingTimers < 2) await new Promise((resolve) => setImmediate(resolve));
  await clock.advance(2000);
  assert.equal((await asking).status, 504);
  // The late answer is dropped, and the connection serves on.
  await clock.advance(18_000);
  assert.equal((await ask(agent)).status, 200);
  agent.destroy();
});

test('HTTP server notes why an answer broke off that had begun', async () => {
  const agent = openAgent();
  const { port } = server;
  const path = '/api/v1/nodes?watch=1';
  const asking = httpsRequest({ host: '127.0.0.1', port, path, agent }).end();
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  answer.resume();
  await once(answer, 'end');
  await eventually(() => {
    assert.match(logged.join('\n'), /an answer broke off.*"\/api\/v1\/nodes"/);
  });
  agent.destroy();
});

test('HTTP server answers with a Status what is too large to read', async () => {
  const agent = openAgent();
  const { status, kind } = await ask(agent, undefined, `/api/v1/nodes/x?a=${'x'.repeat(70_000)}`);
  assert.deepEqual({ status, kind }, { status: 431, kind: 'Status' });
  agent.destroy();
});

test('HTTP server tells clients their priority, takes seats back, and refuses who is over', async () => {
  const agent = openAgent();
  const request = async (method: string): Promise<IncomingMessage> => {
    const { port } = server;
    const path = '/api/v1/nodes/x';
    const asking = httpsRequest({ host: '127.0.0.1', port, path, method, agent }).end();
    const [answer] = (await once(asking, 'response')) as [IncomingMessage];
    answer.resume();
    await once(answer, 'end');
    return answer;
  };
  const served = await request('GET');
  assert.equal(served.headers['x-kubernetes-pf-flowschema-uid'], 'schema');
  assert.equal(served.headers['x-kubernetes-pf-prioritylevel-uid'], 'level');
  assert.equal(seats.size, 0);
  const refused = await request('DELETE');
  assert.deepEqual([refused.statusCode, refused.headers['retry-after']], [429, '7']);
  agent.destroy();
});

/** A request in flight on a server that is told to end meanwhile. */
async function endWhileServing() {
  const ending = await startServer(shown);
  const agent = openAgent();
  const asking = send(agent, {}, '/api/v1/nodes/held', ending);
  // Whoever waits for it may not have begun to.
  asking.catch(() => undefined);
  await eventually(
    () => {
      assert.equal(seats.size, 1);
    },
    { what: 'the request is being served', intervalMs: 1 },
  );
  const closing = ending.close().then(() => {
    agent.destroy();
  });
  return { ending, asking, closing };
}

test('HTTP server that is to end answers what it was asked and takes nothing new', async () => {
  const { ending, asking, closing } = await endWhileServing();
  const late = openAgent();
  await assert.rejects(send(late, {}, '/api/v1/nodes/x', ending), /ECONNREFUSED/);
  release?.();
  assert.equal((await asking).status, 200);
  await closing;
  late.destroy();
});

test('HTTP server that is to end waits for an answer only so long', async () => {
  const { asking, closing } = await endWhileServing();
  await clock.advance(shutdownAnswerMs);
  await assert.rejects(asking, /socket hang up|ECONNRESET/);
  await closing;
});
