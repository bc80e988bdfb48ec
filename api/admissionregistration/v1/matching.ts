import { bytes, definition, int32, list, ref, string, within } from '../../schema/schema.js';
import { labelSelector } from '../../meta/v1/label-selector.js';

export const ruleWithOperations = definition(
  'io.k8s.api.admissionregistration.v1.RuleWithOperations',
  'Operations and resources a webhook is called for.',
  {
    apiGroups: list(
      within(2, 1),
      'string',
      'API groups; * stands for all and has to stand alone.',
      { listType: 'atomic' },
    ),
    apiVersions: list(
      within(2, 2),
      'string',
      'Versions of the groups; * stands for all and has to stand alone.',
      { listType: 'atomic' },
    ),
    operations: list(1, 'string', 'Operations; * stands for all and has to stand alone.', {
      enum: ['*', 'CREATE', 'UPDATE', 'DELETE', 'CONNECT'],
      listType: 'atomic',
    }),
    resources: list(
      within(2, 3),
      'string',
      'Resources and subresources, such as pods or pods/log; a star on either side of the slash stands for any.',
      { listType: 'atomic' },
    ),
    scope: string(within(2, 4), 'Namespaced, Cluster, or * for both.'),
  },
);

export const namedRuleWithOperations = definition(
  'io.k8s.api.admissionregistration.v1.NamedRuleWithOperations',
  'Operations, resources and names of objects a policy applies to.',
  {
    apiGroups: list(
      within(2, 2, 1),
      'string',
      'API groups; * stands for all and has to stand alone.',
      { listType: 'atomic' },
    ),
    apiVersions: list(
      within(2, 2, 2),
      'string',
      'Versions of the groups; * stands for all and has to stand alone.',
      { listType: 'atomic' },
    ),
    operations: list(
      within(2, 1),
      'string',
      'Operations; * stands for all and has to stand alone.',
      { listType: 'atomic' },
    ),
    resourceNames: list(1, 'string', 'Names of objects; all where none is given.', {
      listType: 'atomic',
    }),
    resources: list(
      within(2, 2, 3),
      'string',
      'Resources and subresources, such as pods or pods/log; a star on either side of the slash stands for any.',
      { listType: 'atomic' },
    ),
    scope: string(within(2, 2, 4), 'Namespaced, Cluster, or * for both.'),
  },
);

export const matchResources = definition(
  'io.k8s.api.admissionregistration.v1.MatchResources',
  'Which requests a policy applies to.',
  {
    excludeResourceRules: list(
      4,
      namedRuleWithOperations,
      'What the policy does not apply to, whatever else says so.',
      { listType: 'atomic' },
    ),
    matchPolicy: string(
      7,
      'Whether rules are meant to the letter (Exact) or also cover other versions and groups of the same resource (Equivalent).',
      { enum: ['Exact', 'Equivalent'] },
    ),
    namespaceSelector: ref(
      1,
      labelSelector,
      'Labels of the namespace the object is in, or of the namespace itself; other cluster-scoped objects always match.',
    ),
    objectSelector: ref(
      2,
      labelSelector,
      'Labels of the object; either the new or the old one has to have them.',
    ),
    resourceRules: list(
      3,
      namedRuleWithOperations,
      'What the policy applies to; one of the rules has to match.',
      { listType: 'atomic' },
    ),
  },
);

export const matchCondition = definition(
  'io.k8s.api.admissionregistration.v1.MatchCondition',
  'A CEL expression that has to be true for a request to be looked at.',
  {
    expression: string(
      2,
      'CEL over object, oldObject, request, authorizer and, in policies, params, variables and namespaceObject; its value is a boolean.',
      { required: true },
    ),
    name: string(1, 'Name of the condition, for messages.', { required: true }),
  },
);

export const serviceReference = definition(
  'io.k8s.api.admissionregistration.v1.ServiceReference',
  'A service of the cluster that serves a webhook.',
  {
    name: string(2, 'Name of the service.', { required: true }),
    namespace: string(1, 'Namespace of the service.', { required: true }),
    path: string(3, 'Path to send requests to.'),
    port: int32(4, 'Port of the service; 443 when absent.'),
  },
);

export const webhookClientConfig = definition(
  'io.k8s.api.admissionregistration.v1.WebhookClientConfig',
  'Where a webhook is served and how it is known to be the right one.',
  {
    caBundle: bytes(
      2,
      "PEM certificates that the server's certificate is checked against; the system's own when absent.",
    ),
    service: ref(1, serviceReference, 'The service that serves it; either this or url is set.'),
    url: string(3, 'Where it is served, as https://host:port/path; either this or service is set.'),
  },
);
