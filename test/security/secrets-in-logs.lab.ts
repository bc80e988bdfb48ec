/** A master that logs all it ever logs, asked what brings secrets along: none of them may be found in its log or audit log. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { FuzzClient } from '../fuzz/fuzz-client.js';
import { FuzzedMaster } from '../fuzz/fuzzed-master.js';

/** What Kubernetes advises for a cluster: everything of most, nothing of what holds secrets but that it was asked. */
const auditPolicy = `
apiVersion: audit.k8s.io/v1
kind: Policy
rules:
  - level: Metadata
    resources:
      - group: ''
        resources: [secrets, serviceaccounts/token]
      - group: authentication.k8s.io
        resources: [tokenreviews]
  - level: RequestResponse
`;

let master: FuzzedMaster;
let client: FuzzClient;
/** By what they are. */
const secrets = new Map<string, string>();

function secret(what: string, make = (): string => randomBytes(12).toString('hex')): string {
  const made = make();
  secrets.set(what, made);
  // It may be written in another form.
  secrets.set(`${what}, in base64`, Buffer.from(made).toString('base64').replace(/=+$/, ''));
  return made;
}

interface Sent {
  readonly body?: unknown;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function ask(
  method: string,
  path: string,
  { body, type = 'application/json', headers = {} }: Sent = {},
): Promise<{ readonly status: number; readonly text: string }> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const { status, body: answer } = await client.send({
    method,
    path,
    headers,
    contentType: body === undefined ? undefined : type,
    body: body === undefined ? undefined : Buffer.from(text),
  });
  return { status, text: answer.toString('utf8') };
}

const inDefault = '/api/v1/namespaces/default';

before(async () => {
  master = await FuzzedMaster.start(
    [
      '--log-level=debug',
      '--audit-policy-file=FOLDER/policy.yaml',
      '--audit-log-path=FOLDER/audit.log',
    ],
    { 'policy.yaml': auditPolicy },
  );
  client = new FuzzClient(master.connection, 2);
});

after(async () => {
  client.close();
  await master.stop();
});

test(
  'the log and the audit log hold no secret, whatever was asked',
  { timeout: 60_000 },
  async (t) => {
    const secretNamed = (name: string, value: string): unknown => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name },
      stringData: { password: value },
    });
    const statuses: Record<string, number> = {};
    const note = async (what: string, asking: ReturnType<typeof ask>): Promise<string> => {
      const { status, text } = await asking;
      statuses[what] = status;
      return text;
    };

    await t.test('secrets are written, badly and well', async () => {
      const path = `${inDefault}/secrets`;
      await note('create', ask('POST', path, { body: secretNamed('a', secret('a value')) }));
      await note('again', ask('POST', path, { body: secretNamed('a', secret('a second value')) }));
      const invalid = secretNamed('Not_A_Name', secret('an invalid value'));
      await note('invalid', ask('POST', path, { body: invalid }));
      const broken = `{"kind":"Secret","data":{"a":"${secret('a broken value')}"`;
      await note('broken', ask('POST', path, { body: broken }));
      const wrong = { ...(secretNamed('b', 'x') as object), data: { a: { b: secret('a list') } } };
      await note('of another type', ask('POST', path, { body: wrong }));
      const patch = { stringData: { password: secret('a patched value') } };
      const merge = { body: patch, type: 'application/merge-patch+json' };
      await note('patch', ask('PATCH', `${path}/a`, merge));
      const applied = {
        body: secretNamed('a', secret('an applied value')),
        type: 'application/apply-patch+yaml',
      };
      await note('apply', ask('PATCH', `${path}/a?fieldManager=x&force=true`, applied));
      await note('read', ask('GET', `${path}/a`));
      assert.deepEqual(statuses, {
        create: 201,
        again: 409,
        invalid: 422,
        broken: 400,
        'of another type': 400,
        patch: 200,
        apply: 200,
        read: 200,
      });
    });

    await t.test('tokens are asked for, shown and refused', async () => {
      const tokenPath = `${inDefault}/serviceaccounts/default/token`;
      const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
      const answer = await note('token', ask('POST', tokenPath, { body: request }));
      const { token } = (JSON.parse(answer) as { status: { token: string } }).status;
      secret('a token that was issued', () => token);
      const reviews = '/apis/authentication.k8s.io/v1/tokenreviews';
      for (const shown of [token, `${token.slice(0, -4)}AAAA`, secret('an opaque token')]) {
        await note(
          'review',
          ask('POST', reviews, {
            body: {
              apiVersion: 'authentication.k8s.io/v1',
              kind: 'TokenReview',
              spec: { token: shown },
            },
          }),
        );
      }
      for (const scheme of ['Bearer', 'Basic', 'bearer ', 'Negotiate']) {
        const headers = { authorization: `${scheme} ${secret(`credentials of ${scheme}`)}` };
        await note(scheme, ask('GET', `${inDefault}/pods`, { headers }));
      }
      const bootstrap = secret('the secret of a bootstrap token', () =>
        randomBytes(8).toString('hex'),
      );
      await note(
        'bootstrap',
        ask('POST', '/api/v1/namespaces/kube-system/secrets', {
          body: {
            apiVersion: 'v1',
            kind: 'Secret',
            metadata: { name: 'bootstrap-token-abcdef' },
            type: 'bootstrap.kubernetes.io/token',
            stringData: {
              'token-id': 'abcdef',
              'token-secret': bootstrap,
              'usage-bootstrap-authentication': 'true',
            },
          },
        }),
      );
      const headers = { authorization: `Bearer abcdef.${bootstrap}` };
      await note('joining', ask('GET', `${inDefault}/pods`, { headers }));
      assert.equal(statuses.token, 201);
      assert.equal(statuses.bootstrap, 201);
    });

    await t.test('webhooks, commands and headers bring them along', async () => {
      const url = `https://user:${secret('a password in a URL')}@192.0.2.1/hook`;
      await note(
        'webhook',
        ask('POST', '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations', {
          body: {
            apiVersion: 'admissionregistration.k8s.io/v1',
            kind: 'ValidatingWebhookConfiguration',
            metadata: { name: 'w' },
            webhooks: [
              {
                name: 'a.b.c',
                clientConfig: { url },
                sideEffects: 'None',
                admissionReviewVersions: ['v1'],
              },
            ],
          },
          headers: { 'x-dry': 'yes' },
        }),
      );
      const headers = {
        cookie: secret('a cookie'),
        'proxy-authorization': `Basic ${secret("a proxy's")}`,
      };
      await note('headers', ask('GET', `${inDefault}/pods`, { headers }));
      await note(
        'impersonation',
        ask('GET', `${inDefault}/pods`, { headers: { ...headers, 'impersonate-user': 'a' } }),
      );
      await note(
        'no such pod',
        ask('POST', `${inDefault}/pods/none/exec?command=true`, { headers }),
      );
      assert.deepEqual([statuses.headers, statuses['no such pod']], [200, 404]);
    });

    // What a request led to is logged, at the latest, with the next.
    await note('last', ask('GET', '/readyz'));
    const audit = master.fileText('audit.log');
    assert.match(audit, /"resource":"secrets"/);
    assert.match(audit, /"level":"RequestResponse"/);
    assert.match(master.logText, /DEBUG/);
    const texts = { log: master.logText, 'audit log': audit };
    const found = Object.entries(texts).flatMap(([where, text]) =>
      [...secrets]
        .filter(([, value]) => text.includes(value))
        .map(([what]) => `${what} in the ${where}`),
    );
    // The configuration of a webhook is no secret to Kubernetes, which refuses passwords in it.
    assert.equal(statuses.webhook, 422);
    assert.deepEqual(
      found.filter((what) => !/password in a URL.* in the audit log/.test(what)),
      [],
    );
  },
);
