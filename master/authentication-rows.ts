/** The settings of authentication, under Kubernetes' names; rows of the master's table. */
import { z } from 'zod';
import { durationMs, optionalRow, text, textList } from '../machinery/config/shared-rows.js';
import type { ConfigTable } from '../machinery/config/config.js';

export interface AuthenticationConfig {
  readonly anonymousAuth: boolean | undefined;
  readonly clientCaFile: string | undefined;
  readonly requestheaderClientCaFile: string | undefined;
  readonly requestheaderAllowedNames: readonly string[] | undefined;
  readonly requestheaderUsernameHeaders: readonly string[] | undefined;
  readonly requestheaderUidHeaders: readonly string[] | undefined;
  readonly requestheaderGroupHeaders: readonly string[] | undefined;
  readonly requestheaderExtraHeadersPrefix: readonly string[] | undefined;
  readonly serviceAccountIssuer: string | undefined;
  readonly serviceAccountJwksUri: string | undefined;
  readonly tokenAuthFile: string | undefined;
  readonly authenticationConfig: string | undefined;
  readonly oidcIssuerUrl: string | undefined;
  readonly oidcClientId: string | undefined;
  readonly oidcUsernameClaim: string | undefined;
  readonly oidcUsernamePrefix: string | undefined;
  readonly oidcGroupsClaim: string | undefined;
  readonly oidcGroupsPrefix: string | undefined;
  readonly oidcRequiredClaim: Readonly<Record<string, string>> | undefined;
  readonly oidcCaFile: string | undefined;
  readonly oidcSigningAlgs: readonly string[] | undefined;
  readonly authenticationTokenWebhookConfigFile: string | undefined;
  readonly authenticationTokenWebhookCacheTtlMs: number | undefined;
  readonly authenticationTokenWebhookVersion: 'v1' | 'v1beta1' | undefined;
}

const httpsUrl = z.url({
  protocol: /^https$/,
  error: 'it must be a URL such as https://login.example.com',
});

/** The signature algorithms that OpenID providers use and that do not rest on a shared secret. */
export const asymmetricAlgorithms: readonly string[] = [
  'RS256',
  'RS384',
  'RS512',
  'ES256',
  'ES384',
  'ES512',
  'PS256',
  'PS384',
  'PS512',
];

/** The file may have a boolean, a flag has text. */
const yesOrNo = z
  .union([z.boolean(), z.enum(['true', 'false'])], 'it must be true or false')
  .transform((value) => value === true || value === 'true');

const list = text.pipe(textList);

const claims = list.transform((pairs, context): Readonly<Record<string, string>> => {
  const split = pairs.map((pair) => /^([^=]+)=(.*)$/.exec(pair));
  if (split.includes(null)) {
    context.addIssue('it must be claims with their values, such as tenant=a,role=b');
    return z.NEVER;
  }
  return Object.fromEntries(split.map((match) => [match?.[1] ?? '', match?.[2] ?? '']));
});

const signingAlgorithms = list.refine(
  (given) =>
    given.length > 0 && given.every((algorithm) => asymmetricAlgorithms.includes(algorithm)),
  `it must be some of ${asymmetricAlgorithms.join(', ')}`,
);

const headerRow = (flag: string, defaultText: string, help: string) =>
  optionalRow(`requestheader-${flag}`, list, { placeholder: 'NAME,…', defaultText, help });

const requestHeaderRows = {
  requestheaderClientCaFile: optionalRow('requestheader-client-ca-file', text, {
    placeholder: 'FILE',
    help: 'Authorities of proxies that authenticate users and name them in headers, beside the cluster’s own',
  }),
  requestheaderAllowedNames: headerRow(
    'allowed-names',
    'any of --requestheader-client-ca-file',
    'Common names that the certificates of such proxies must have',
  ),
  requestheaderUsernameHeaders: headerRow(
    'username-headers',
    'X-Remote-User',
    'Headers in which they name the user; the first that is there counts',
  ),
  requestheaderUidHeaders: headerRow(
    'uid-headers',
    'X-Remote-Uid',
    'Headers in which they tell the user’s uid',
  ),
  requestheaderGroupHeaders: headerRow(
    'group-headers',
    'X-Remote-Group',
    'Headers in which they name the user’s groups',
  ),
  requestheaderExtraHeadersPrefix: headerRow(
    'extra-headers-prefix',
    'X-Remote-Extra-',
    'What headers begin with in which they tell more of the user',
  ),
};

export const authenticationTable: ConfigTable<AuthenticationConfig> = {
  anonymousAuth: optionalRow('anonymous-auth', yesOrNo, {
    placeholder: 'true|false',
    defaultText: 'true',
    help: 'Whether those who say nothing about themselves may ask for health and version',
  }),
  clientCaFile: optionalRow('client-ca-file', text, {
    placeholder: 'FILE',
    help: 'Authorities whose certificates users may show, beside the cluster’s own',
  }),
  ...requestHeaderRows,
  serviceAccountIssuer: optionalRow('service-account-issuer', httpsUrl, {
    placeholder: 'URL',
    defaultText: 'https://kubernetes.default.svc.CLUSTER_DOMAIN',
    help: 'Whom service-account tokens name as their issuer',
  }),
  serviceAccountJwksUri: optionalRow('service-account-jwks-uri', httpsUrl, {
    placeholder: 'URL',
    defaultText: 'this server’s /openid/v1/jwks',
    help: 'Where others are told to find the keys that service-account tokens are signed with',
  }),
  tokenAuthFile: optionalRow('token-auth-file', text, {
    placeholder: 'FILE',
    help: 'Tokens of users, one a line: token,user,uid,"group1,group2"',
  }),
  authenticationConfig: optionalRow('authentication-config', text, {
    placeholder: 'FILE',
    help: 'An AuthenticationConfiguration, apiserver.config.k8s.io/v1: issuers of tokens with what their claims mean, and where nobody may ask',
  }),
  oidcIssuerUrl: optionalRow('oidc-issuer-url', httpsUrl, {
    placeholder: 'URL',
    help: 'The OpenID provider whose ID tokens users may present; needs --oidc-client-id',
  }),
  oidcClientId: optionalRow('oidc-client-id', text, {
    placeholder: 'ID',
    help: 'The audience that ID tokens must be for',
  }),
  oidcUsernameClaim: optionalRow('oidc-username-claim', text, {
    placeholder: 'CLAIM',
    defaultText: 'sub',
    help: 'The claim that names the user',
  }),
  oidcUsernamePrefix: optionalRow('oidc-username-prefix', text, {
    placeholder: 'PREFIX',
    defaultText: 'the issuer and #, but nothing for e-mail addresses',
    help: 'Put before users’ names; - for nothing',
  }),
  oidcGroupsClaim: optionalRow('oidc-groups-claim', text, {
    placeholder: 'CLAIM',
    help: 'The claim that names the user’s groups',
  }),
  oidcGroupsPrefix: optionalRow('oidc-groups-prefix', text, {
    placeholder: 'PREFIX',
    help: 'Put before groups’ names',
  }),
  oidcRequiredClaim: optionalRow('oidc-required-claim', claims, {
    placeholder: 'CLAIM=VALUE,…',
    help: 'Claims that ID tokens must have, with these values',
  }),
  oidcCaFile: optionalRow('oidc-ca-file', text, {
    placeholder: 'FILE',
    defaultText: 'the system’s authorities',
    help: 'Authorities that the provider’s certificate may be of',
  }),
  oidcSigningAlgs: optionalRow('oidc-signing-algs', signingAlgorithms, {
    placeholder: 'ALG,…',
    defaultText: 'RS256',
    help: 'Algorithms that ID tokens may be signed with',
  }),
  authenticationTokenWebhookConfigFile: optionalRow(
    'authentication-token-webhook-config-file',
    text,
    {
      placeholder: 'FILE',
      help: 'A kubeconfig that names a service which is shown tokens nobody else knows, as TokenReviews',
    },
  ),
  authenticationTokenWebhookCacheTtlMs: optionalRow(
    'authentication-token-webhook-cache-ttl',
    durationMs,
    { placeholder: 'DURATION', defaultText: '2m', help: 'How long its answers are remembered' },
  ),
  authenticationTokenWebhookVersion: optionalRow(
    'authentication-token-webhook-version',
    z.enum(['v1', 'v1beta1'], 'it must be v1 or v1beta1'),
    {
      placeholder: 'v1|v1beta1',
      defaultText: 'v1',
      help: 'The version of authentication.k8s.io that it is asked in',
    },
  ),
};
