/**
 * One extension API server behind a Service: requests go on to it under the master's front-proxy certificate, which vouches for
 * the user named in the headers. Its own certificate is checked against the APIService's authority, by the Service's name.
 */
import { Agent, request as httpRequest } from 'node:http';
import type { AgentOptions, ClientRequest, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import type { APIServiceSpec } from '../../../api/apiregistration/v1/types.js';
import { serviceUnavailable } from '../../../api/meta/status-error.js';
import { mastersGroup } from '../../../api/user-names.js';
import type {
  ServiceConnector,
  ServiceTarget,
} from '../../../machinery/client/service-connector.js';
import { extensionProbeTimeoutMs, maxExtensionDocumentBytes } from '../limits.js';
import type { Backend, OutgoingHeaders } from '../proxy/reverse-proxy.js';
import type { Requester } from '../../../api/schema/resource.js';
import { connectionErrorText } from '../../../machinery/connection-error-text.js';

/** The certificate that vouches for users, PEM. */
export interface FrontProxyIdentity {
  readonly certificatePem: string;
  readonly keyPem: string;
}

export interface ExtensionServerOptions {
  readonly spec: APIServiceSpec;
  readonly connect: ServiceConnector;
  /** As it is now: it is renewed while the master runs. */
  readonly identity: () => FrontProxyIdentity;
}

/** Characters of a header's name that must be escaped, as Kubernetes does. */
const escapedHeaderName = (key: string): string =>
  encodeURIComponent(key).replace(
    /[()'*]/g,
    (character) => `%${character.charCodeAt(0).toString(16)}`,
  );

/** Who asks, in the headers an extension server believes of its front proxy. */
export function remoteUserHeaders({
  username,
  groups,
  uid,
  extra = {},
}: Requester): OutgoingHeaders {
  const headers: OutgoingHeaders = { 'X-Remote-User': username, 'X-Remote-Group': [...groups] };
  if (uid !== undefined && uid !== '') headers['X-Remote-Uid'] = uid;
  for (const [key, values] of Object.entries(extra)) {
    headers[`X-Remote-Extra-${escapedHeaderName(key)}`] = [...values];
  }
  return headers;
}

/** Rejects where there is more of it than a document may have. */
async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxExtensionDocumentBytes) {
      throw new Error(`the answer is longer than ${String(maxExtensionDocumentBytes)} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

type Connected = (error: Error | null, socket: Duplex) => void;

/** Keeps connections that were opened through the cluster. */
class PooledConnections extends Agent {
  private readonly open: () => Promise<Duplex>;

  constructor(open: () => Promise<Duplex>, options: AgentOptions) {
    super(options);
    this.open = open;
  }

  /** The callback has the connection once it is there. */
  override createConnection(_options: unknown, callback?: Connected): undefined {
    this.open().then(
      (socket) => callback?.(null, socket),
      (error: unknown) => {
        // With an error there is no connection to give.
        const none = undefined as unknown as Duplex;
        callback?.(error instanceof Error ? error : new Error(String(error)), none);
      },
    );
  }
}

export class ExtensionServer {
  readonly target: ServiceTarget;
  private readonly options: ExtensionServerOptions;
  private readonly pool = new PooledConnections(() => this.connect(), { keepAlive: true });

  constructor(options: ExtensionServerOptions) {
    const { namespace = '', name = '', port = 443 } = options.spec.service ?? {};
    this.target = { namespace, name, port };
    this.options = options;
  }

  /** Ends connections that wait for further requests. */
  close(): void {
    this.pool.destroy();
  }

  private async connect(): Promise<Duplex> {
    const { spec, connect, identity } = this.options;
    const { certificatePem, keyPem } = identity();
    const socket = await connect(this.target);
    const { caBundle } = spec;
    return new Promise((resolve, reject) => {
      const tls = connectTls({
        socket,
        servername: `${this.target.name}.${this.target.namespace}.svc`,
        cert: certificatePem,
        key: keyPem,
        rejectUnauthorized: spec.insecureSkipTLSVerify !== true,
        ...(caBundle === undefined ? {} : { ca: Buffer.from(caBundle, 'base64') }),
      });
      tls.once('secureConnect', () => {
        resolve(tls);
      });
      tls.once('error', reject);
    });
  }

  private open(path: string, method: string, headers: OutgoingHeaders): ClientRequest {
    const { name, namespace } = this.target;
    const host = `${name}.${namespace}.svc`;
    return httpRequest({ agent: this.pool, method, path, headers: { ...headers, host } });
  }

  /** The server as it answers a path for a user; `path` has its query. */
  backend(path: string, user: Requester): Backend {
    return {
      open: (method, headers) => this.open(path, method, headers),
      unreachable: (error) => {
        const why = connectionErrorText(error);
        return serviceUnavailable(`error trying to reach service: ${why}`, error);
      },
      headers: remoteUserHeaders(user),
    };
  }

  /** Asks as the master itself. Rejects where there is no answer in time, or one that is no success. */
  async get(path: string, accept: string): Promise<string> {
    const system = { username: 'system:kube-aggregator', groups: [mastersGroup] };
    const headers = { ...remoteUserHeaders(system), accept };
    const outgoing = this.open(path, 'GET', headers);
    const timeout = AbortSignal.timeout(extensionProbeTimeoutMs);
    const tooSlow = (): void => {
      outgoing.destroy(new Error('it did not answer in time'));
    };
    timeout.addEventListener('abort', tooSlow);
    try {
      return await new Promise<string>((resolve, reject) => {
        outgoing.once('error', reject);
        outgoing.once('response', (answer) => {
          const code = answer.statusCode ?? 0;
          textOf(answer).then((body) => {
            if (code >= 200 && code < 300) resolve(body);
            else reject(new Error(`bad status from ${path}: ${String(code)}`));
          }, reject);
        });
        outgoing.end();
      });
    } finally {
      timeout.removeEventListener('abort', tooSlow);
    }
  }
}
