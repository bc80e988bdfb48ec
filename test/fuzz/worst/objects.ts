/** Kinds whose lists are compared, parsed or looked up. */
import { dryRun, key, longest, many, post } from './pieces.js';
import type { WorstCase } from './pieces.js';

const otherObjects: readonly (readonly [string, string, unknown])[] = [
  [
    'rules of a role',
    '/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles',
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'worst' },
      rules: many(60, (i) => ({ apiGroups: [''], resources: [key(i)], verbs: ['get'] })),
    },
  ],
  [
    'one wide rule of a role',
    '/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles',
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'worst' },
      rules: [
        {
          apiGroups: many(12, key, longest / 3),
          resources: many(12, key, longest / 3),
          verbs: many(12, key, longest / 3),
        },
      ],
    },
  ],
  [
    'subjects of a binding',
    '/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings',
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'worst' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      subjects: many(70, (i) => ({
        kind: 'User',
        apiGroup: 'rbac.authorization.k8s.io',
        name: key(i),
      })),
    },
  ],
  [
    'ports of a service',
    '/api/v1/namespaces/default/services',
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'worst' },
      spec: { ports: many(34, (i) => ({ name: key(i), port: (i % 65_535) + 1 })) },
    },
  ],
  [
    'addresses of an endpoint slice',
    '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices',
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'worst' },
      addressType: 'IPv4',
      endpoints: many(28, () => ({ addresses: ['10.0.0.1'] })),
    },
  ],
  [
    'subsets of endpoints',
    '/api/v1/namespaces/default/endpoints',
    {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { name: 'worst' },
      subsets: many(50, () => ({ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] })),
    },
  ],
  [
    'rules of an ingress',
    '/apis/networking.k8s.io/v1/namespaces/default/ingresses',
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: 'worst' },
      spec: {
        rules: many(120, (i) => ({
          host: `${key(i)}.com`,
          http: {
            paths: [
              {
                path: '/',
                pathType: 'Prefix',
                backend: { service: { name: 'a', port: { number: 80 } } },
              },
            ],
          },
        })),
      },
    },
  ],
  [
    'rules of a network policy',
    '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies',
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'worst' },
      spec: {
        podSelector: {},
        ingress: many(60, () => ({ from: [{ ipBlock: { cidr: '10.0.0.0/8' } }] })),
      },
    },
  ],
  [
    'hard limits of a quota',
    '/api/v1/namespaces/default/resourcequotas',
    {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'worst' },
      spec: { hard: Object.fromEntries(many(34, (i) => [`requests.a.b/${key(i)}`, '1'])) },
    },
  ],
  [
    'a cron schedule',
    '/apis/batch/v1/namespaces/default/cronjobs',
    {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'worst' },
      spec: {
        schedule: `${'0-59/1,'.repeat(longest / 8)}0 * * * *`,
        jobTemplate: {
          spec: {
            template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'c' }] } },
          },
        },
      },
    },
  ],
  [
    'attributes of an access review',
    '/apis/authorization.k8s.io/v1/subjectaccessreviews',
    {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: {
        user: 'a',
        groups: many(12, key),
        resourceAttributes: { verb: 'get', resource: 'pods' },
      },
    },
  ],
  [
    'a token of dots',
    '/apis/authentication.k8s.io/v1/tokenreviews',
    {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token: '.'.repeat(longest) },
    },
  ],
  [
    'a token with a long header',
    '/apis/authentication.k8s.io/v1/tokenreviews',
    {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: {
        token: `${Buffer.from(`{"alg":"RS256","kid":"${'x'.repeat(40_000)}"}`).toString('base64url')}.e30.AA`,
      },
    },
  ],
  [
    'audiences',
    '/apis/authentication.k8s.io/v1/tokenreviews',
    {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token: 'x', audiences: many(12, key) },
    },
  ],
  [
    'a request that is no PEM',
    '/apis/certificates.k8s.io/v1/certificatesigningrequests',
    {
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      metadata: { name: 'worst' },
      spec: {
        signerName: 'kubernetes.io/kube-apiserver-client',
        usages: ['client auth'],
        request: Buffer.from('-----BEGIN '.repeat(200_000)).toString('base64'),
      },
    },
  ],
  [
    'a request of many PEM blocks',
    '/apis/certificates.k8s.io/v1/certificatesigningrequests',
    {
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      metadata: { name: 'worst' },
      spec: {
        signerName: 'kubernetes.io/kube-apiserver-client',
        usages: ['client auth'],
        request: Buffer.from(
          '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n'.repeat(
            27_000,
          ),
        ).toString('base64'),
      },
    },
  ],
  [
    'a request of nested DER',
    '/apis/certificates.k8s.io/v1/certificatesigningrequests',
    {
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      metadata: { name: 'worst' },
      spec: {
        signerName: 'kubernetes.io/kube-apiserver-client',
        usages: ['client auth'],
        request: Buffer.from(
          `-----BEGIN CERTIFICATE REQUEST-----\n${Buffer.alloc(1_200_000, '3080', 'hex').toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`,
        ).toString('base64'),
      },
    },
  ],
  [
    'usages of a request',
    '/apis/certificates.k8s.io/v1/certificatesigningrequests',
    {
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      metadata: { name: 'worst' },
      spec: {
        signerName: 'kubernetes.io/kube-apiserver-client',
        usages: many(14, () => 'client auth'),
        request: 'AAAA',
      },
    },
  ],
  [
    'bundles of an API service',
    '/apis/apiregistration.k8s.io/v1/apiservices',
    {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: 'v1.worst.example.com' },
      spec: {
        group: 'worst.example.com',
        version: 'v1',
        groupPriorityMinimum: 1,
        versionPriority: 1,
        service: { name: 'a', namespace: 'b' },
        caBundle: Buffer.from(
          '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'.repeat(36_000),
        ).toString('base64'),
      },
    },
  ],
  [
    'a bundle of a webhook',
    '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'worst' },
      webhooks: many(200, (i) => ({
        name: `a.b.c${String(i)}`,
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        clientConfig: { url: 'https://a/b' },
        rules: [],
      })),
    },
  ],
];

export const objectCases: readonly WorstCase[] = otherObjects.map(([name, path, value]) => ({
  name,
  request: post(`${path}${dryRun}`, value),
}));
