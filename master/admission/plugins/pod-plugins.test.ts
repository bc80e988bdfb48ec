import assert from 'node:assert/strict';
import test from 'node:test';
import type { Pod, Toleration } from '../../../api/core/v1/types.js';
import type { AdmissionPlugin, AdmissionReader } from '../admission.js';
import { podWith, readerOf, refusalOf, requestOf, resourceNamed } from '../fixtures.test.js';
import type { Held } from '../fixtures.test.js';
import { alwaysPullImages } from './always-pull-images.js';
import { defaultTolerationSeconds } from './default-toleration-seconds.js';
import { extendedResourceToleration } from './extended-resource-toleration.js';
import { limitPodHardAntiAffinityTopology } from './limit-pod-hard-anti-affinity-topology.js';
import { podNodeSelector } from './pod-node-selector.js';
import { podTolerationRestriction } from './pod-toleration-restriction.js';
import { podTopologyLabels } from './pod-topology-labels.js';
import { priority } from './priority.js';
import { runtimeClass } from './runtime-class.js';

const admit = (plugin: AdmissionPlugin, pod: Pod): Promise<string | undefined> =>
  refusalOf(plugin, requestOf({ object: pod }));

const priorityClass = (name: string, value: number, more: object = {}): Held => ({
  group: 'scheduling.k8s.io',
  plural: 'priorityclasses',
  object: { metadata: { name }, value, ...more },
});

test('Priority gives a pod the number of its class, or of the default class', async () => {
  const reader = readerOf([
    priorityClass('high', 1000),
    priorityClass('calm', 5, { preemptionPolicy: 'Never', globalDefault: true }),
  ]);
  const cases = [
    { className: 'high', value: 1000, policy: 'PreemptLowerPriority', named: 'high' },
    { className: undefined, value: 5, policy: 'Never', named: 'calm' },
    {
      className: 'system-node-critical',
      value: 2_000_001_000,
      policy: 'PreemptLowerPriority',
      named: 'system-node-critical',
    },
  ];
  for (const { className, value, policy, named } of cases) {
    const pod = podWith(className === undefined ? {} : { priorityClassName: className });
    assert.equal(await admit(priority(reader), pod), undefined);
    assert.equal(pod.spec.priority, value);
    assert.equal(pod.spec.preemptionPolicy, policy);
    assert.equal(pod.spec.priorityClassName, named);
  }
});

test('Priority refuses unknown classes and numbers of the user’s own', async () => {
  const plugin = priority(readerOf([priorityClass('high', 1000)]));
  const cases: readonly (readonly [Partial<Pod['spec']>, string])[] = [
    [{ priorityClassName: 'no' }, 'no PriorityClass with name no was found'],
    [
      { priorityClassName: 'high', priority: 3 },
      'the integer value of priority (3) must not be provided in pod spec; priority admission controller computed 1000 from the given PriorityClass name',
    ],
    [
      { priorityClassName: 'high', preemptionPolicy: 'Never' },
      'the string value of PreemptionPolicy (Never) must not be provided in pod spec; priority admission controller computed PreemptLowerPriority from the given PriorityClass name',
    ],
  ];
  for (const [spec, why] of cases) {
    assert.equal(await admit(plugin, podWith(spec)), `pods "p" is forbidden: ${why}`);
  }
});

test('Priority allows one default class', async () => {
  const resource = resourceNamed('scheduling.k8s.io', 'priorityclasses', 'Cluster');
  const reader = readerOf([priorityClass('first', 1, { globalDefault: true })]);
  const wanted = (name: string) => ({ metadata: { name }, value: 2, globalDefault: true });
  assert.match(
    (await refusalOf(priority(reader), requestOf({ resource, object: wanted('second') }))) ?? '',
    /PriorityClass first is already marked as default. Only one default can exist/,
  );
  const update = { resource, operation: 'UPDATE', object: wanted('first') } as const;
  assert.equal(await refusalOf(priority(reader), requestOf(update)), undefined);
});

test('DefaultTolerationSeconds adds what is not tolerated already', async () => {
  const own: Toleration = { key: 'node.kubernetes.io/not-ready', operator: 'Exists' };
  const pod = podWith({ tolerations: [own] });
  await admit(defaultTolerationSeconds({ notReady: 60, unreachable: 300 }), pod);
  assert.deepEqual(pod.spec.tolerations, [
    own,
    {
      key: 'node.kubernetes.io/unreachable',
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: 300,
    },
  ]);
});

test('AlwaysPullImages changes every container that is new', async () => {
  const pod = podWith({ containers: [{ name: 'c', image: 'x:1', imagePullPolicy: 'Never' }] });
  assert.equal(await admit(alwaysPullImages, pod), undefined);
  assert.equal(pod.spec.containers[0]?.imagePullPolicy, 'Always');
  const stored = podWith({ containers: [{ name: 'c', image: 'x:1', imagePullPolicy: 'Never' }] });
  const object = structuredClone(stored);
  await refusalOf(alwaysPullImages, requestOf({ operation: 'UPDATE', object, stored }));
  assert.equal(object.spec.containers[0]?.imagePullPolicy, 'Never');
});

test('AlwaysPullImages changes ephemeral containers, too', async () => {
  const stored = podWith({});
  const debug = { name: 'debug', image: 'private:1', imagePullPolicy: 'Never' };
  const object = podWith({ ephemeralContainers: [debug] });
  const subresource = 'ephemeralcontainers';
  const request = requestOf({ operation: 'UPDATE', subresource, object, stored });
  assert.equal(await refusalOf(alwaysPullImages, request), undefined);
  assert.equal(object.spec.ephemeralContainers?.[0]?.imagePullPolicy, 'Always');
});

const namespaceWith = (annotations: object): AdmissionReader =>
  readerOf([{ group: '', plural: 'namespaces', object: { metadata: { name: 'n', annotations } } }]);

test('PodNodeSelector merges the namespace’s selector and refuses a conflict', async () => {
  const reader = namespaceWith({ 'scheduler.alpha.kubernetes.io/node-selector': 'a=1, b=2' });
  const plugin = podNodeSelector(reader, { standard: { c: '4' }, allowed: new Map() });
  const pod = podWith({ nodeSelector: { c: '3' } });
  assert.equal(await admit(plugin, pod), undefined);
  assert.deepEqual(pod.spec.nodeSelector, { c: '3', a: '1', b: '2' });
  assert.equal(
    await admit(plugin, podWith({ nodeSelector: { a: '9' } })),
    'pods "p" is forbidden: pod node label selector conflicts with its namespace node label selector',
  );
});

test('PodNodeSelector knows the cluster’s selector and what a namespace may select by', async () => {
  const allowed = new Map([['n', { a: '1', b: '2' }]]);
  const plugin = podNodeSelector(namespaceWith({}), { standard: { a: '1' }, allowed });
  const pod = podWith({ nodeSelector: { b: '2' } });
  assert.equal(await admit(plugin, pod), undefined);
  assert.deepEqual(pod.spec.nodeSelector, { a: '1', b: '2' });
  assert.equal(
    await admit(plugin, podWith({ nodeSelector: { z: '1' } })),
    'pods "p" is forbidden: pod node label selector labels conflict with its namespace whitelist',
  );
});

test('PodTolerationRestriction gives tolerations and checks the list', async () => {
  const given = [{ key: 'k', operator: 'Exists', effect: 'NoSchedule' }] as const;
  const text = JSON.stringify(given);
  const [defaults, whitelist] = ['defaultTolerations', 'tolerationsWhitelist'].map(
    (name) => `scheduler.alpha.kubernetes.io/${name}`,
  ) as [string, string];
  const settings = { standard: given, allowed: given };
  const other: Toleration = { key: 'z', operator: 'Exists' };
  const cases = [
    [{ [defaults]: text, [whitelist]: text }, { standard: [], allowed: [] }, 'namespace'],
    [{}, settings, 'cluster'],
  ] as const;
  for (const [annotations, told, whose] of cases) {
    const plugin = podTolerationRestriction(namespaceWith(annotations), told);
    const pod = podWith();
    assert.equal(await admit(plugin, pod), undefined);
    assert.deepEqual(pod.spec.tolerations, given);
    assert.equal(
      await admit(plugin, podWith({ tolerations: [other] })),
      `pods "p" is forbidden: pod tolerations (possibly merged with namespace default tolerations) conflict with its ${whose} whitelist`,
    );
  }
  const open = podTolerationRestriction(
    namespaceWith({ [defaults]: '', [whitelist]: '' }),
    settings,
  );
  const pod = podWith({ tolerations: [other] });
  assert.equal(await admit(open, pod), undefined);
  assert.deepEqual(pod.spec.tolerations, [other]);
});

test('ExtendedResourceToleration tolerates the taint of each device', async () => {
  const requests = { cpu: '1', 'example.com/b': '1', 'example.com/a': '2' };
  const pod = podWith({ containers: [{ name: 'c', resources: { requests } }] });
  await admit(extendedResourceToleration, pod);
  assert.deepEqual(
    pod.spec.tolerations?.map(({ key }) => key),
    ['example.com/a', 'example.com/b'],
  );
});

test('LimitPodHardAntiAffinityTopology allows the host name only', async () => {
  const affine = (topologyKey: string) =>
    podWith({
      affinity: {
        podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey }] },
      },
    });
  const plugin = limitPodHardAntiAffinityTopology;
  assert.equal(await admit(plugin, affine('kubernetes.io/hostname')), undefined);
  assert.match((await admit(plugin, affine('zone'))) ?? '', /has TopologyKey zone but only key/);
});

const runtimeClasses = readerOf([
  {
    group: 'node.k8s.io',
    plural: 'runtimeclasses',
    object: {
      metadata: { name: 'kata' },
      handler: 'kata',
      overhead: { podFixed: { memory: '64Mi' } },
      scheduling: {
        nodeSelector: { kata: 'yes' },
        tolerations: [{ key: 'k', operator: 'Exists' }],
      },
    },
  },
]);

test('RuntimeClass brings overhead, selector and tolerations', async () => {
  const pod = podWith({ runtimeClassName: 'kata' });
  assert.equal(await admit(runtimeClass(runtimeClasses), pod), undefined);
  assert.deepEqual(pod.spec.overhead, { memory: '64Mi' });
  assert.deepEqual(pod.spec.nodeSelector, { kata: 'yes' });
  assert.deepEqual(pod.spec.tolerations, [{ key: 'k', operator: 'Exists' }]);
});

test('RuntimeClass refuses what its class does not say', async () => {
  const cases: readonly (readonly [Partial<Pod['spec']>, string])[] = [
    [{ runtimeClassName: 'no' }, 'pod rejected: RuntimeClass "no" not found'],
    [
      { overhead: { cpu: '1' } },
      'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead',
    ],
    [
      { runtimeClassName: 'kata', overhead: { memory: '1Mi' } },
      "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead",
    ],
    [
      { runtimeClassName: 'kata', nodeSelector: { kata: 'no' } },
      'conflict: runtimeClass.scheduling.nodeSelector[kata] = yes; pod.spec.nodeSelector[kata] = no',
    ],
  ];
  for (const [spec, why] of cases) {
    const message = await admit(runtimeClass(runtimeClasses), podWith(spec));
    assert.equal(message, `pods "p" is forbidden: ${why}`);
  }
});

test('PodTopologyLabels copies the zone of the node to what is bound to it', async () => {
  const zone = 'topology.kubernetes.io/zone';
  const node = { metadata: { name: 'node', labels: { [zone]: 'z1', other: 'x' } } };
  const plugin = podTopologyLabels(readerOf([{ group: '', plural: 'nodes', object: node }]));
  const labelsOf = async (object: { metadata: object }, subresource: string): Promise<unknown> => {
    await refusalOf(plugin, requestOf({ subresource, object }));
    return (object.metadata as { labels?: unknown }).labels;
  };
  const binding = (kind: string, metadata = {}) => ({
    metadata: { name: 'p', ...metadata },
    target: { kind, name: 'node' },
  });
  assert.deepEqual(await labelsOf(binding('Node'), 'binding'), { [zone]: 'z1' });
  const labels = { [zone]: 'own' };
  assert.deepEqual(await labelsOf(binding('Node', { labels }), 'binding'), labels);
  assert.equal(await labelsOf(binding(''), 'binding'), undefined);
  assert.deepEqual(await labelsOf(podWith({ nodeName: 'node' }), ''), { [zone]: 'z1' });
  assert.equal(await labelsOf(podWith(), ''), undefined);
});
