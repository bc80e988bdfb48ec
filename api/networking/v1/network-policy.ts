import { fillZeroValues } from '../../schema/zero-values.js';
import { ageColumn, nameColumn } from '../../meta/columns.js';
import { defineResource } from '../../schema/resource.js';
import { formatLabelSelector } from '../../selectors/label.js';
import { validateNetworkPolicy, warnOfRanges } from './network-policy-validation.js';
import type { NetworkPolicy, NetworkPolicySpec } from './types.js';
import { definition, int32, intOrString, list, ref, string } from '../../schema/schema.js';
import { labelSelector } from '../../meta/v1/label-selector.js';
import { objectFields } from '../../meta/v1/object-meta.js';

export const networkPolicyPort = definition(
  'io.k8s.api.networking.v1.NetworkPolicyPort',
  'A port or a range of ports.',
  {
    endPort: int32(3, 'The last port of a range that starts at the port, which then is a number.'),
    port: intOrString(2, 'The number of the port, or its name in the pod; every port when absent.'),
    protocol: string(1, 'TCP, UDP or SCTP; TCP when absent.'),
  },
);

export const ipBlock = definition(
  'io.k8s.api.networking.v1.IPBlock',
  'A range of addresses with holes.',
  {
    cidr: string(1, 'The range, such as 192.168.1.0/24 or 2001:db8::/64.', { required: true }),
    except: list(2, 'string', 'Ranges within it that do not count.', { listType: 'atomic' }),
  },
);

export const networkPolicyPeer = definition(
  'io.k8s.api.networking.v1.NetworkPolicyPeer',
  'A side of the traffic: pods, pods of namespaces, or addresses.',
  {
    ipBlock: ref(3, ipBlock, 'A range of addresses; stands alone.'),
    namespaceSelector: ref(
      2,
      labelSelector,
      'The namespaces of the pods; all when empty, the namespace of the policy when absent.',
    ),
    podSelector: ref(
      1,
      labelSelector,
      'The pods, within the namespaces meant; all when empty or absent.',
    ),
  },
);

export const networkPolicyEgressRule = definition(
  'io.k8s.api.networking.v1.NetworkPolicyEgressRule',
  'Traffic that may go out: to any of the peers at any of the ports.',
  {
    ports: list(1, networkPolicyPort, 'The ports that may be reached; all when empty.', {
      listType: 'atomic',
    }),
    to: list(2, networkPolicyPeer, 'Who may be sent to; everybody when empty.', {
      listType: 'atomic',
    }),
  },
);

export const networkPolicyIngressRule = definition(
  'io.k8s.api.networking.v1.NetworkPolicyIngressRule',
  'Traffic that may come in: from any of the peers to any of the ports.',
  {
    from: list(2, networkPolicyPeer, 'Who may send; everybody when empty.', { listType: 'atomic' }),
    ports: list(
      1,
      networkPolicyPort,
      'The ports of the pods that may be reached; all when empty.',
      { listType: 'atomic' },
    ),
  },
);

export const networkPolicySpec = definition(
  'io.k8s.api.networking.v1.NetworkPolicySpec',
  'The pods a policy is for and what it lets through.',
  {
    egress: list(
      3,
      networkPolicyEgressRule,
      'What the pods may send to; nothing when empty while the policy is for egress.',
      { listType: 'atomic' },
    ),
    ingress: list(
      2,
      networkPolicyIngressRule,
      'What the pods may receive; nothing when empty while the policy is for ingress.',
      { listType: 'atomic' },
    ),
    podSelector: ref(
      1,
      labelSelector,
      'The pods of the namespace the policy is for; empty stands for all of them.',
    ),
    policyTypes: list(
      4,
      'string',
      'The directions the policy restricts: Ingress, Egress or both; when absent, Ingress, and Egress where there are egress rules.',
      { enum: ['Ingress', 'Egress'], listType: 'atomic' },
    ),
  },
);

export const networkPolicy = definition(
  'io.k8s.api.networking.v1.NetworkPolicy',
  'Says which traffic some pods may receive and send.',
  {
    ...objectFields,
    spec: ref(2, networkPolicySpec, 'What is wanted.'),
  },
);

function defaultNetworkPolicy(draft: NetworkPolicy): void {
  const spec: NetworkPolicySpec = ((draft as { spec?: NetworkPolicySpec }).spec ??= {});
  fillZeroValues(networkPolicy, draft);
  spec.podSelector ??= {};
  for (const { ports } of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
    for (const port of ports ?? []) port.protocol ??= 'TCP';
  }
  if ((spec.policyTypes ?? []).length === 0) {
    spec.policyTypes = (spec.egress ?? []).length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
  }
}

/** NetworkPolicies: which traffic pods may receive and send. */
export const networkPolicies = defineResource<NetworkPolicy>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  scope: 'Namespaced',
  shortNames: ['netpol'],
  refusalGroup: 'extensions',
  schema: networkPolicy,
  defaults: defaultNetworkPolicy,
  validate: validateNetworkPolicy,
  strategy: { tracksGeneration: true, warnings: warnOfRanges },
  columns: [
    nameColumn,
    {
      name: 'Pod-Selector',
      type: 'string',
      description: 'The pods the policy is for.',
      priority: 0,
      cell: ({ spec }) => formatLabelSelector(spec.podSelector),
    },
    ageColumn,
  ],
});
