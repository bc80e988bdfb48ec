/** The issuers of tokens that a file names, and where it lets nobody ask: as the file says it now. */
import { readJsonDocument } from '../machinery/client/json-document.js';
import type { Clock } from '../machinery/clock/clock.js';
import { ConfigError } from '../machinery/config/config.js';
import { readNamedFile } from '../machinery/config/named-file.js';
import type { Logger } from '../machinery/log/log.js';
import type { Metrics } from '../machinery/metrics/metrics.js';
import { asymmetricAlgorithms } from './authentication-rows.js';
import type { AuthenticationConfig } from './authentication-rows.js';
import {
  AuthenticationConfigurationError,
  parseAuthenticationConfiguration,
} from './authn/authentication-configuration.js';
import type { JwtIssuer, StructuredAuthentication } from './authn/authentication-configuration.js';
import type { AnonymousAccess, TokenAuthenticator } from './authn/authenticator.js';
import { maxDocumentBytes, remoteTimeoutMs } from './authn/limits.js';
import { userFromClaims } from './authn/oidc/claim-rules.js';
import { issuerTokens } from './authn/oidc/oidc-tokens.js';
import { followedConfiguration } from './followed-configuration.js';

export interface StructuredOptions {
  readonly config: Partial<AuthenticationConfig>;
  /** The issuer of service accounts' tokens, which the file must not name. */
  readonly ownIssuer: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export interface OpenedStructure {
  /** Knows the tokens of all issuers. */
  readonly tokens: TokenAuthenticator;
  readonly anonymous: () => AnonymousAccess;
  /** Follows the file, if there is one, until the signal is aborted. */
  readonly follow: (signal: AbortSignal) => Promise<void>;
}

type Parse = (text: string) => StructuredAuthentication;

function checkFlags(config: Partial<AuthenticationConfig>): void {
  const isOidc = ([name, value]: [string, unknown]): boolean =>
    name.startsWith('oidc') && value !== undefined;
  if (!Object.entries(config).some(isOidc)) return;
  throw new ConfigError('--authentication-config and --oidc-… exclude one another');
}

const openIssuers = (
  { clock, logger }: StructuredOptions,
  issuers: readonly JwtIssuer[],
): readonly TokenAuthenticator[] =>
  issuers.map(({ url, discoveryUrl, certificateAuthority: caPem, audiences, rules }) =>
    issuerTokens({
      issuerUrl: url,
      discoveryUrl,
      audiences,
      signingAlgorithms: asymmetricAlgorithms,
      userOf: userFromClaims(rules),
      clock,
      logger,
      read: (from) =>
        readJsonDocument({
          url: from,
          caPem,
          timeoutMs: remoteTimeoutMs,
          maxBytes: maxDocumentBytes,
        }),
    }),
  );

/** Throws ConfigError where the file cannot be used. */
export async function openStructure(options: StructuredOptions): Promise<OpenedStructure> {
  const { config, ownIssuer, metrics, clock, logger } = options;
  const { authenticationConfig: name, anonymousAuth } = config;
  const byFlag: AnonymousAccess = { enabled: anonymousAuth ?? true, paths: undefined };
  if (name === undefined) {
    return {
      tokens: () => Promise.resolve(undefined),
      anonymous: () => byFlag,
      follow: () => Promise.resolve(),
    };
  }
  checkFlags(config);
  const parse: Parse = (text) => {
    const said = parseAuthenticationConfiguration(text, ownIssuer);
    if (said.anonymous === undefined || anonymousAuth === undefined) return said;
    throw new AuthenticationConfigurationError('--anonymous-auth excludes anonymous');
  };
  const file = await readNamedFile({ flag: 'authentication-config', file: name }, parse);
  let issuers: readonly TokenAuthenticator[] = [];
  let anonymous = byFlag;
  const hold = (structure: StructuredAuthentication): void => {
    issuers = openIssuers(options, structure.jwt);
    anonymous = structure.anonymous ?? byFlag;
  };
  hold(file.value);
  const take = (text: string): void => {
    hold(parse(text));
  };
  return {
    tokens: async (token, audiences, note) => {
      for (const authenticate of issuers) {
        const identity = await authenticate(token, audiences, note);
        if (identity !== undefined) return identity;
      }
      return undefined;
    },
    anonymous: () => anonymous,
    follow: followedConfiguration({ what: 'authentication', file, take, metrics, clock, logger }),
  };
}
