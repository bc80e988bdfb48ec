/** Kinds that say who may do what, and what else the API serves. */
import { labelled, set, reports, type KindCase } from './kind-case.js';

const rules = [{ apiGroups: [''], resources: ['none'], verbs: ['get'] }];

const webhook = {
  name: 'none.example.com',
  clientConfig: { url: 'https://none.example.com/' },
  rules: [
    { apiGroups: ['none.example.com'], apiVersions: ['v1'], operations: ['*'], resources: ['*'] },
  ],
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
  failurePolicy: 'Ignore',
};

const matched = {
  resourceRules: [
    {
      apiGroups: ['none.example.com'],
      apiVersions: ['v1'],
      operations: ['CREATE'],
      resources: ['things'],
    },
  ],
};

const subject = { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'nobody' };

const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' };

/** A definition is of the name that its resource and group make. */
const definition = (name: string): object => {
  const [plural = '', ...group] = name.split('.');
  return {
    spec: {
      group: group.join('.'),
      scope: 'Namespaced',
      names: { plural, kind: `Lifecycle${plural.toUpperCase()}` },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object' } },
        },
      ],
    },
  };
};

const extension = (name: string): object => {
  const [version, ...group] = name.split('.');
  return {
    spec: {
      version,
      group: group.join('.'),
      groupPriorityMinimum: 100,
      versionPriority: 10,
      insecureSkipTLSVerify: true,
      service: { namespace: 'default', name: 'none' },
    },
  };
};

/** A request for a certificate, made once; nobody has its key. */
const certificateRequest = Buffer.from(
  `-----BEGIN CERTIFICATE REQUEST-----
MIHRMHgCAQAwFjEUMBIGA1UEAwwLY29uZm9ybWFuY2UwWTATBgcqhkjOPQIBBggq
hkjOPQMBBwNCAAScbg21Z6OHf85rMkVY0xfVQyHZo/4NM1Wn60lVa/D1Coc5is9H
9MIav8w/on26z+0PhXQ/ZSCNKhIT7rh3neGuoAAwCgYIKoZIzj0EAwIDSQAwRgIh
APAdg+X/3czbb0Y2ulH9do/C2AYictbamYuMJUTix6O+AiEAo9w5wW9u3H32e9RI
B4uSv1q9g6Mnu1k2+7wtRghEHVQ=
-----END CERTIFICATE REQUEST-----
`,
).toString('base64');

const admission = 'admissionregistration.k8s.io/v1';

/** One case a kind, in the order of groups. */
export const controlKinds: readonly KindCase[] = [
  {
    resource: 'mutatingwebhookconfigurations',
    groupVersion: admission,
    kind: 'MutatingWebhookConfiguration',
    clusterScoped: true,
    body: { webhooks: [webhook] },
    change: set({ webhooks: [{ ...webhook, timeoutSeconds: 3 }] }, 'webhooks[0].timeoutSeconds', 3),
  },
  {
    resource: 'validatingwebhookconfigurations',
    groupVersion: admission,
    kind: 'ValidatingWebhookConfiguration',
    clusterScoped: true,
    body: { webhooks: [webhook] },
    change: set({ webhooks: [{ ...webhook, timeoutSeconds: 3 }] }, 'webhooks[0].timeoutSeconds', 3),
  },
  {
    resource: 'validatingadmissionpolicies',
    groupVersion: admission,
    kind: 'ValidatingAdmissionPolicy',
    clusterScoped: true,
    body: { spec: { matchConstraints: matched, validations: [{ expression: 'true' }] } },
    change: set({ spec: { failurePolicy: 'Ignore' } }, 'spec.failurePolicy', 'Ignore'),
    status: reports(),
    statusKeepsMetadata: true,
  },
  {
    resource: 'validatingadmissionpolicybindings',
    groupVersion: admission,
    kind: 'ValidatingAdmissionPolicyBinding',
    clusterScoped: true,
    body: { spec: { policyName: 'none', validationActions: ['Deny'] } },
    change: set({ spec: { validationActions: ['Warn'] } }, 'spec.validationActions[0]', 'Warn'),
  },
  {
    resource: 'mutatingadmissionpolicies',
    groupVersion: admission,
    kind: 'MutatingAdmissionPolicy',
    clusterScoped: true,
    body: {
      spec: {
        matchConstraints: matched,
        reinvocationPolicy: 'Never',
        mutations: [
          { patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{}' } },
        ],
      },
    },
    change: set({ spec: { failurePolicy: 'Ignore' } }, 'spec.failurePolicy', 'Ignore'),
  },
  {
    resource: 'mutatingadmissionpolicybindings',
    groupVersion: admission,
    kind: 'MutatingAdmissionPolicyBinding',
    clusterScoped: true,
    body: { spec: { policyName: 'none' } },
    change: set(
      { spec: { matchResources: matched } },
      'spec.matchResources.resourceRules[0].resources[0]',
      'things',
    ),
  },
  {
    resource: 'apiservices',
    groupVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    clusterScoped: true,
    names: ['v1.one.example.com', 'v2.one.example.com', 'v3.one.example.com'],
    body: {},
    bodyOf: extension,
    change: set({ spec: { versionPriority: 20 } }, 'spec.versionPriority', 20),
    status: reports(),
    statusKeepsMetadata: true,
  },
  {
    resource: 'customresourcedefinitions',
    groupVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    clusterScoped: true,
    names: ['as.crds.example.com', 'bs.crds.example.com', 'cs.crds.example.com'],
    body: {},
    bodyOf: definition,
    change: set({ spec: { conversion: { strategy: 'None' } } }, 'spec.conversion.strategy', 'None'),
    status: reports(),
    statusKeepsMetadata: true,
  },
  {
    resource: 'certificatesigningrequests',
    groupVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    clusterScoped: true,
    body: {
      spec: {
        request: certificateRequest,
        signerName: 'example.com/conformance',
        usages: ['digital signature', 'client auth'],
      },
    },
    change: labelled('yes'),
    status: reports(),
  },
  {
    resource: 'flowschemas',
    groupVersion: 'flowcontrol.apiserver.k8s.io/v1',
    kind: 'FlowSchema',
    clusterScoped: true,
    body: {
      spec: {
        matchingPrecedence: 10000,
        priorityLevelConfiguration: { name: 'global-default' },
        rules: [
          {
            subjects: [{ kind: 'User', user: { name: 'nobody' } }],
            nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/none'] }],
          },
        ],
      },
    },
    change: set({ spec: { matchingPrecedence: 9999 } }, 'spec.matchingPrecedence', 9999),
    status: reports(),
    statusKeepsMetadata: true,
  },
  {
    resource: 'prioritylevelconfigurations',
    groupVersion: 'flowcontrol.apiserver.k8s.io/v1',
    kind: 'PriorityLevelConfiguration',
    clusterScoped: true,
    body: {
      spec: {
        type: 'Limited',
        limited: { nominalConcurrencyShares: 2, limitResponse: { type: 'Reject' } },
      },
    },
    change: set(
      { spec: { limited: { nominalConcurrencyShares: 4 } } },
      'spec.limited.nominalConcurrencyShares',
      4,
    ),
    status: reports(),
    statusKeepsMetadata: true,
  },
  {
    resource: 'clusterrolebindings',
    groupVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    clusterScoped: true,
    body: { roleRef, subjects: [subject] },
    change: set({ subjects: [{ ...subject, name: 'noone' }] }, 'subjects[0].name', 'noone'),
  },
  {
    resource: 'clusterroles',
    groupVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    clusterScoped: true,
    body: { rules },
    change: set({ rules: [{ ...rules[0], verbs: ['list'] }] }, 'rules[0].verbs[0]', 'list'),
  },
  {
    resource: 'rolebindings',
    groupVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    body: { roleRef, subjects: [subject] },
    change: set({ subjects: [{ ...subject, name: 'noone' }] }, 'subjects[0].name', 'noone'),
  },
  {
    resource: 'roles',
    groupVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    body: { rules },
    change: set({ rules: [{ ...rules[0], verbs: ['list'] }] }, 'rules[0].verbs[0]', 'list'),
  },
];
