import { decodeJwt } from 'jose';

/** The issuer a token claims, which proves nothing; undefined when it is no JSON Web Token at all. */
export function claimedIssuer(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch {
    // Some other authenticator's.
    return undefined;
  }
}
