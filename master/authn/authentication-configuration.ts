/**
 * What an AuthenticationConfiguration, `apiserver.config.k8s.io/v1`, says: which issuers' tokens are taken and who their claims
 * say somebody is, and where nobody may ask. Pure: whoever reads the file hands its text in.
 */
import { trimmedEnd } from '../../api/trimmed-end.js';
import { X509Certificate } from 'node:crypto';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { selectsField } from '../../api/cel/identifiers.js';
import { parseExpression } from '../../api/cel/parser.js';
import { CelCompileError } from '../../api/cel/source.js';
import { type ClaimRules, type ClaimSource, userFromClaims } from './oidc/claim-rules.js';
import { errorText } from '../../machinery/error-text.js';
import { maxJwtIssuers } from './limits.js';

export interface JwtIssuer {
  readonly url: string;
  /** Where its discovery document is, if not below the URL. */
  readonly discoveryUrl: string | undefined;
  /** PEM. */
  readonly certificateAuthority: string | undefined;
  readonly audiences: readonly string[];
  readonly rules: ClaimRules;
}

export interface StructuredAuthentication {
  readonly jwt: readonly JwtIssuer[];
  /** Absent where the file leaves it to the flag. */
  readonly anonymous:
    { readonly enabled: boolean; readonly paths: ReadonlySet<string> | undefined } | undefined;
}

/** A configuration that cannot be used, in words for the person who wrote it. */
export class AuthenticationConfigurationError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AuthenticationConfigurationError';
  }
}

const text = z.string().min(1, 'it must not be empty');
const httpsUrl = z
  .url({ protocol: /^https$/, error: 'it must be a URL that begins with https://' })
  .refine((url) => {
    const { username, password, search, hash } = new URL(url);
    return username === '' && password === '' && search === '' && hash === '';
  }, 'it must have no user, no query and no fragment');

const isOnce = (values: readonly string[]): boolean => new Set(values).size === values.length;
const withoutSlashes = (url: string | undefined): string | undefined =>
  url === undefined ? undefined : trimmedEnd(url, '/');

function isCertificate(pem: string): boolean {
  try {
    new X509Certificate(pem);
    return true;
  } catch {
    return false;
  }
}

const namedClaim = z.strictObject({ claim: text, prefix: z.string() });
const expression = z.strictObject({ expression: text });
const either = 'it needs either claim and prefix, or expression';
const prefixed = z.union([namedClaim, expression], either);
const plainClaim = z
  .union([z.strictObject({ claim: text }), expression], 'it needs either claim or expression')
  .transform((source): ClaimSource => ('claim' in source ? { ...source, prefix: '' } : source));

const reservedKey = /(^|\.)(k8s|kubernetes)\.io\//;
const extraKey = text
  .regex(/^[a-z0-9.-]+\/\S+$/, 'it must be a domain, a slash and a path')
  .refine((key) => key === key.toLowerCase(), 'it must be in lower case')
  .refine((key) => !reservedKey.test(key), 'k8s.io and kubernetes.io are reserved');

const claimRule = z.union(
  [
    z.strictObject({ claim: text, requiredValue: z.string().default('') }),
    z.strictObject({ expression: text, message: z.string().default('') }),
  ],
  'it needs either claim and requiredValue, or expression and message',
);

const issuerSchema = z
  .strictObject({
    url: httpsUrl,
    discoveryURL: httpsUrl.optional(),
    certificateAuthority: z
      .string()
      .refine((pem) => pem === '' || isCertificate(pem), 'it must be certificates in PEM')
      .optional(),
    audiences: z
      .array(text)
      .min(1, 'it needs an audience')
      .refine(isOnce, 'each audience may be there once'),
    audienceMatchPolicy: z.literal('MatchAny').optional(),
  })
  .refine(
    ({ audiences, audienceMatchPolicy }) => audiences.length === 1 || audienceMatchPolicy,
    'audienceMatchPolicy must be MatchAny where there are several audiences',
  )
  .refine(
    ({ url, discoveryURL }) => withoutSlashes(url) !== withoutSlashes(discoveryURL),
    'discoveryURL must differ from url',
  );

const jwtSchema = z.strictObject({
  issuer: issuerSchema,
  claimValidationRules: z
    .array(claimRule)
    .refine(
      (rules) => isOnce(rules.map((rule) => ('claim' in rule ? rule.claim : rule.expression))),
      'each claim and expression may be there once',
    )
    .nullish(),
  claimMappings: z.strictObject({
    username: prefixed,
    groups: prefixed.optional(),
    uid: plainClaim.optional(),
    extra: z
      .array(z.strictObject({ key: extraKey, valueExpression: text }))
      .refine((all) => isOnce(all.map(({ key }) => key)), 'each key may be there once')
      .nullish(),
  }),
  userValidationRules: z
    .array(z.strictObject({ expression: text, message: z.string().default('') }))
    .refine(
      (rules) => isOnce(rules.map(({ expression }) => expression)),
      'each expression may be there once',
    )
    .nullish(),
});

const fileSchema = z.strictObject({
  apiVersion: z.enum([
    'apiserver.config.k8s.io/v1',
    'apiserver.config.k8s.io/v1beta1',
    'apiserver.config.k8s.io/v1alpha1',
  ]),
  kind: z.literal('AuthenticationConfiguration'),
  jwt: z
    .array(jwtSchema)
    .max(maxJwtIssuers, `there may be ${String(maxJwtIssuers)} at most`)
    .refine((all) => isOnce(all.map(({ issuer }) => issuer.url)), 'each issuer may be there once')
    .refine(
      (all) =>
        isOnce(all.flatMap(({ issuer: { discoveryURL } }) => withoutSlashes(discoveryURL) ?? [])),
      'each discoveryURL may be there once',
    )
    .nullish(),
  anonymous: z
    .strictObject({
      enabled: z.boolean(),
      conditions: z.array(z.strictObject({ path: text.startsWith('/') })).nullish(),
    })
    .refine(
      ({ enabled, conditions }) => enabled || (conditions ?? []).length === 0,
      'conditions make no sense where it is not enabled',
    )
    .optional(),
});

type Jwt = z.infer<typeof jwtSchema>;

const usesClaim = (expression: string, claim: string): boolean =>
  selectsField(parseExpression(expression), 'claims', claim);

/** Whoever is named by an address has to look at whether it was verified. The expressions have been compiled. */
function checkEmail({ username, extra, claimValidation }: ClaimRules, at: string): void {
  if (!('expression' in username) || !usesClaim(username.expression, 'email')) return;
  const expressions = [
    username.expression,
    ...extra.map(({ valueExpression }) => valueExpression),
    ...claimValidation.flatMap((rule) => ('expression' in rule ? [rule.expression] : [])),
  ];
  if (expressions.some((one) => usesClaim(one, 'email_verified'))) return;
  throw new AuthenticationConfigurationError(
    `${at}.claimMappings.username.expression: claims.email_verified must be used where claims.email is, here or in extra or claimValidationRules`,
  );
}

function issuerFrom(jwt: Jwt, at: string): JwtIssuer {
  const { issuer, claimMappings: mappings } = jwt;
  const rules: ClaimRules = {
    username: mappings.username,
    groups: mappings.groups,
    uid: mappings.uid,
    extra: mappings.extra ?? [],
    claimValidation: jwt.claimValidationRules ?? [],
    userValidation: jwt.userValidationRules ?? [],
  };
  try {
    userFromClaims(rules);
  } catch (cause) {
    if (!(cause instanceof CelCompileError)) throw cause;
    throw new AuthenticationConfigurationError(`${at}: ${cause.message}`, { cause });
  }
  checkEmail(rules, at);
  return {
    url: issuer.url,
    discoveryUrl: issuer.discoveryURL,
    certificateAuthority: issuer.certificateAuthority,
    audiences: issuer.audiences,
    rules,
  };
}

/** Reads YAML or JSON; `ownIssuer` signs tokens of service accounts and may sign no others. Throws AuthenticationConfigurationError. */
export function parseAuthenticationConfiguration(
  file: string,
  ownIssuer = '',
): StructuredAuthentication {
  let value: unknown;
  try {
    value = parseYaml(file);
  } catch (cause) {
    const why = errorText(cause);
    throw new AuthenticationConfigurationError(why, { cause });
  }
  const parsed = fileSchema.safeParse(value);
  if (!parsed.success) {
    const issues = parsed.error.issues.map(({ path, message }) =>
      path.length === 0 ? message : `${path.join('.')}: ${message}`,
    );
    throw new AuthenticationConfigurationError(issues.join('; '));
  }
  const { jwt, anonymous } = parsed.data;
  const own = (jwt ?? []).findIndex(({ issuer }) => issuer.url === ownIssuer);
  if (own >= 0) {
    const why = 'this one signs tokens of service accounts';
    throw new AuthenticationConfigurationError(`jwt.${String(own)}.issuer.url: ${why}`);
  }
  const conditions = anonymous?.conditions ?? [];
  return {
    jwt: (jwt ?? []).map((one, at) => issuerFrom(one, `jwt.${String(at)}`)),
    anonymous: anonymous && {
      enabled: anonymous.enabled,
      paths: conditions.length === 0 ? undefined : new Set(conditions.map(({ path }) => path)),
    },
  };
}
