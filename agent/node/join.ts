/**
 * Joining a cluster: the agent makes a key, asks the master to sign it with a bootstrap token, and keeps the certificate. The
 * master is known by the hash of its authority's public key, so that a token is never sent to anybody else.
 *
 * Called by `main.ts` before anything else talks to the API. The private key never leaves the machine.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { connect } from 'node:tls';
import {
  createSigningRequest,
  expiryMs,
  publicKeyHash,
} from '../../machinery/certificates/certificates.js';
import {
  type ServerConnection,
  createHttpsTransport,
} from '../../machinery/client/https-transport.js';
import type { Clock } from '../../machinery/clock/clock.js';
import { invariant } from '../../machinery/invariant.js';

export interface JoinOptions {
  readonly serverUrl: string;
  readonly dataDir: string;
  readonly nodeName: string;
  readonly nodeIp: string;
  readonly token: string | undefined;
  readonly caHash: string | undefined;
  readonly clock: Clock;
}

/** What the agent identifies itself with, as client of the API and as server of its own. */
export interface AgentCredentials extends ServerConnection {
  readonly certificatePem: string;
  readonly keyPem: string;
}

/** The agent cannot become a member; the message says what to do. */
export class JoinError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'JoinError';
  }
}

const handshakeTimeoutMs = 10_000;

const toPem = (der: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${(der.toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n-----END CERTIFICATE-----\n`;

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
      let shown = socket.getPeerCertificate(true);
      while (!shown.issuerCertificate.raw.equals(shown.raw)) shown = shown.issuerCertificate;
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

const filesIn = (dataDir: string) => ({
  certificate: path.join(dataDir, 'pki/agent.crt'),
  key: path.join(dataDir, 'pki/agent.key'),
  authority: path.join(dataDir, 'pki/ca.crt'),
});

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function writeSecret(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

async function savedCredentials(options: JoinOptions): Promise<AgentCredentials | undefined> {
  const files = filesIn(options.dataDir);
  const [certificatePem, keyPem, caPem] = await Promise.all(
    [files.certificate, files.key, files.authority].map(readIfThere),
  );
  if (certificatePem === undefined || keyPem === undefined || caPem === undefined) return undefined;
  const isOfThisCluster = options.caHash === undefined || publicKeyHash(caPem) === options.caHash;
  const isCurrent = expiryMs(certificatePem) > options.clock.now();
  return isOfThisCluster && isCurrent
    ? { serverUrl: options.serverUrl, caPem, certificatePem, keyPem }
    : undefined;
}

interface NodeCertificate {
  readonly status?: { readonly certificate?: string };
}

async function requestCertificate(options: JoinOptions): Promise<AgentCredentials> {
  const { serverUrl, token, caHash, nodeName, nodeIp } = options;
  if (token === undefined || caHash === undefined) {
    throw new JoinError(
      'this machine has no certificate yet: run the command that `pintle token create` prints on the master',
    );
  }
  const caPem = await trustedAuthority(serverUrl, caHash);
  const { requestPem, keyPem } = await createSigningRequest(`system:node:${nodeName}`, [
    'system:nodes',
  ]);
  const transport = createHttpsTransport({ serverUrl, caPem, token });
  try {
    const answer = (await transport.request({
      method: 'POST',
      path: '/apis/pintle.io/v1/nodecertificates',
      body: {
        apiVersion: 'pintle.io/v1',
        kind: 'NodeCertificate',
        metadata: { name: nodeName },
        spec: { request: requestPem, addresses: [nodeIp] },
      },
    })) as NodeCertificate;
    const certificatePem = answer.status?.certificate;
    invariant(certificatePem, 'the master answers a certificate request with a certificate');
    return { serverUrl, caPem, certificatePem, keyPem };
  } finally {
    transport.close();
  }
}

/** The credentials an earlier start left, or new ones. Throws JoinError, or StatusError when the master refuses. */
export async function joinCluster(options: JoinOptions): Promise<AgentCredentials> {
  const saved = await savedCredentials(options);
  if (saved !== undefined) return saved;
  const joined = await requestCertificate(options);
  const files = filesIn(options.dataDir);
  await mkdir(path.dirname(files.key), { recursive: true, mode: 0o700 });
  await writeSecret(files.authority, joined.caPem);
  await writeSecret(files.key, joined.keyPem);
  await writeSecret(files.certificate, joined.certificatePem);
  return joined;
}
