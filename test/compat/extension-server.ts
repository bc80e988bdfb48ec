/**
 * An HTTPS server beside the lab's nodes, reached through a Service without a selector: what a webhook or an extension API
 * server is to the master.
 */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { type Server, createServer } from 'node:https';
import { TLSSocket } from 'node:tls';
import { systemClock } from '../../machinery/clock/clock.js';
import { invariant } from '../../machinery/invariant.js';
import { CertificateAuthority } from '../../master/pki/authority.js';
import { switchAddress } from '../lab/namespaces.js';

export interface ExtensionRequest {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  /** The common name of the client's certificate, if it showed one that `clientAuthority` signed. */
  readonly clientName: string | undefined;
  /** The decoded JSON body; undefined when there is none. */
  readonly body: unknown;
}

/** What is answered with status 200, or a promise of it; undefined is not found. */
export type Answer = (request: ExtensionRequest) => unknown;

export interface ExtensionServer {
  /** The authority's certificate in base64, as `caBundle` fields want it. */
  readonly caBundle: string;
  /** YAML of the Service, with this name, that leads here. */
  readonly service: (name: string, namespace: string) => string;
  readonly close: () => Promise<void>;
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  let text = '';
  request.setEncoding('utf8');
  for await (const chunk of request) text += String(chunk);
  return text === '' ? undefined : (JSON.parse(text) as unknown);
}

function serviceTo(port: number): ExtensionServer['service'] {
  return (name, namespace) => `
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: ${namespace} }
spec: { ports: [{ port: 443, targetPort: ${port} }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: ${name}-1, namespace: ${namespace}, labels: { kubernetes.io/service-name: ${name} } }
addressType: IPv4
endpoints: [{ addresses: [${switchAddress}] }]
ports: [{ port: ${port}, name: '' }]
`;
}

/** Serves for these DNS names; clients are asked for a certificate when there is an authority to check it with. */
export async function startExtensionServer(
  options: { readonly dnsNames: readonly string[]; readonly clientAuthority?: string },
  answer: Answer,
): Promise<ExtensionServer> {
  const now = systemClock.now();
  const authority = await CertificateAuthority.create('extension-ca', now);
  const leaf = await authority.issue(
    {
      commonName: 'extension',
      usage: 'server',
      dnsNames: options.dnsNames,
      ipAddresses: [switchAddress],
      lifetimeMs: 3_600_000,
    },
    now,
  );
  const server: Server = createServer(
    {
      key: leaf.keyPem,
      cert: leaf.certificatePem,
      requestCert: options.clientAuthority !== undefined,
      rejectUnauthorized: false,
      ...(options.clientAuthority === undefined ? {} : { ca: options.clientAuthority }),
    },
    (request, response) => {
      void (async () => {
        const { socket } = request;
        invariant(socket instanceof TLSSocket, 'an HTTPS server’s connections are TLS');
        const said = await answer({
          path: request.url ?? '',
          headers: request.headers,
          clientName: socket.authorized
            ? String(socket.getPeerCertificate().subject.CN)
            : undefined,
          body: await readBody(request),
        });
        response.writeHead(said === undefined ? 404 : 200, { 'content-type': 'application/json' });
        response.end(JSON.stringify(said ?? {}));
      })();
    },
  );
  server.listen(0, switchAddress);
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    caBundle: Buffer.from(authority.certificatePem).toString('base64'),
    service: serviceTo(port),
    close: async () => {
      if (!server.listening) return;
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
