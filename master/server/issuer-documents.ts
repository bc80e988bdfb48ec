/**
 * What others need to check service-account tokens without asking: the keys they are signed with, and the OpenID Connect discovery
 * document that says where those are.
 */
import type { Express } from 'express';
import type { TokenKeeper } from '../authn/service-account-tokens.js';

export interface IssuerDocumentOptions {
  readonly tokens: Pick<TokenKeeper, 'issuer' | 'keySet'>;
  /** Where the keys are said to be. */
  readonly jwksUri: string;
}

/** Where the keys are. */
export const keySetPath = '/openid/v1/jwks';
const discoveryPath = '/.well-known/openid-configuration';

/** Keys change so seldom that an hour does not matter. */
const cacheControl = 'public, max-age=3600';

/** Adds the routes of both. */
export function addIssuerDocuments(app: Express, { tokens, jwksUri }: IssuerDocumentOptions): void {
  app.get(keySetPath, async (_request, response) => {
    const text = JSON.stringify(await tokens.keySet());
    response.set({ 'Content-Type': 'application/jwk-set+json', 'Cache-Control': cacheControl });
    response.end(text);
  });
  app.get(discoveryPath, (_request, response) => {
    const text = JSON.stringify({
      issuer: tokens.issuer,
      jwks_uri: jwksUri,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
    });
    response.set({ 'Content-Type': 'application/json', 'Cache-Control': cacheControl });
    response.end(text);
  });
}
