/**
 * Calls webhooks: servers, at a URL or behind a Service of the cluster, that are shown a JSON object and answer with another.
 * Connections are kept for the next call to the same server.
 *
 * Called by admission and by the conversion of custom resources. Whatever goes wrong is a `WebhookCallError` whose message
 * reads on from "failed to call webhook: ", in the words of Kubernetes.
 */
import { Agent, request as httpsRequest } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { connect as tlsConnect } from 'node:tls';
import type { SecureContextOptions } from 'node:tls';
import { BoundedMemory } from '../bounded-memory.js';
import { maxWebhookAnswerBytes, maxWebhookErrorChars, maxWebhookServers } from './limits.js';
import type { ServiceConnector } from './service-connector.js';
import type { CredentialsFor, WebhookCredentials } from './webhook-credentials.js';
import { connectionErrorText } from '../connection-error-text.js';

/** Where a webhook is served, as configurations of the API say it. */
export interface WebhookServer {
  readonly url?: string | undefined;
  readonly service?:
    | {
        readonly namespace: string;
        readonly name: string;
        readonly path?: string | undefined;
        readonly port?: number | undefined;
      }
    | undefined;
  /** Base64 of the PEM certificates to believe; the system's own when absent. */
  readonly caBundle?: string | undefined;
}

const serviceUnavailable = 503;

/** The webhook did not answer as it should; the message says how. */
export class WebhookCallError extends Error {
  /** What it answered with; 503 where it did not answer in HTTP. */
  readonly code: number;

  constructor(message: string, options: ErrorOptions & { readonly code?: number } = {}) {
    super(message, options);
    this.name = 'WebhookCallError';
    this.code = options.code ?? serviceUnavailable;
  }
}

interface Endpoint {
  readonly url: URL;
  readonly agent: Agent;
  /** The header that says who calls. */
  readonly authorization: string | undefined;
}

async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxWebhookAnswerBytes) {
      response.destroy();
      throw new WebhookCallError(
        `the answer is longer than ${String(maxWebhookAnswerBytes)} bytes`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** What an answer that is not 200 is told as. */
function refusalText(code: number, body: string): string {
  if (code === 404) return 'the server could not find the requested resource';
  if (code >= 500) {
    const text = body.trim().slice(0, maxWebhookErrorChars);
    return `an error on the server (${JSON.stringify(text)}) has prevented the request from succeeding`;
  }
  return `the server rejected our request for an unknown reason (code ${String(code)})`;
}

export class WebhookClient {
  private readonly connectService: ServiceConnector;
  private readonly credentialsFor: CredentialsFor;
  /** By server and authority. */
  private readonly agents = new BoundedMemory<Agent>(maxWebhookServers, (agent) => {
    agent.destroy();
  });

  constructor(connectService: ServiceConnector, credentialsFor: CredentialsFor = () => undefined) {
    this.connectService = connectService;
    this.credentialsFor = credentialsFor;
  }

  /** Shows the server a JSON text and gives its parsed answer. Throws WebhookCallError. */
  async call(
    server: WebhookServer,
    body: string,
    { timeoutMs }: { readonly timeoutMs: number },
  ): Promise<unknown> {
    const { url, agent, authorization } = this.endpointOf(server);
    url.searchParams.set('timeout', `${String(Math.ceil(timeoutMs / 1000))}s`);
    const signal = AbortSignal.timeout(Math.ceil(timeoutMs));
    try {
      const response = await post({ url, agent, body, signal, authorization });
      const text = await readBody(response);
      if (response.statusCode !== 200) {
        const code = response.statusCode ?? 0;
        throw new WebhookCallError(refusalText(code, text), { code });
      }
      return parseAnswer(text);
    } catch (error) {
      if (error instanceof WebhookCallError) throw error;
      const why = signal.aborted ? 'context deadline exceeded' : connectionErrorText(error);
      throw new WebhookCallError(`Post ${JSON.stringify(url.href)}: ${why}`, { cause: error });
    }
  }

  /** Closes kept connections. */
  close(): void {
    for (const agent of this.agents.values()) agent.destroy();
    this.agents.clear();
  }

  private endpointOf({ url, service, caBundle }: WebhookServer): Endpoint {
    const ca = caBundle === undefined || caBundle === '' ? undefined : caBundle;
    if (service !== undefined) {
      const { namespace, name, path = '', port = 443 } = service;
      const host = `${name}.${namespace}.svc`;
      const caller = this.credentialsFor(port === 443 ? host : `${host}:${String(port)}`);
      const agent = this.agentFor(`${host}:${String(port)} ${ca ?? ''}`, () =>
        this.serviceAgent({ namespace, name, port, host, tls: tlsOf(ca, caller) }),
      );
      const target = new URL(`https://${host}:${String(port)}`);
      target.pathname = path;
      return { url: target, agent, authorization: authorizationOf(caller) };
    }
    if (url === undefined || !URL.canParse(url)) {
      throw new WebhookCallError(`${JSON.stringify(url ?? '')} is no URL`);
    }
    const target = new URL(url);
    const caller = this.credentialsFor(target.host);
    const agent = this.agentFor(
      `${target.host} ${ca ?? ''}`,
      () => new Agent({ keepAlive: true, ...tlsOf(ca, caller) }),
    );
    return { url: target, agent, authorization: authorizationOf(caller) };
  }

  private agentFor(key: string, make: () => Agent): Agent {
    const known = this.agents.get(key);
    if (known !== undefined) return known;
    const agent = make();
    this.agents.set(key, agent);
    return agent;
  }

  private serviceAgent(service: ServiceEndpoint): Agent {
    return new ServiceAgent(service, this.connectService);
  }
}

interface ServiceEndpoint {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
  readonly host: string;
  readonly tls: SecureContextOptions;
}

/** Speaks TLS over connections to whatever endpoint of the Service is ready. */
class ServiceAgent extends Agent {
  private readonly service: ServiceEndpoint;
  private readonly connectService: ServiceConnector;

  constructor(service: ServiceEndpoint, connectService: ServiceConnector) {
    super({ keepAlive: true });
    this.service = service;
    this.connectService = connectService;
  }

  override createConnection(
    _options: unknown,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    const { namespace, name, port, host, tls } = this.service;
    const done = callback as ((error: Error | null, stream?: Duplex) => void) | undefined;
    this.connectService({ namespace, name, port }).then(
      (socket) => {
        done?.(null, tlsConnect({ socket, servername: host, ...tls }));
      },
      (error: unknown) => {
        done?.(error instanceof Error ? error : new Error(String(error)));
      },
    );
    return undefined;
  }
}

/** Whom to believe, and what to show. */
const tlsOf = (
  caBundle: string | undefined,
  { certificatePem, keyPem }: WebhookCredentials = {},
): SecureContextOptions => ({
  ...(caBundle === undefined ? {} : { ca: Buffer.from(caBundle, 'base64').toString('utf8') }),
  ...(certificatePem === undefined ? {} : { cert: certificatePem, key: keyPem }),
});

function authorizationOf({ token, basic }: WebhookCredentials = {}): string | undefined {
  if (token !== undefined) return `Bearer ${token}`;
  if (basic === undefined) return undefined;
  const { username, password } = basic;
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function post(options: {
  readonly url: URL;
  readonly agent: Agent;
  readonly body: string;
  readonly signal: AbortSignal;
  readonly authorization: string | undefined;
}): Promise<IncomingMessage> {
  const { url, agent, body, signal, authorization } = options;
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest(url, {
      method: 'POST',
      agent,
      signal,
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        ...(authorization === undefined ? {} : { authorization }),
      },
    });
    outgoing.on('response', resolve);
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

function parseAnswer(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new WebhookCallError('the answer is not JSON', { cause });
  }
}
