/** Gets a certificate through a CertificateSigningRequest: asks, waits for the decision, and gives the signed pair. */
import { certificateSigningRequests } from '../../api/certificates/v1/certificate-signing-request.js';
import type { CertificateSigningRequest } from '../../api/certificates/v1/types.js';
import {
  createSigningRequest,
  type KeyPair,
  type SubjectRequest,
} from '../../machinery/certificates/certificates.js';
import type { Client } from '../../machinery/client/client.js';
import type { Clock } from '../../machinery/clock/clock.js';
import type { Logger } from '../../machinery/log/log.js';
import { decisionHintMs, decisionTimeoutMs, watchRetryMs } from './limits.js';

/** The request was denied, has failed, or nobody decided in time; the message says which. */
export class CertificateRefusedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CertificateRefusedError';
  }
}

export interface CertificateOrder extends SubjectRequest {
  readonly signerName: string;
  readonly usages: readonly ('digital signature' | 'client auth' | 'server auth')[];
}

interface Requesting {
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The certificate as PEM; undefined while it is being waited for. Throws CertificateRefusedError. */
function certificateIn({ metadata, status }: CertificateSigningRequest): string | undefined {
  const { conditions = [], certificate = '' } = status;
  if (certificate !== '') return Buffer.from(certificate, 'base64').toString('latin1');
  const refusal = conditions.find(({ type }) => type === 'Denied' || type === 'Failed');
  if (refusal === undefined) return undefined;
  const why = refusal.message ?? refusal.reason ?? '';
  throw new CertificateRefusedError(
    `the certificate request ${metadata.name} is ${refusal.type}${why === '' ? '' : `: ${why}`}`,
  );
}

/** Follows the request until it is decided; undefined when the watch ended before. */
async function watched(
  { client }: Requesting,
  request: CertificateSigningRequest,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { name, resourceVersion } = request.metadata;
  const events = client.watch(certificateSigningRequests, {
    fieldSelector: `metadata.name=${name}`,
    resourceVersion,
    signal,
  });
  for await (const event of events) {
    if (event.type === 'DELETED') {
      throw new CertificateRefusedError(`the certificate request ${name} was deleted`);
    }
    if (event.type === 'BOOKMARK') continue;
    const certificatePem = certificateIn(event.object);
    if (certificatePem !== undefined) return certificatePem;
  }
  return undefined;
}

/** Asks for a certificate and waits for it. Throws CertificateRefusedError, or the StatusError of a request that was refused. */
export async function requestCertificate(
  requesting: Requesting,
  order: CertificateOrder,
): Promise<KeyPair> {
  const { client, clock, logger } = requesting;
  const { requestPem, keyPem } = await createSigningRequest(order);
  let request = await client.create<CertificateSigningRequest>(certificateSigningRequests, {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { generateName: 'csr-' },
    spec: {
      request: Buffer.from(requestPem).toString('base64'),
      signerName: order.signerName,
      usages: [...order.usages],
    },
  });
  const { name } = request.metadata;
  const over = new AbortController();
  const cancelHint = clock.after(decisionHintMs, () => {
    logger.info('a certificate request waits for somebody to approve it', { request: name });
  });
  const cancel = clock.after(decisionTimeoutMs, () => {
    over.abort();
  });
  try {
    for (;;) {
      const certificatePem = await watched(requesting, request, over.signal);
      if (certificatePem !== undefined) return { certificatePem, keyPem };
      await clock.sleep(watchRetryMs, over.signal);
      request = await client.get(certificateSigningRequests, { name });
    }
  } catch (error) {
    if (!over.signal.aborted) throw error;
    throw new CertificateRefusedError(
      `nobody approved the certificate request ${name} within ${String(decisionTimeoutMs / 60_000)} minutes; kubectl certificate approve ${name} does`,
    );
  } finally {
    cancel();
    cancelHint();
  }
}
