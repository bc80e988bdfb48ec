/** The certificate the node's own server shows: asked for as the node, good for its name and its address. */
import { X509Certificate } from 'node:crypto';
import path from 'node:path';
import { nodeServingSigner } from '../../api/certificates/signers.js';
import { nodesGroup, nodeUsername } from '../../api/user-names.js';
import type { Client } from '../../machinery/client/client.js';
import type { Clock } from '../../machinery/clock/clock.js';
import type { Random } from '../../machinery/clock/random.js';
import type { Logger } from '../../machinery/log/log.js';
import { CertificateKeeper } from './certificate-keeper.js';
import { requestCertificate } from './certificate-request.js';

export interface ServingCertificateOptions {
  /** The API as this node, which must have registered: nobody vouches for the addresses of a node that is not known. */
  readonly client: Client;
  readonly nodeName: string;
  readonly nodeIp: string;
  readonly caPem: string;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** Keeps that certificate; it has to be ensured before the server starts. */
export const servingCertificate = (options: ServingCertificateOptions): CertificateKeeper => {
  const { client, nodeName, nodeIp, caPem, dataDir, clock, random, logger } = options;
  return new CertificateKeeper({
    folder: path.join(dataDir, 'pki'),
    name: 'serving',
    request: () =>
      requestCertificate(
        { client, clock, logger },
        {
          commonName: nodeUsername(nodeName),
          organizations: [nodesGroup],
          dnsNames: [nodeName],
          ipAddresses: [nodeIp],
          signerName: nodeServingSigner,
          usages: ['digital signature', 'server auth'],
        },
      ),
    fits: (certificate) =>
      certificate.verify(new X509Certificate(caPem).publicKey) &&
      certificate.checkHost(nodeName) !== undefined &&
      certificate.checkIP(nodeIp) !== undefined,
    clock,
    random,
    logger,
  });
};
