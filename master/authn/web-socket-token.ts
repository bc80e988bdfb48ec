/**
 * Bearer tokens among the subprotocols of a WebSocket: a browser can give a WebSocket no header of its own, so it offers
 * `base64url.bearer.authorization.k8s.io.<token>` beside the protocol it means to speak.
 *
 * Called by the authenticator, and by whatever agrees to a protocol or hands the offer on: nobody else may see the token.
 */
import { isUtf8 } from 'node:buffer';

const tokenPrefix = 'base64url.bearer.authorization.k8s.io.';

interface Offer {
  /** The protocols themselves, as they are offered. */
  readonly protocols: readonly string[];
  /** Tokens, as they are written. */
  readonly tokens: readonly string[];
}

function offerIn(header: string): Offer {
  const parts = header.split(',').map((part) => part.trim());
  return {
    protocols: parts.filter((part) => !part.startsWith(tokenPrefix)),
    tokens: parts
      .filter((part) => part.startsWith(tokenPrefix))
      .map((part) => part.slice(tokenPrefix.length)),
  };
}

/** The protocols offered in the value of a Sec-WebSocket-Protocol header, without tokens. */
export const protocolsIn = (header: string): readonly string[] => offerIn(header).protocols;

/** The value of the header as others may see it; undefined where it holds nothing but tokens. */
export function withoutTokens(header: string): string | undefined {
  const { protocols, tokens } = offerIn(header);
  if (tokens.length === 0) return header;
  return protocols.length === 0 ? undefined : protocols.join(', ');
}

function decoded(token: string): string | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(token) || token.length % 4 === 1) return undefined;
  const bytes = Buffer.from(token, 'base64url');
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
}

/** What the header says of its sender: a token, that it holds one that cannot be taken, or nothing. */
export function webSocketTokenIn(header: string): { readonly token?: string } | undefined {
  const { protocols, tokens } = offerIn(header);
  const [written] = tokens;
  if (written === undefined) return undefined;
  const token = tokens.length === 1 ? decoded(written) : undefined;
  if (token === '') return undefined;
  // The answer has to name a protocol, which must not be the token.
  return token === undefined || protocols.length === 0 ? {} : { token };
}
