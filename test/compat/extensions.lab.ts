/** What extends the API from outside, seen with stock kubectl: admission webhooks, admission policies, aggregated API servers. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { eventually } from '../../testing/eventually.js';
import { sharedCluster } from '../lab/cluster.js';
import { type ExtensionServer, startExtensionServer } from './extension-server.js';
import { Shell } from './shell.js';

const cluster = sharedCluster();
const shell = new Shell(cluster, '1.35', 'extensions');
const { namespace } = shell;

const configMap = (name: string, color: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\ndata: { color: ${color} }\n`;

interface Review {
  readonly request: {
    readonly uid: string;
    readonly name: string;
    readonly operation: string;
    readonly dryRun: boolean;
    readonly userInfo: { readonly username: string };
    readonly object: { readonly data?: Readonly<Record<string, string>> };
  };
}

const webhook = (
  kind: 'Mutating' | 'Validating',
  hookPath: string,
  server: ExtensionServer,
): string => `
apiVersion: admissionregistration.k8s.io/v1
kind: ${kind}WebhookConfiguration
metadata: { name: compat-${kind.toLowerCase()} }
webhooks:
  - name: colors.compat.example
    admissionReviewVersions: [v1]
    sideEffects: None
    failurePolicy: Fail
    timeoutSeconds: 3
    namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: ${namespace} } }
    rules: [{ apiGroups: [''], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [configmaps] }]
    clientConfig:
      caBundle: ${server.caBundle}
      service: { name: hooks, namespace: ${namespace}, path: ${hookPath} }
`;

describe('admission webhooks', () => {
  let server: ExtensionServer;
  const reviews: Review['request'][] = [];

  before(async () => {
    await shell.run(`create namespace ${namespace}`);
    server = await startExtensionServer(
      { dnsNames: [`hooks.${namespace}.svc`] },
      ({ path: asked, body }) => {
        const { request } = body as Review;
        reviews.push(request);
        const { uid, object } = request;
        const patch = [{ op: 'add', path: '/data/painted', value: 'yes' }];
        const response = asked.startsWith('/mutate')
          ? {
              uid,
              allowed: true,
              warnings: ['colors are painted here'],
              patchType: 'JSONPatch',
              patch: Buffer.from(JSON.stringify(patch)).toString('base64'),
            }
          : {
              uid,
              allowed: object.data?.color !== 'red',
              status: {
                code: 403,
                message: `red is not a color of this house (${object.data?.painted ?? 'unpainted'})`,
              },
            };
        return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response };
      },
    );
    await shell.run('apply -f -', { input: server.service('hooks', namespace) });
    await shell.run('apply -f -', { input: webhook('Mutating', '/mutate', server) });
    await shell.run('apply -f -', { input: webhook('Validating', '/validate', server) });
    await eventually(async () => {
      await shell.expectWith(
        'create -f - --dry-run=server',
        { input: configMap('probe', 'blue') },
        /painted here/,
      );
    });
  });
  after(async () => {
    await shell.run('delete mutatingwebhookconfiguration compat-mutating --ignore-not-found');
    await shell.run('delete validatingwebhookconfiguration compat-validating --ignore-not-found');
    await server.close();
  });

  test('change objects and warn the person who sent them', async () => {
    await shell.expectWith(
      'create -f -',
      { input: configMap('blue', 'blue') },
      /^Warning: colors are painted here$/m,
    );
    assert.equal(await shell.run('get cm blue -o jsonpath={.data.painted}'), 'yes');
    const seen = reviews.find(({ name, dryRun }) => name === 'blue' && !dryRun);
    assert.equal(seen?.operation, 'CREATE');
    assert.equal(seen.userInfo.username, 'kubernetes-admin');
    assert.ok(reviews.some(({ name, dryRun }) => name === 'probe' && dryRun));
  });

  test('refuse in words that kubectl shows, after others have changed the object', async () => {
    await shell.refused(
      'create -f -',
      /admission webhook "colors\.compat\.example" denied the request: red is not a color of this house \(yes\)/,
      { input: configMap('red', 'red') },
    );
    await shell.refused('get cm red', /not found/);
    await shell.refused(
      `patch cm blue -p '{"data":{"color":"red"}}'`,
      /denied the request: red is not/,
    );
    assert.equal(await shell.run('get cm blue -o jsonpath={.data.color}'), 'blue');
  });

  test('that cannot be reached refuse or let pass, as their failure policy says', async () => {
    await server.close();
    await eventually(async () => {
      await shell.refused(
        'create -f -',
        /failed calling webhook "colors\.compat\.example": failed to call webhook:/,
        { input: configMap('green', 'green') },
      );
    });
    for (const kind of ['mutating', 'validating'])
      await shell.run(
        `patch ${kind}webhookconfiguration compat-${kind} --type=json -p '[{"op":"replace","path":"/webhooks/0/failurePolicy","value":"Ignore"}]'`,
      );
    await eventually(async () => {
      await shell.expectWith(
        'apply -f -',
        { input: configMap('green', 'green') },
        /green (created|unchanged)/,
      );
    });
    assert.equal(await shell.run('get cm green -o jsonpath={.data}'), '{"color":"green"}');
  });
});

const policy = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: { name: compat-replicas }
spec:
  failurePolicy: Fail
  paramKind: { apiVersion: v1, kind: ConfigMap }
  matchConstraints:
    resourceRules: [{ apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [deployments] }]
  validations:
    - expression: object.spec.replicas <= int(params.data.most)
      messageExpression: "'no more than ' + params.data.most + ' replicas here'"
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: { name: compat-replicas }
spec:
  policyName: compat-replicas
  validationActions: [Deny]
  paramRef: { name: bounds, namespace: ${namespace}, parameterNotFoundAction: Deny }
  matchResources: { namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: ${namespace} } } }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: bounds }
data: { most: '2' }
`;

test('a validating admission policy refuses by expression and parameter', async () => {
  await shell.run('apply -f -', { input: policy });
  try {
    await eventually(async () => {
      await shell.refused(
        'create deployment many --image=web:v1 --replicas=3 --dry-run=server',
        /ValidatingAdmissionPolicy 'compat-replicas' with binding 'compat-replicas' denied request: no more than 2 replicas here/,
      );
    });
    await shell.expect('create deployment few --image=web:v1 --replicas=0', /created/);
    await shell.refused(`patch deployment few -p '{"spec":{"replicas":3}}'`, /no more than 2/);
  } finally {
    await shell.run(
      'delete validatingadmissionpolicy,validatingadmissionpolicybinding compat-replicas',
    );
  }
});

const apples = {
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: 'fruit.compat.example/v1',
  resources: [
    {
      name: 'apples',
      singularName: 'apple',
      namespaced: true,
      kind: 'Apple',
      verbs: ['get', 'list'],
      shortNames: ['ap'],
    },
  ],
};
const boskoop = {
  kind: 'Apple',
  apiVersion: 'fruit.compat.example/v1',
  metadata: { name: 'boskoop', namespace, creationTimestamp: '2026-11-21T00:00:00Z' },
  taste: 'sour',
};

const apiService = (server: ExtensionServer): string => `
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: { name: v1.fruit.compat.example }
spec:
  group: fruit.compat.example
  version: v1
  groupPriorityMinimum: 100
  versionPriority: 10
  caBundle: ${server.caBundle}
  service: { name: fruit, namespace: ${namespace} }
`;

describe('an aggregated API server', () => {
  let server: ExtensionServer;
  const users = new Set<string>();

  before(async () => {
    const clientAuthority = readFileSync(
      path.join(cluster.masterData, 'pki/front-proxy-ca.crt'),
      'utf8',
    );
    server = await startExtensionServer(
      { dnsNames: [`fruit.${namespace}.svc`], clientAuthority },
      ({ path: asked, headers, clientName }) => {
        if (clientName !== 'front-proxy-client') return undefined;
        users.add(`${String(headers['x-remote-user'])} of ${String(headers['x-remote-group'])}`);
        const [place = ''] = asked.split('?');
        if (place === '/apis/fruit.compat.example/v1') return apples;
        if (place.endsWith('/apples/boskoop')) return boskoop;
        if (!place.endsWith('/apples')) return undefined;
        return {
          kind: 'AppleList',
          apiVersion: boskoop.apiVersion,
          metadata: {},
          items: [boskoop],
        };
      },
    );
    await shell.run('apply -f -', { input: server.service('fruit', namespace) });
    await shell.run('apply -f -', { input: apiService(server) });
  });
  after(async () => {
    await shell.run('delete apiservice v1.fruit.compat.example');
    await server.close();
    await shell.run(`delete namespace ${namespace}`);
  });

  test('becomes available and shows in discovery', async () => {
    await shell.expect(
      'wait --for=condition=Available apiservice/v1.fruit.compat.example --timeout=30s',
      /met/,
    );
    await shell.expect('get apiservice v1.fruit.compat.example', /extensions-1-35\/fruit\s+True/);
    await eventually(
      async () => {
        await shell.expect(
          'api-resources --cached=false --api-group=fruit.compat.example',
          /^apples\s+ap\s+fruit/m,
        );
      },
      { timeoutMs: 30_000 },
    );
  });

  for (const version of ['1.35', '1.24'] as const) {
    test(`answers kubectl ${version} and learns who asks`, async () => {
      const get = async (...args: readonly string[]): Promise<string> =>
        (await cluster.kubectl(['-n', namespace, 'get', ...args], { version })).stdout;
      assert.match(await get('apples'), /^boskoop\s+\d+/m);
      assert.equal(await get('apple', 'boskoop', '-o', 'jsonpath={.taste}'), 'sour');
      assert.ok(
        [...users].some(
          (user) => user.startsWith('kubernetes-admin of ') && user.includes('system:masters'),
        ),
        [...users].join(),
      );
    });
  }

  test('that goes away is said to be unavailable', async () => {
    await shell.run('delete service fruit');
    await eventually(
      async () => {
        await shell.expect('get apiservice v1.fruit.compat.example', /False \(ServiceNotFound\)/);
        await shell.refused(
          'get apples.fruit.compat.example',
          /^Error from server \(ServiceUnavailable\): the server is currently unable to handle the request/m,
        );
      },
      { timeoutMs: 30_000, intervalMs: 200 },
    );
    await shell.expect('get configmaps', /kube-root-ca/);
  });
});
