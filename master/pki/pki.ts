/**
 * Everything the master identifies itself and others with, kept below DATA_DIR/pki: the cluster's authority, the server's
 * certificate, client certificates of the administrator and of the master towards agents, and the key service-account tokens
 * are signed with. Made on first start; a certificate close to its end, or that no longer names the machine, is made anew.
 *
 * Called by `main.ts` and `pintle up`. Private keys are readable by their owner only.
 */
import { X509Certificate } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../../machinery/clock/clock.js';
import {
  type KeyPair,
  exportKey,
  expiryMs,
  generateKeys,
  publicKeyHash,
} from '../../machinery/certificates/certificates.js';
import { kubeconfigText } from '../../machinery/certificates/kubeconfig-text.js';
import { CertificateAuthority, type LeafRequest, lifetimesMs } from './authority.js';

export interface PkiOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  /** Names and addresses clients reach the server by. */
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  /** The server's URL in the administrator's kubeconfig. */
  readonly serverUrl: string;
}

/** What a node needs to be a member of the cluster. */
export interface NodeCredentials {
  readonly certificatePem: string;
  readonly caPem: string;
}

export interface Pki {
  readonly caPem: string;
  /** `sha256:…` of the authority's public key, for joining agents. */
  readonly caHash: string;
  /** The API server's certificate. */
  readonly server: KeyPair;
  /** The master's client certificate towards agents. */
  readonly agentClient: KeyPair;
  /** PEM of the private key that signs service-account tokens. */
  readonly serviceAccountKeyPem: string;
  /** Where the administrator's kubeconfig was written. */
  readonly adminKubeconfig: string;
  /** Signs the key in an agent's certificate request for `system:node:<name>`, as client and as server. */
  readonly signNode: (request: {
    readonly requestPem: string;
    readonly nodeName: string;
    readonly ipAddresses: readonly string[];
  }) => Promise<NodeCredentials>;
}

/** Certificates are renewed at start when less than this part of their life is left. */
const renewalFraction = 0.5;

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Writes by renaming, so that a crash leaves the old file or the new one. */
async function writeSecret(file: string, text: string): Promise<void> {
  const draft = `${file}.new`;
  await writeFile(draft, text, { mode: 0o600 });
  await rename(draft, file);
}

async function loadAuthority(folder: string, clock: Clock): Promise<CertificateAuthority> {
  const files = { certificate: path.join(folder, 'ca.crt'), key: path.join(folder, 'ca.key') };
  const [certificatePem, keyPem] = await Promise.all([
    readIfThere(files.certificate),
    readIfThere(files.key),
  ]);
  if (certificatePem !== undefined && keyPem !== undefined) {
    return CertificateAuthority.load({ certificatePem, keyPem });
  }
  if (certificatePem !== undefined) {
    throw new Error(
      `${files.certificate} is there, but ${files.key} is not: restore it from a backup`,
    );
  }
  const authority = await CertificateAuthority.create('pintle-ca', clock.now());
  // The key first: a certificate without its key would stop the next start.
  await writeSecret(files.key, authority.keyPem);
  await writeSecret(files.certificate, authority.certificatePem);
  return authority;
}

function isCurrent(pair: KeyPair, request: LeafRequest, caPem: string, nowMs: number): boolean {
  const certificate = new X509Certificate(pair.certificatePem);
  return (
    expiryMs(pair.certificatePem) - nowMs > lifetimesMs.leaf * renewalFraction &&
    certificate.verify(new X509Certificate(caPem).publicKey) &&
    (request.dnsNames ?? []).every((name) => certificate.checkHost(name) !== undefined) &&
    (request.ipAddresses ?? []).every((address) => certificate.checkIP(address) !== undefined)
  );
}

async function loadLeaf(
  authority: CertificateAuthority,
  file: string,
  request: LeafRequest,
  clock: Clock,
): Promise<KeyPair> {
  const [certificatePem, keyPem] = await Promise.all([
    readIfThere(`${file}.crt`),
    readIfThere(`${file}.key`),
  ]);
  if (certificatePem !== undefined && keyPem !== undefined) {
    const pair = { certificatePem, keyPem };
    if (isCurrent(pair, request, authority.certificatePem, clock.now())) return pair;
  }
  const pair = await authority.issue(request, clock.now());
  await writeSecret(`${file}.key`, pair.keyPem);
  await writeSecret(`${file}.crt`, pair.certificatePem);
  return pair;
}

async function loadServiceAccountKey(file: string): Promise<string> {
  const existing = await readIfThere(file);
  if (existing !== undefined) return existing;
  const keyPem = await exportKey((await generateKeys()).privateKey);
  await writeSecret(file, keyPem);
  return keyPem;
}

/** Reads what is there and makes what is missing or due. */
export async function openPki(options: PkiOptions): Promise<Pki> {
  const { dataDir, clock } = options;
  const folder = path.join(dataDir, 'pki');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const authority = await loadAuthority(folder, clock);
  const leaf = (name: string, request: LeafRequest): Promise<KeyPair> =>
    loadLeaf(authority, path.join(folder, name), request, clock);
  const server = await leaf('server', {
    commonName: 'kube-apiserver',
    usage: 'server',
    dnsNames: options.dnsNames,
    ipAddresses: options.ipAddresses,
  });
  const admin = await leaf('admin', {
    commonName: 'kubernetes-admin',
    organizations: ['system:masters'],
    usage: 'client',
  });
  const agentClient = await leaf('agent-client', {
    commonName: 'kube-apiserver-kubelet-client',
    organizations: ['system:masters'],
    usage: 'client',
  });
  const adminKubeconfig = path.join(dataDir, 'admin.conf');
  const caPem = authority.certificatePem;
  await writeSecret(
    adminKubeconfig,
    kubeconfigText({ serverUrl: options.serverUrl, caPem, userName: 'kubernetes-admin', ...admin }),
  );
  return {
    caPem,
    caHash: publicKeyHash(caPem),
    server,
    agentClient,
    serviceAccountKeyPem: await loadServiceAccountKey(path.join(folder, 'service-account.key')),
    adminKubeconfig,
    signNode: async ({ requestPem, nodeName, ipAddresses }) => ({
      caPem,
      certificatePem: await authority.signRequest(
        requestPem,
        {
          commonName: `system:node:${nodeName}`,
          organizations: ['system:nodes'],
          usage: 'both',
          dnsNames: [nodeName],
          ipAddresses,
        },
        clock.now(),
      ),
    }),
  };
}
