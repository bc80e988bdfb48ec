/**
 * The way from the API to the agent of a node: logs, commands, ports, and bare connections to its pods. The agent sees the
 * master's client certificate; the user was authorised before.
 */
import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import type { PeerCertificate } from 'node:tls';
import type { Status } from '../../api/meta/v1/types.js';
import { serviceUnavailable } from '../../api/meta/status-error.js';
import { nodeUsername } from '../../api/user-names.js';
import type { AgentConnection } from './api-request.js';
import { agentConnectTimeoutMs, maxAgentRefusalChars } from './limits.js';
import type { Backend, OutgoingHeaders } from './proxy/reverse-proxy.js';
import { connectionErrorText } from '../../machinery/connection-error-text.js';

export interface AgentProxyOptions {
  readonly caPem: string;
  readonly certificatePem: string;
  readonly keyPem: string;
}

function checkNode({ subject }: PeerCertificate, nodeName: string): Error | undefined {
  const expected = nodeUsername(nodeName);
  return (subject as { CN?: unknown }).CN === expected
    ? undefined
    : new Error(`the agent's certificate is not of ${expected}`);
}

const agentFor = ({ caPem, certificatePem, keyPem }: AgentProxyOptions): Agent =>
  new Agent({ ca: caPem, cert: certificatePem, key: keyPem, keepAlive: false });

const unreachable = (connection: AgentConnection, error: unknown): Error => {
  const why = connectionErrorText(error);
  return serviceUnavailable(
    `the agent of the node at ${connection.host}:${String(connection.port)} cannot be reached: ${why}`,
    error,
  );
};

export class AgentProxy {
  private agent: Agent;

  constructor(options: AgentProxyOptions) {
    this.agent = agentFor(options);
  }

  /** Shows a renewed certificate from the next connection on. */
  renew(options: AgentProxyOptions): void {
    this.agent = agentFor(options);
  }

  private open(
    connection: AgentConnection,
    method: string,
    headers: OutgoingHeaders,
  ): ClientRequest {
    const outgoing = httpsRequest({
      agent: this.agent,
      host: connection.host,
      port: connection.port,
      path: connection.path,
      method,
      headers,
      timeout: agentConnectTimeoutMs,
      // Nodes are reached by address; what counts is that the certificate is of this very node.
      checkServerIdentity: (_host, certificate) => checkNode(certificate, connection.nodeName),
    });
    outgoing.on('timeout', () => {
      if (outgoing.socket?.connecting !== false) outgoing.destroy(new Error('connect timeout'));
    });
    return outgoing;
  }

  /** The agent's server, for a request to go on to; a 503 when it cannot be reached. */
  backend(connection: AgentConnection): Backend {
    return {
      open: (method, headers) => this.open(connection, method, headers),
      unreachable: (error) => unreachable(connection, error),
    };
  }

  /** A bare connection that the agent joins to one of a pod's ports; the agent's refusal is a 503. */
  tunnel(connection: AgentConnection): Promise<Duplex> {
    const outgoing = this.open(connection, 'GET', { Connection: 'Upgrade', Upgrade: 'tcp' });
    return new Promise((resolve, reject) => {
      outgoing.once('upgrade', (_answer: IncomingMessage, socket: Duplex, head: Buffer) => {
        if (head.length > 0) socket.unshift(head);
        resolve(socket);
      });
      outgoing.once('response', (answer: IncomingMessage) => {
        refusalOf(answer).then(reject, reject);
      });
      outgoing.once('error', (error) => {
        reject(unreachable(connection, error));
      });
      outgoing.end();
    });
  }
}

/** What the agent says of a connection that it could not make. */
async function refusalOf(answer: IncomingMessage): Promise<Error> {
  let text = '';
  for await (const chunk of answer.setEncoding('utf8') as AsyncIterable<string>) {
    text += chunk;
    if (text.length > maxAgentRefusalChars) break;
  }
  const { message, details } = JSON.parse(text) as Status;
  return new Error(details?.causes?.[0]?.message ?? message ?? '');
}
