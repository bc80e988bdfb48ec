import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import fc from 'fast-check';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import type { Secret } from '../../api/core/v1/types.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import { exportKey, generateKeys } from '../../machinery/certificates/certificates.js';
import { FakeClock } from '../../machinery/clock/clock.js';
import { systemRandom } from '../../machinery/clock/random.js';
import { TokenRefusedError } from './authenticator.js';
import { extendedLifetimeSeconds, extendedTokenSeconds } from './limits.js';
import { createTokenKeeper } from './service-account-tokens.js';
import type { TokenObjectKind } from './token-liveness.js';

const issuer = 'https://issuer';
const subject = { namespace: 'default', name: 'builder', uid: 'sa-uid' };
const pod = { kind: 'Pod', name: 'web', uid: 'pod-uid' } as const;
const keyPem = await exportKey((await generateKeys()).privateKey);
const clock = new FakeClock();
const objects = new Map<string, KubeObject>();
const uses: string[] = [];
const usedSecrets: string[] = [];
const open = (pem = keyPem) =>
  createTokenKeeper({
    keyPem: pem,
    issuer,
    clock,
    random: systemRandom,
    find: (kind, { namespace, name }) => objects.get(`${kind}/${namespace}/${name}`),
    used: (state) => uses.push(state),
    usedSecret: ({ metadata }, { isInvalid }) => {
      usedSecrets.push(`${metadata.name} ${isInvalid ? 'invalid' : 'valid'}`);
      return { isListed: metadata.labels?.listed !== undefined };
    },
  });
const keeper = open();

function put(kind: TokenObjectKind, namespace: string, name: string, more: object = {}): void {
  const metadata = { name, namespace, uid: `${kind.toLowerCase()}-uid`, resourceVersion: '1' };
  objects.set(`${kind}/${namespace}/${name}`, {
    apiVersion: 'v1',
    kind,
    metadata: { ...metadata, creationTimestamp: '2026-01-01T00:00:00Z', ...more },
  });
}

beforeEach(() => {
  objects.clear();
  uses.length = 0;
  put('ServiceAccount', 'default', 'builder', { uid: 'sa-uid' });
  put('Pod', 'default', 'web');
  put('Node', '', 'n1');
  put('Secret', 'default', 's');
});

const issue = async (more: Partial<Parameters<typeof keeper.issue>[0]> = {}): Promise<string> => {
  const request = { subject, audiences: [issuer], expirationSeconds: 600, ...more };
  return (await keeper.issue(request)).token;
};
const refused =
  (text: RegExp) =>
  (error: unknown): boolean =>
    error instanceof TokenRefusedError && text.test(error.message);

test('service-account tokens name the account, the pod, its node and themselves', async () => {
  const token = await issue({ bound: pod, node: { name: 'n1', uid: 'node-uid' } });
  const { jti = '' } = decodeJwt(token);
  const identity = await keeper.authenticate(token, [issuer]);
  assert.deepEqual(identity, {
    user: {
      username: 'system:serviceaccount:default:builder',
      uid: 'sa-uid',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:default'],
      extra: {
        'authentication.kubernetes.io/credential-id': [`JTI=${jti}`],
        'authentication.kubernetes.io/pod-name': ['web'],
        'authentication.kubernetes.io/pod-uid': ['pod-uid'],
        'authentication.kubernetes.io/node-name': ['n1'],
        'authentication.kubernetes.io/node-uid': ['node-uid'],
      },
    },
    audiences: [issuer],
  });
  assert.deepEqual(uses, ['valid']);
});

test('service-account tokens are for their audiences alone', async () => {
  const token = await issue({ audiences: ['vault', 'a'] });
  assert.deepEqual((await keeper.authenticate(token, ['x', 'a']))?.audiences, ['a']);
  await assert.rejects(
    keeper.authenticate(token, [issuer]),
    refused(/^token audiences \["vault","a"\] is invalid for the target audiences/),
  );
});

test('service-account tokens end with their time, at once, though they were remembered', async () => {
  const token = await issue();
  await keeper.authenticate(token, [issuer]);
  await clock.advance(601_000);
  for (const one of [keeper, open()]) {
    await assert.rejects(one.authenticate(token, [issuer]), refused(/has expired/));
  }
});

for (const [name, kind, namespace, object, words] of [
  [
    'account',
    'ServiceAccount',
    'default',
    'builder',
    {
      gone: /^serviceaccounts "builder" not found$/,
      another: /^service account UID \(another\) does not match claim \(sa-uid\)$/,
      deleted: /^service account default\/builder has been deleted$/,
    },
  ],
  [
    'pod',
    'Pod',
    'default',
    'web',
    {
      gone: /^service account token has been invalidated$/,
      another: /^pod UID \(another\) does not match service account pod ref claim \(pod-uid\)$/,
      deleted: /^service account token has been invalidated$/,
    },
  ],
] as const) {
  test(`service-account tokens end with their ${name}`, async () => {
    const token = await issue({ bound: pod });
    const isRefused = (message: RegExp) =>
      assert.rejects(keeper.authenticate(token, [issuer]), refused(message));
    await keeper.authenticate(token, [issuer]);
    objects.delete(`${kind}/${namespace}/${object}`);
    await isRefused(words.gone);
    put(kind, namespace, object, { uid: 'another' });
    await isRefused(words.another);
    // What is being deleted has a minute to finish its work.
    const deletionTimestamp = new Date(clock.now()).toISOString();
    put(kind, namespace, object, {
      ...(kind === 'Pod' ? {} : { uid: 'sa-uid' }),
      deletionTimestamp,
    });
    await keeper.authenticate(token, [issuer]);
    await clock.advance(61_000);
    await isRefused(words.deleted);
  });
}

test('service-account tokens bound to nodes and Secrets end with them', async () => {
  for (const [kind, namespace, name] of [
    ['Node', '', 'n1'],
    ['Secret', 'default', 's'],
  ] as const) {
    const token = await issue({ bound: { kind, name, uid: `${kind.toLowerCase()}-uid` } });
    await keeper.authenticate(token, [issuer]);
    objects.delete(`${kind}/${namespace}/${name}`);
    await assert.rejects(keeper.authenticate(token, [issuer]), refused(/invalidated/));
  }
});

test('service-account tokens for pods outlive their renewal, and say when one is missed', async () => {
  const { token, expiryMs } = await keeper.issue({
    subject,
    audiences: [issuer],
    expirationSeconds: extendedTokenSeconds,
    bound: pod,
  });
  assert.equal(expiryMs, Math.floor(clock.now() / 1000) * 1000 + extendedTokenSeconds * 1000);
  const { exp = 0, iat = 0 } = decodeJwt(token);
  assert.equal(exp - iat, extendedLifetimeSeconds);
  await clock.advance((extendedTokenSeconds + 1) * 1000);
  assert.deepEqual(await factsOf(token), {
    'authentication.k8s.io/stale-token':
      'subject: system:serviceaccount:default:builder, seconds after warning threshold: 1',
  });
  assert.deepEqual(uses, ['stale']);
});

/** What is noted for the audit record where a token is shown. */
async function factsOf(token: string): Promise<Readonly<Record<string, string>>> {
  const facts: Record<string, string> = {};
  const note = (key: string, value: string): void => void (facts[key] = value);
  await keeper.authenticate(token, [issuer], note).catch(() => undefined);
  return facts;
}

test('service-account tokens that were altered or signed by another are refused', async () => {
  const [header = '', , signature = ''] = (await issue()).split('.');
  const claims = { iss: issuer, aud: [issuer], sub: 'x', exp: 9_999_999_999 };
  const forged = Buffer.from(JSON.stringify(claims)).toString('base64url');
  const other = open(await exportKey((await generateKeys()).privateKey));
  const { token: foreign } = await other.issue({
    subject,
    audiences: [issuer],
    expirationSeconds: 600,
  });
  const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${forged}.`;
  for (const token of [`${header}.${forged}.${signature}`, foreign, none]) {
    await assert.rejects(keeper.authenticate(token, [issuer]), refused(/^invalid bearer token$/));
  }
  assert.equal(await keeper.authenticate('a.b', [issuer]), undefined);
  const elsewhere = `${header}.${Buffer.from('{"iss":"https://x"}').toString('base64url')}.x`;
  assert.equal(await keeper.authenticate(elsewhere, [issuer]), undefined);
});

test('service-account tokens name the key that the key set has', async () => {
  const { keys } = await keeper.keySet();
  const [key = {}] = keys as { kid?: string; d?: string; alg?: string }[];
  assert.equal(key.kid, decodeProtectedHeader(await issue()).kid);
  assert.equal(key.alg, 'ES256');
  assert.equal(key.d, undefined);
});

test('service-account tokens in Secrets are good as long as the Secret holds them', async () => {
  const token = await keeper.issueLegacy(subject, 's');
  const secret = (more: Partial<Secret>): void => {
    const stored = objects.get('Secret/default/s');
    assert.ok(stored);
    objects.set('Secret/default/s', { ...stored, ...more });
  };
  const data = { token: Buffer.from(token).toString('base64') };
  secret({ data });
  const identity = await keeper.authenticate(token, ['anything']);
  assert.equal(identity?.user.username, 'system:serviceaccount:default:builder');
  assert.equal(identity.audiences, undefined);
  const isRefused = (message: RegExp) =>
    assert.rejects(keeper.authenticate(token, [issuer]), refused(message));
  secret({ data: { token: Buffer.from('another').toString('base64') } });
  await isRefused(/^Token does not match server's copy$/);
  // There is no time of grace for these.
  put('Secret', 'default', 's', { deletionTimestamp: new Date(clock.now()).toISOString() });
  secret({ data });
  await isRefused(/^Token has been invalidated$/);
  put('Secret', 'default', 's', { labels: { listed: 'yes' } });
  secret({ data });
  const legacy = { 'authentication.k8s.io/legacy-token': 'system:serviceaccount:default:builder' };
  assert.deepEqual(await factsOf(token), {
    ...legacy,
    'authentication.k8s.io/legacy-token-autogenerated-secret': 's/default',
  });
  put('Secret', 'default', 's', {
    labels: { 'kubernetes.io/legacy-token-invalid-since': '2026-01-01' },
  });
  secret({ data });
  await assert.rejects(
    keeper.authenticate(token, [issuer]),
    refused(
      /^the token in secret default\/s for service account default\/builder has been marked invalid\. /,
    ),
  );
  assert.deepEqual(usedSecrets, ['s valid', 's valid', 's invalid']);
  assert.deepEqual(await factsOf(token), {
    ...legacy,
    'authentication.k8s.io/legacy-token-invalidated': 's/default',
  });
  put('Secret', 'default', 's');
  secret({ data });
  for (const [more, message] of [
    [{ uid: 'other' }, /^ServiceAccount UID \(other\) does not match claim \(sa-uid\)$/],
    [
      { uid: 'sa-uid', deletionTimestamp: '2026-01-01T00:00:00Z' },
      /^ServiceAccount default\/builder has been deleted$/,
    ],
  ] as const) {
    put('ServiceAccount', 'default', 'builder', more);
    await isRefused(message);
  }
});

test('service-account tokens never stand in what is said about them', async () => {
  const token = await issue();
  await clock.advance(601_000);
  await assert.rejects(keeper.authenticate(token, [issuer]), (error: Error) => {
    const said = `${error.message}${String(error.stack)}${JSON.stringify(error)}`;
    return !token.split('.').some((part) => said.includes(part));
  });
});

test('service-account tokens that are damaged in any way are refused or left to others', async () => {
  const token = await issue();
  const [, payload = '', signature = ''] = token.split('.');
  const header = fc
    .record(
      {
        alg: fc.constantFrom('ES256', 'none', 'HS256', 'RS256', '', 7),
        kid: fc.constantFrom('x', 7, null),
        crit: fc.constantFrom(['x'], [], 'b64', ['b64']),
        b64: fc.constantFrom(true, false, 'x'),
        jwk: fc.constantFrom({}, { kty: 'EC' }, 'x'),
      },
      { requiredKeys: [] },
    )
    .map(
      (value) =>
        `${Buffer.from(JSON.stringify(value)).toString('base64url')}.${payload}.${signature}`,
    );
  const damaged = fc
    .tuple(fc.nat(token.length - 1), fc.constantFrom('', '.', 'A', '=', '%', '\u00e9'))
    .map(([at, text]) => token.slice(0, at) + text + token.slice(at + 1));
  await fc.assert(
    fc.asyncProperty(fc.oneof(header, damaged, fc.string()), async (given) => {
      fc.pre(given !== token);
      try {
        assert.equal(await keeper.authenticate(given, [issuer]), undefined);
      } catch (error) {
        assert.ok(error instanceof TokenRefusedError, String(error));
      }
    }),
    { numRuns: 300 },
  );
});
