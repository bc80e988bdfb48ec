import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AuthenticationConfigurationError,
  parseAuthenticationConfiguration,
} from './authentication-configuration.js';

const head = 'apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\n';
const issuer = '{url: "https://a.example", audiences: [pintle]}';
const username = '{claim: sub, prefix: ""}';
const jwtWith = (mappings: string, ofIssuer = issuer, rest = ''): string =>
  `${head}jwt: [{issuer: ${ofIssuer}, claimMappings: ${mappings}${rest}}]`;

test('authentication configuration tells issuers, what their claims mean, and where nobody may ask', () => {
  const { jwt, anonymous } = parseAuthenticationConfiguration(`${head}
jwt:
- issuer:
    url: https://a.example
    discoveryURL: https://b.example/keys
    audiences: [pintle, other]
    audienceMatchPolicy: MatchAny
  claimValidationRules:
  - {claim: tenant, requiredValue: x}
  - {expression: 'claims.email_verified == true', message: verify first}
  claimMappings:
    username: {expression: claims.email}
    groups: {claim: roles, prefix: 'o:'}
    uid: {claim: sub}
    extra: [{key: example.com/tenant, valueExpression: claims.tenant}]
  userValidationRules: [{expression: 'user.username != "root"'}]
anonymous:
  enabled: true
  conditions: [{path: /livez}, {path: /readyz}]
`);
  assert.deepEqual(jwt, [
    {
      url: 'https://a.example',
      discoveryUrl: 'https://b.example/keys',
      certificateAuthority: undefined,
      audiences: ['pintle', 'other'],
      rules: {
        username: { expression: 'claims.email' },
        groups: { claim: 'roles', prefix: 'o:' },
        uid: { claim: 'sub', prefix: '' },
        extra: [{ key: 'example.com/tenant', valueExpression: 'claims.tenant' }],
        claimValidation: [
          { claim: 'tenant', requiredValue: 'x' },
          { expression: 'claims.email_verified == true', message: 'verify first' },
        ],
        userValidation: [{ expression: 'user.username != "root"', message: '' }],
      },
    },
  ]);
  assert.deepEqual(anonymous, { enabled: true, paths: new Set(['/livez', '/readyz']) });
});

for (const [name, text, message] of [
  ['of another kind', 'apiVersion: v1\nkind: Pod', /apiVersion: .*kind: /],
  ['without a prefix', jwtWith('{username: {claim: sub}}'), /username: it needs either claim/],
  [
    'with an issuer that is not HTTPS',
    jwtWith(`{username: ${username}}`, '{url: "http://a", audiences: [x]}'),
    /begins with https/,
  ],
  [
    'with audiences and no policy',
    jwtWith(`{username: ${username}}`, '{url: "https://a", audiences: [x, y]}'),
    /audienceMatchPolicy/,
  ],
  [
    'with an expression that does not compile',
    jwtWith('{username: {expression: "claims.("}}'),
    /jwt.0: /,
  ],
  [
    'with an expression of another type',
    jwtWith(
      `{username: ${username}}`,
      issuer,
      ', userValidationRules: [{expression: user.username}]',
    ),
    /must evaluate to bool/,
  ],
  [
    'that believes addresses nobody verified',
    jwtWith('{username: {expression: claims.email}}'),
    /email_verified must be used/,
  ],
  [
    'that believes addresses nobody verified, and only mentions that one could',
    jwtWith(`{username: {expression: 'claims.?email.orValue("claims.email_verified")'}}`),
    /email_verified must be used/,
  ],
  [
    'with a reserved key',
    jwtWith(`{username: ${username}, extra: [{key: x.k8s.io/a, valueExpression: "'1'"}]}`),
    /reserved/,
  ],
  [
    'with an issuer that has a query',
    jwtWith(`{username: ${username}}`, '{url: "https://a?x=1", audiences: [x]}'),
    /no query/,
  ],
  [
    'with an audience twice',
    jwtWith(
      `{username: ${username}}`,
      '{url: "https://a", audiences: [x, x], audienceMatchPolicy: MatchAny}',
    ),
    /each audience may be there once/,
  ],
  [
    'with an authority that is none',
    jwtWith(
      `{username: ${username}}`,
      '{url: "https://a", audiences: [x], certificateAuthority: no}',
    ),
    /certificates in PEM/,
  ],
  [
    'with the discovery of the issuer itself',
    jwtWith(
      `{username: ${username}}`,
      '{url: "https://a", discoveryURL: "https://a/", audiences: [x]}',
    ),
    /discoveryURL must differ/,
  ],
  [
    'with a rule twice',
    jwtWith(
      `{username: ${username}}`,
      issuer,
      ', claimValidationRules: [{claim: a}, {claim: a, requiredValue: b}]',
    ),
    /each claim and expression may be there once/,
  ],
  [
    'with the issuer of service accounts',
    jwtWith(`{username: ${username}}`, '{url: "https://own.example", audiences: [x]}'),
    /signs tokens of service accounts/,
  ],
  [
    'with conditions of what is not enabled',
    `${head}anonymous: {enabled: false, conditions: [{path: /livez}]}`,
    /not enabled/,
  ],
] as const) {
  test(`authentication configuration ${name} is refused with the reason`, () => {
    assert.throws(
      () => parseAuthenticationConfiguration(text, 'https://own.example'),
      (error) => {
        assert.ok(error instanceof AuthenticationConfigurationError, String(error));
        assert.match(error.message, message);
        return true;
      },
    );
  });
}
