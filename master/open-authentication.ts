/** Opens every way to say who one is that the settings name. */
import { X509Certificate } from 'node:crypto';
import { readJsonDocument } from '../machinery/client/json-document.js';
import { openKubeconfigService } from '../machinery/client/kubeconfig-service.js';
import type { Clock } from '../machinery/clock/clock.js';
import type { Random } from '../machinery/clock/random.js';
import { ConfigError } from '../machinery/config/config.js';
import { readNamedFile } from '../machinery/config/named-file.js';
import type { Logger } from '../machinery/log/log.js';
import type { Metrics } from '../machinery/metrics/metrics.js';
import type { AuthenticationConfig } from './authentication-rows.js';
import {
  type Authenticator,
  createAuthenticator,
  createTokenReviewer,
  type TokenAuthenticator,
  type TokenReviewer,
} from './authn/authenticator.js';
import { bootstrapTokens } from './authn/bootstrap-tokens.js';
import { defaultWebhookCacheMs, maxDocumentBytes, remoteTimeoutMs } from './authn/limits.js';
import { oidcTokens } from './authn/oidc/oidc-tokens.js';
import {
  type RequestHeaderOptions,
  requestHeaderUsers,
  standardRequestHeaders,
} from './authn/request-header.js';
import { issuerFor } from './authn/service-account-claims.js';
import { createTokenKeeper, type TokenKeeper } from './authn/service-account-tokens.js';
import { staticTokens } from './authn/static-tokens.js';
import { webhookTokens } from './authn/webhook-tokens.js';
import { trackedUses } from './legacy-token-tracking.js';
import { openStructure } from './structured-authentication.js';
import type { Registries } from './registry/registries.js';

/** What the cluster itself signs with and is known by, PEM. */
interface OwnAuthorities {
  readonly caPem: string;
  readonly frontProxyCaPem: string;
  /** The key that service-account tokens are signed with. */
  readonly serviceAccountKeyPem: string;
}

export interface AuthenticationOptions {
  readonly config: Partial<AuthenticationConfig> & { readonly clusterDomain: string };
  readonly registries: Registries;
  readonly pki: OwnAuthorities;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export interface Authentication {
  readonly tokens: TokenKeeper;
  readonly authenticate: Authenticator;
  readonly reviewToken: TokenReviewer;
  readonly trust: ClientTrust;
  /** Follows the file of issuers, if there is one, until the signal is aborted. */
  readonly follow: (signal: AbortSignal) => Promise<void>;
}

const plurals = {
  ServiceAccount: 'serviceaccounts',
  Pod: 'pods',
  Secret: 'secrets',
  Node: 'nodes',
} as const;

/** Tokens are checked against what the registries hold. */
function openTokenKeeper(options: AuthenticationOptions): TokenKeeper {
  const { config, registries, clock, random, metrics } = options;
  const uses = metrics.counter({
    name: 'serviceaccount_tokens_used_total',
    help: 'Service-account tokens that were accepted: valid, or stale when a renewed one should have been used.',
    labels: ['state'],
  });
  return createTokenKeeper({
    keyPem: options.pki.serviceAccountKeyPem,
    issuer: config.serviceAccountIssuer ?? issuerFor(config.clusterDomain),
    clock,
    random,
    find: (kind, key) => registries.of('', plurals[kind]).find(key)?.object,
    used: (state) => {
      uses.increment({ state });
    },
    usedSecret: trackedUses(options),
  });
}

/** What a file that a flag names is parsed to, where there is one. Throws ConfigError. */
async function parsedFile<T>(
  flag: string,
  file: string | undefined,
  parse: (text: string) => T,
): Promise<T | undefined> {
  return file === undefined ? undefined : (await readNamedFile({ flag, file }, parse)).value;
}

async function openOidc({
  config,
  clock,
  logger,
}: AuthenticationOptions): Promise<readonly TokenAuthenticator[]> {
  const { oidcIssuerUrl: issuerUrl, oidcClientId: clientId, oidcCaFile } = config;
  if (issuerUrl === undefined && clientId === undefined) return [];
  if (issuerUrl === undefined || clientId === undefined) {
    throw new ConfigError('--oidc-issuer-url and --oidc-client-id need each other');
  }
  const caPem = await parsedFile('oidc-ca-file', oidcCaFile, withAuthority);
  const limits = { timeoutMs: remoteTimeoutMs, maxBytes: maxDocumentBytes };
  const oidc = oidcTokens({
    issuerUrl,
    clientId,
    usernameClaim: config.oidcUsernameClaim ?? 'sub',
    usernamePrefix: config.oidcUsernamePrefix,
    groupsClaim: config.oidcGroupsClaim,
    groupsPrefix: config.oidcGroupsPrefix,
    requiredClaims: config.oidcRequiredClaim ?? {},
    signingAlgorithms: config.oidcSigningAlgs ?? ['RS256'],
    clock,
    logger,
    read: (url) => readJsonDocument({ url, caPem, ...limits }),
  });
  return [oidc];
}

function openWebhook({
  config,
  clock,
  logger,
}: AuthenticationOptions): readonly TokenAuthenticator[] {
  const { authenticationTokenWebhookConfigFile: file } = config;
  if (file === undefined) return [];
  const webhook = webhookTokens({
    ...openKubeconfigService(file),
    version: config.authenticationTokenWebhookVersion ?? 'v1',
    cacheMs: config.authenticationTokenWebhookCacheTtlMs ?? defaultWebhookCacheMs,
    clock,
    logger,
  });
  return [webhook];
}

/** Whose certificates are believed, and what proxies' headers say. */
export interface ClientTrust {
  /** Authorities of users, PEM. */
  readonly caPem: string;
  /** Authorities of proxies that tell of users, PEM. */
  readonly requestHeaderCaPem: string;
  readonly requestHeader: RequestHeaderOptions;
}

/** The cluster's own authorities, and those that files name. Throws ConfigError. */
async function openClientTrust(
  config: Partial<AuthenticationConfig>,
  own: OwnAuthorities,
): Promise<ClientTrust> {
  const { clientCaFile, requestheaderClientCaFile, requestheaderAllowedNames } = config;
  const beside = async (ownPem: string, flag: string, file: string | undefined) => {
    const others = await parsedFile(flag, file, withAuthority);
    return others === undefined ? ownPem : `${ownPem}\n${others}`;
  };
  const standard = standardRequestHeaders;
  const allowedNames =
    requestheaderAllowedNames === undefined
      ? requestheaderClientCaFile === undefined
        ? standard.allowedNames
        : []
      : [...standard.allowedNames, ...requestheaderAllowedNames];
  const proxiesFlag = 'requestheader-client-ca-file';
  return {
    caPem: await beside(own.caPem, 'client-ca-file', clientCaFile),
    requestHeaderCaPem: await beside(own.frontProxyCaPem, proxiesFlag, requestheaderClientCaFile),
    requestHeader: {
      allowedNames,
      usernameHeaders: config.requestheaderUsernameHeaders ?? standard.usernameHeaders,
      uidHeaders: config.requestheaderUidHeaders ?? standard.uidHeaders,
      groupHeaders: config.requestheaderGroupHeaders ?? standard.groupHeaders,
      extraHeaderPrefixes: config.requestheaderExtraHeadersPrefix ?? standard.extraHeaderPrefixes,
    },
  };
}

/** The text itself. Throws where there is no certificate in it. */
function withAuthority(pem: string): string {
  const first = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(pem)?.[0];
  if (first === undefined) throw new Error('there is no certificate in it');
  new X509Certificate(first);
  return pem;
}

/** Throws ConfigError or KubeconfigError where a file a flag names cannot be used. */
export async function openAuthentication(options: AuthenticationOptions): Promise<Authentication> {
  const { config, registries, clock } = options;
  const trust = await openClientTrust(config, options.pki);
  const tokens = openTokenKeeper(options);
  const structure = await openStructure({ ...options, ownIssuer: tokens.issuer });
  const fromFile = await parsedFile('token-auth-file', config.tokenAuthFile, staticTokens);
  const bootstrap = bootstrapTokens({
    clock,
    findSecret: (name) =>
      registries.of('', 'secrets').find({ namespace: 'kube-system', name })?.object,
  });
  const apiAudiences = [tokens.issuer];
  const reviewToken = createTokenReviewer({
    apiAudiences,
    tokens: [
      ...(fromFile === undefined ? [] : [fromFile]),
      tokens.authenticate,
      bootstrap,
      ...(await openOidc(options)),
      structure.tokens,
      ...openWebhook(options),
    ],
  });
  const authenticate = createAuthenticator({
    review: reviewToken,
    apiAudiences,
    anonymous: structure.anonymous,
    requestHeader: requestHeaderUsers(trust.requestHeader),
  });
  return { tokens, authenticate, reviewToken, trust, follow: structure.follow };
}
