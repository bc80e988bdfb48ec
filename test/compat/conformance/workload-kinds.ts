/** Kinds that run pods, or decide on those that run. */
import {
  type Change,
  type KindCase,
  podSpec,
  reports,
  selector,
  set,
  template,
} from './kind-case.js';

const allowsDisruptions = (value: number): Change =>
  set(
    {
      status: { disruptionsAllowed: value, currentHealthy: 1, desiredHealthy: 0, expectedPods: 1 },
    },
    'status.disruptionsAllowed',
    value,
  );

const workload = { replicas: 0, selector, template };

const job = { suspend: true, template: { spec: { ...podSpec, restartPolicy: 'Never' } } };

const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'none' };

const metric = {
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } },
};

/** One case a kind, in the order of groups. */
export const workloadKinds: readonly KindCase[] = [
  {
    resource: 'controllerrevisions',
    groupVersion: 'apps/v1',
    kind: 'ControllerRevision',
    body: { revision: 1, data: { one: 1 } },
    change: set({ revision: 2 }, 'revision', 2),
  },
  {
    resource: 'daemonsets',
    groupVersion: 'apps/v1',
    kind: 'DaemonSet',
    body: {
      spec: {
        selector,
        template: { ...template, spec: { ...podSpec, nodeSelector: { none: 'such' } } },
      },
    },
    change: set({ spec: { minReadySeconds: 5 } }, 'spec.minReadySeconds', 5),
    status: reports(),
  },
  {
    resource: 'deployments',
    groupVersion: 'apps/v1',
    kind: 'Deployment',
    body: { spec: { ...workload, paused: true } },
    change: set({ spec: { minReadySeconds: 5 } }, 'spec.minReadySeconds', 5),
    status: reports(),
    scales: true,
  },
  {
    resource: 'replicasets',
    groupVersion: 'apps/v1',
    kind: 'ReplicaSet',
    body: { spec: workload },
    change: set({ spec: { minReadySeconds: 5 } }, 'spec.minReadySeconds', 5),
    status: reports(),
    scales: true,
  },
  {
    resource: 'statefulsets',
    groupVersion: 'apps/v1',
    kind: 'StatefulSet',
    body: { spec: { ...workload, serviceName: 'none' } },
    change: set({ spec: { minReadySeconds: 5 } }, 'spec.minReadySeconds', 5),
    status: reports(),
    scales: true,
  },
  {
    resource: 'horizontalpodautoscalers',
    groupVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    body: { spec: { maxReplicas: 3, scaleTargetRef: target, metrics: [metric] } },
    change: set({ spec: { maxReplicas: 4 } }, 'spec.maxReplicas', 4),
    status: set(
      { status: { currentReplicas: 2, desiredReplicas: 3 } },
      'status.currentReplicas',
      2,
    ),
  },
  {
    resource: 'horizontalpodautoscalers',
    groupVersion: 'autoscaling/v1',
    kind: 'HorizontalPodAutoscaler',
    body: { spec: { maxReplicas: 3, scaleTargetRef: target, targetCPUUtilizationPercentage: 50 } },
    change: set({ spec: { maxReplicas: 4 } }, 'spec.maxReplicas', 4),
    status: set(
      { status: { currentReplicas: 2, desiredReplicas: 3 } },
      'status.currentReplicas',
      2,
    ),
  },
  {
    resource: 'cronjobs',
    groupVersion: 'batch/v1',
    kind: 'CronJob',
    body: {
      spec: {
        schedule: '* */1 * * ?',
        suspend: true,
        jobTemplate: { spec: { template: job.template } },
      },
    },
    change: set({ spec: { concurrencyPolicy: 'Forbid' } }, 'spec.concurrencyPolicy', 'Forbid'),
    status: set(
      { status: { lastScheduleTime: '2026-01-01T00:00:00Z' } },
      'status.lastScheduleTime',
      '2026-01-01T00:00:00Z',
    ),
  },
  {
    resource: 'jobs',
    groupVersion: 'batch/v1',
    kind: 'Job',
    body: { spec: job },
    change: set({ spec: { backoffLimit: 3 } }, 'spec.backoffLimit', 3),
    status: reports(),
  },
  {
    resource: 'poddisruptionbudgets',
    groupVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    body: { spec: { selector, minAvailable: 1 } },
    change: set({ spec: { minAvailable: '60%' } }, 'spec.minAvailable', '60%'),
    status: allowsDisruptions(1),
  },
  {
    resource: 'priorityclasses',
    groupVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    clusterScoped: true,
    body: { value: 1000 },
    change: set({ description: 'said' }, 'description', 'said'),
  },
];
