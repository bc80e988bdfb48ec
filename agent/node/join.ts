/**
 * Joining a cluster: the agent makes a key, asks with a bootstrap token for a certificate through the API, and from then on
 * renews it as the node it is. The master is known by the hash of its authority's public key, so that a token is never sent to
 * anybody else.
 *
 * Called by `main.ts` before anything else talks to the API. The private key never leaves the machine.
 */
import { X509Certificate } from 'node:crypto';
import path from 'node:path';
import { connect } from 'node:tls';
import type { DetailedPeerCertificate } from 'node:tls';
import { nodeClientSigner } from '../../api/certificates/signers.js';
import { nodesGroup, nodeUsername } from '../../api/user-names.js';
import { type KeyPair, publicKeyHash } from '../../machinery/certificates/certificates.js';
import { createClient } from '../../machinery/client/api-client.js';
import type { Client } from '../../machinery/client/client.js';
import {
  createHttpsTransport,
  type HttpsTransport,
  type ServerConnection,
} from '../../machinery/client/https-transport.js';
import type { Clock } from '../../machinery/clock/clock.js';
import type { Random } from '../../machinery/clock/random.js';
import { readIfThere, writeSecret } from '../../machinery/files/secret-files.js';
import type { Logger } from '../../machinery/log/log.js';
import { CertificateKeeper } from './certificate-keeper.js';
import { type CertificateOrder, requestCertificate } from './certificate-request.js';
import { handshakeTimeoutMs } from './limits.js';

export interface JoinOptions {
  readonly serverUrl: string;
  readonly dataDir: string;
  readonly nodeName: string;
  readonly token: string | undefined;
  readonly caHash: string | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** The agent cannot become a member; the message says what to do. */
export class JoinError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'JoinError';
  }
}

const needsToken =
  'this machine has no certificate that is still good: run the command that `pintle token create` prints on the master';

const authorityFile = (dataDir: string): string => path.join(dataDir, 'pki/ca.crt');

const nodeClientOrder = (nodeName: string): CertificateOrder => ({
  commonName: nodeUsername(nodeName),
  organizations: [nodesGroup],
  signerName: nodeClientSigner,
  usages: ['digital signature', 'client auth'],
});

const toPem = (der: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${(der.toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n-----END CERTIFICATE-----\n`;

/** The self-signed certificate at the end of a chain; undefined where the server does not show it. */
function rootOf(certificate: DetailedPeerCertificate): DetailedPeerCertificate | undefined {
  let shown: Partial<DetailedPeerCertificate> = certificate;
  while (shown.raw !== undefined && shown.issuerCertificate !== undefined) {
    if (shown.issuerCertificate.raw.equals(shown.raw)) return shown.issuerCertificate;
    shown = shown.issuerCertificate;
  }
  return undefined;
}

/** The last certificate of the chain the server shows: its authority. Nothing is sent, and nothing is believed yet. */
function authorityShownBy(serverUrl: string): Promise<string> {
  const { hostname, port } = new URL(serverUrl);
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: hostname,
      port: Number(port === '' ? 443 : port),
      rejectUnauthorized: false,
      timeout: handshakeTimeoutMs,
    });
    const fail = (why: string, cause?: Error): void => {
      socket.destroy();
      reject(new JoinError(`cannot reach ${serverUrl}: ${why}`, { cause }));
    };
    socket.once('timeout', () => {
      fail(`no answer within ${String(handshakeTimeoutMs)} ms`);
    });
    socket.once('error', (error: Error) => {
      fail(error.message, error);
    });
    socket.once('secureConnect', () => {
      const shown = rootOf(socket.getPeerCertificate(true));
      if (shown === undefined) {
        fail('it does not show the authority that signed its certificate, as a master does');
        return;
      }
      socket.destroy();
      resolve(toPem(shown.raw));
    });
  });
}

async function trustedAuthority(serverUrl: string, caHash: string): Promise<string> {
  const shown = await authorityShownBy(serverUrl);
  const hash = publicKeyHash(shown);
  if (hash === caHash) return shown;
  throw new JoinError(
    `${serverUrl} shows an authority with the hash ${hash}, not ${caHash}: either --ca-hash is from another cluster, or something else answers at that address`,
  );
}

/** The authority an earlier start trusted, unless it is that of another cluster. */
async function savedAuthority({ dataDir, caHash }: JoinOptions): Promise<string | undefined> {
  const caPem = await readIfThere(authorityFile(dataDir));
  if (caPem === undefined || (caHash !== undefined && publicKeyHash(caPem) !== caHash)) {
    return undefined;
  }
  return caPem;
}

/** Asks for the node's client certificate with the bootstrap token. */
async function requestWithToken(options: JoinOptions, caPem: string): Promise<KeyPair> {
  const { serverUrl, token, clock, logger } = options;
  const transport = createHttpsTransport({ serverUrl, caPem, token });
  try {
    const client = createClient(transport);
    return await requestCertificate({ client, clock, logger }, nodeClientOrder(options.nodeName));
  } finally {
    transport.close();
  }
}

export interface JoinedNode {
  readonly connection: ServerConnection;
  /** Renews the client certificate from now on; `transport` makes its requests with it. */
  readonly keepRenewed: (transport: HttpsTransport, signal: AbortSignal) => Promise<void>;
}

/**
 * The credentials an earlier start left, or new ones. Throws JoinError, CertificateRefusedError, or StatusError when the
 * master refuses.
 */
export async function joinCluster(options: JoinOptions): Promise<JoinedNode> {
  const { serverUrl, dataDir, nodeName, token, caHash, clock, random, logger } = options;
  let caPem = await savedAuthority(options);
  // Once the node is a member it asks as itself.
  let client: Client | undefined;
  const keeper = new CertificateKeeper({
    folder: path.join(dataDir, 'pki'),
    name: 'agent',
    request: () =>
      client === undefined
        ? requestWithToken(options, caPem ?? '')
        : requestCertificate({ client, clock, logger }, nodeClientOrder(nodeName)),
    fits: (certificate) =>
      caPem !== undefined &&
      certificate.verify(new X509Certificate(caPem).publicKey) &&
      certificate.subject.split('\n').includes(`CN=${nodeUsername(nodeName)}`),
    clock,
    random,
    logger,
  });
  if ((await keeper.saved()) === undefined) {
    if (token === undefined || caHash === undefined) throw new JoinError(needsToken);
    caPem = await trustedAuthority(serverUrl, caHash);
    await writeSecret(authorityFile(dataDir), caPem);
  }
  const connectionWith = (pair: KeyPair): ServerConnection => ({
    serverUrl,
    caPem: caPem ?? '',
    ...pair,
  });
  return {
    connection: connectionWith(await keeper.ensure()),
    keepRenewed: (transport, signal) => {
      client = createClient(transport);
      return keeper.run(signal, (pair) => {
        transport.renew(connectionWith(pair));
      });
    },
  };
}
