/**
 * The FlowSchemas and PriorityLevelConfigurations every cluster starts with, as Kubernetes has them. The mandatory ones are
 * what fairness cannot do without; the suggested ones people may change. Pure.
 */
import type { NewObject } from '../../meta/v1/types.js';
import type {
  FlowSchema,
  FlowSchemaSpec,
  PriorityLevelConfiguration,
  PriorityLevelConfigurationSpec,
  ResourcePolicyRule,
  Subject,
} from './types.js';

const apiVersion = 'flowcontrol.apiserver.k8s.io/v1';

/** Says whether the system may bring an object up to date; people set it to false. */
export const autoUpdateSpecAnnotation = 'apf.kubernetes.io/autoupdate-spec';

const metadata = (name: string) => ({ name, annotations: { [autoUpdateSpecAnnotation]: 'true' } });

const level = (
  name: string,
  spec: PriorityLevelConfigurationSpec,
): NewObject<PriorityLevelConfiguration> => ({
  apiVersion,
  kind: 'PriorityLevelConfiguration',
  metadata: metadata(name),
  spec,
});

interface Queues {
  readonly shares: number;
  readonly lendablePercent: number;
  readonly queues: number;
  readonly handSize: number;
}

const queuing = (name: string, { shares, lendablePercent, queues, handSize }: Queues) =>
  level(name, {
    type: 'Limited',
    limited: {
      nominalConcurrencyShares: shares,
      lendablePercent,
      limitResponse: { type: 'Queue', queuing: { queues, handSize, queueLengthLimit: 50 } },
    },
  });

/** Priority levels that must be there as they are. */
export const mandatoryPriorityLevels = [
  level('exempt', { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } }),
  level('catch-all', {
    type: 'Limited',
    limited: {
      nominalConcurrencyShares: 5,
      lendablePercent: 0,
      limitResponse: { type: 'Reject' },
    },
  }),
];

/** Priority levels that people may change. */
export const suggestedPriorityLevels = [
  queuing('system', { shares: 30, lendablePercent: 33, queues: 64, handSize: 6 }),
  queuing('node-high', { shares: 40, lendablePercent: 25, queues: 64, handSize: 6 }),
  queuing('leader-election', { shares: 10, lendablePercent: 0, queues: 16, handSize: 4 }),
  queuing('workload-high', { shares: 40, lendablePercent: 50, queues: 128, handSize: 6 }),
  queuing('workload-low', { shares: 100, lendablePercent: 90, queues: 128, handSize: 6 }),
  queuing('global-default', { shares: 20, lendablePercent: 50, queues: 128, handSize: 6 }),
];

const group = (name: string): Subject => ({ kind: 'Group', group: { name } });
const user = (name: string): Subject => ({ kind: 'User', user: { name } });
const account = (name: string): Subject => ({
  kind: 'ServiceAccount',
  serviceAccount: { name, namespace: 'kube-system' },
});

const everybody = [group('system:unauthenticated'), group('system:authenticated')];
const controllerManager = user('system:kube-controller-manager');
const scheduler = user('system:kube-scheduler');
const nodes = group('system:nodes');

const all = ['*'];
const anyResource: ResourcePolicyRule = {
  verbs: all,
  apiGroups: all,
  resources: all,
  clusterScope: true,
  namespaces: all,
};
const anyPath = { verbs: all, nonResourceURLs: all };
const anything = { resourceRules: [anyResource], nonResourceRules: [anyPath] };

const within = (
  verbs: string[],
  apiGroup: string,
  resources: string[],
  namespaces = all,
): ResourcePolicyRule => ({ verbs, apiGroups: [apiGroup], resources, namespaces });

type Rules = Omit<NonNullable<FlowSchemaSpec['rules']>[number], 'subjects'>;

interface Flow {
  readonly level: string;
  readonly precedence: number;
  readonly by?: 'ByUser' | 'ByNamespace';
  readonly subjects: readonly Subject[];
  readonly rules?: Rules;
}

const flow = (
  name: string,
  { level: levelName, precedence, by, subjects, rules = anything }: Flow,
): NewObject<FlowSchema> => ({
  apiVersion,
  kind: 'FlowSchema',
  metadata: metadata(name),
  spec: {
    priorityLevelConfiguration: { name: levelName },
    matchingPrecedence: precedence,
    ...(by === undefined ? {} : { distinguisherMethod: { type: by } }),
    rules: [{ subjects: [...subjects], ...rules }],
  },
});

/** FlowSchemas that must be there as they are. */
export const mandatoryFlowSchemas = [
  flow('exempt', { level: 'exempt', precedence: 1, subjects: [group('system:masters')] }),
  flow('catch-all', { level: 'catch-all', precedence: 10_000, by: 'ByUser', subjects: everybody }),
];

const elect = ['get', 'create', 'update'];
const leases = within(elect, 'coordination.k8s.io', ['leases']);

const systemFlows = [
  flow('probes', {
    level: 'exempt',
    precedence: 2,
    subjects: everybody,
    rules: {
      nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }],
    },
  }),
  flow('system-leader-election', {
    level: 'leader-election',
    precedence: 100,
    by: 'ByUser',
    subjects: [controllerManager, scheduler, account('*')],
    rules: { resourceRules: [leases] },
  }),
  flow('endpoint-controller', {
    level: 'workload-high',
    precedence: 150,
    by: 'ByUser',
    subjects: [
      controllerManager,
      account('endpoint-controller'),
      account('endpointslicemirroring-controller'),
    ],
    rules: { resourceRules: [within(elect, '', ['endpoints'])] },
  }),
  flow('workload-leader-election', {
    level: 'leader-election',
    precedence: 200,
    by: 'ByUser',
    subjects: [account('*')],
    rules: { resourceRules: [leases] },
  }),
  flow('system-node-high', {
    level: 'node-high',
    precedence: 400,
    by: 'ByUser',
    subjects: [nodes],
    rules: {
      resourceRules: [
        { ...within(all, '', ['nodes', 'nodes/status']), clusterScope: true },
        within(all, 'coordination.k8s.io', ['leases']),
      ],
    },
  }),
  flow('system-nodes', { level: 'system', precedence: 500, by: 'ByUser', subjects: [nodes] }),
];

/** FlowSchemas that people may change. */
export const suggestedFlowSchemas = [
  ...systemFlows,
  flow('kube-controller-manager', {
    level: 'workload-high',
    precedence: 800,
    by: 'ByNamespace',
    subjects: [controllerManager],
  }),
  flow('kube-scheduler', {
    level: 'workload-high',
    precedence: 800,
    by: 'ByNamespace',
    subjects: [scheduler],
  }),
  flow('kube-system-service-accounts', {
    level: 'workload-high',
    precedence: 900,
    by: 'ByNamespace',
    subjects: [account('*')],
  }),
  flow('service-accounts', {
    level: 'workload-low',
    precedence: 9000,
    by: 'ByUser',
    subjects: [group('system:serviceaccounts')],
  }),
  flow('global-default', {
    level: 'global-default',
    precedence: 9900,
    by: 'ByUser',
    subjects: everybody,
  }),
];
