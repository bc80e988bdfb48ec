/** Who may use the node's server: clients with a certificate of the cluster's authority that names a master or an admin. */
import type { TLSSocket } from 'node:tls';
import { mastersGroup } from '../../api/user-names.js';

export type Identity = 'allowed' | 'unknown' | 'forbidden';

function organizationsOf(socket: TLSSocket): readonly string[] {
  const certificate = socket.getPeerCertificate() as { subject?: { O?: string | string[] } };
  const groups = certificate.subject?.O ?? [];
  return typeof groups === 'string' ? [groups] : groups;
}

/** What the other end of a connection may do; the certificate was checked against the authority when it connected. */
export function identityOf(socket: TLSSocket): Identity {
  if (!socket.authorized) return 'unknown';
  // The group of the master's own client certificate, and of administrators.
  return organizationsOf(socket).includes(mastersGroup) ? 'allowed' : 'forbidden';
}

/** Whether a connection comes from this very machine. */
export const isLoopback = ({ remoteAddress = '' }: TLSSocket): boolean =>
  remoteAddress === '::1' || /^(?:::ffff:)?127\./.test(remoteAddress);
