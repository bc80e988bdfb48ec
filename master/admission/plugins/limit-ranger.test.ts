import assert from 'node:assert/strict';
import test from 'node:test';
import type { AdmissionPlugin } from '../admission.js';
import { podWith, readerOf, refusalOf, requestOf, resourceNamed } from '../fixtures.test.js';
import { limitRanger } from './limit-ranger.js';

const withLimits = (...limits: readonly object[]): AdmissionPlugin =>
  limitRanger(
    readerOf([
      {
        group: '',
        plural: 'limitranges',
        object: { metadata: { name: 'l', namespace: 'n' }, spec: { limits } },
      },
    ]),
  );

const withResources = (requests: object, limits: object) =>
  podWith({
    containers: [
      {
        name: 'c',
        resources: { requests: { ...requests }, limits: { ...limits } },
      },
    ],
  });

test('LimitRanger fills in defaults and says so', async () => {
  const plugin = withLimits({
    type: 'Container',
    default: { cpu: '1', memory: '1Gi' },
    defaultRequest: { cpu: '100m' },
  });
  const pod = podWith({ initContainers: [{ name: 'i', resources: { limits: { cpu: '2' } } }] });
  assert.equal(await refusalOf(plugin, requestOf({ object: pod })), undefined);
  assert.deepEqual(pod.spec.containers[0]?.resources, {
    limits: { cpu: '1', memory: '1Gi' },
    requests: { cpu: '100m' },
  });
  assert.deepEqual(pod.spec.initContainers?.[0]?.resources?.limits, { cpu: '2', memory: '1Gi' });
  assert.equal(
    pod.metadata.annotations?.['kubernetes.io/limit-ranger'],
    'LimitRanger plugin set: cpu request for container c; cpu, memory limit for container c; cpu request for init container i; memory limit for init container i',
  );
});

test('LimitRanger refuses what crosses a bound, in Kubernetes’ words', async () => {
  const cases: readonly (readonly [object, object, object, string])[] = [
    [
      { type: 'Container', min: { cpu: '100m' } },
      {},
      {},
      'minimum cpu usage per Container is 100m.  No request is specified',
    ],
    [
      { type: 'Container', min: { cpu: '100m' } },
      { cpu: '50m' },
      {},
      'minimum cpu usage per Container is 100m, but request is 50m',
    ],
    [
      { type: 'Container', max: { memory: '1Gi' } },
      {},
      {},
      'maximum memory usage per Container is 1Gi.  No limit is specified',
    ],
    [
      { type: 'Container', max: { memory: '1Gi' } },
      { memory: '1Gi' },
      { memory: '2Gi' },
      'maximum memory usage per Container is 1Gi, but limit is 2Gi',
    ],
    [
      { type: 'Pod', max: { cpu: '1', memory: '1Gi' } },
      { cpu: '2', memory: '2Gi' },
      { cpu: '2', memory: '2Gi' },
      '[maximum cpu usage per Pod is 1, but limit is 2, maximum memory usage per Pod is 1Gi, but limit is 2Gi]',
    ],
    [
      { type: 'Container', maxLimitRequestRatio: { cpu: '2' } },
      { cpu: '100m' },
      { cpu: '250m' },
      'cpu max limit to request ratio per Container is 2, but provided ratio is 2.500000',
    ],
    [
      { type: 'Container', maxLimitRequestRatio: { cpu: '2' } },
      {},
      { cpu: '1' },
      'cpu max limit to request ratio per Container is 2, but no request is specified or request is 0',
    ],
  ];
  for (const [limit, requests, limits, why] of cases) {
    const object = withResources(requests, limits);
    const message = await refusalOf(withLimits(limit), requestOf({ object }));
    assert.equal(message, `pods "p" is forbidden: ${why}`);
  }
});

test('LimitRanger bounds volume claims, and leaves other namespaces and pod updates alone', async () => {
  const plugin = withLimits({
    type: 'PersistentVolumeClaim',
    min: { storage: '1Gi' },
    max: { storage: '2Gi' },
  });
  const resource = resourceNamed('', 'persistentvolumeclaims');
  const claim = (storage: string) => ({
    metadata: { name: 'c' },
    spec: { resources: { requests: { storage } } },
  });
  const ask = (storage: string, namespace = 'n') =>
    refusalOf(plugin, requestOf({ resource, namespace, object: claim(storage) }));
  assert.match((await ask('3Gi')) ?? '', /maximum storage usage per PersistentVolumeClaim is 2Gi/);
  assert.match((await ask('1Mi')) ?? '', /minimum storage usage per PersistentVolumeClaim is 1Gi/);
  assert.equal(await ask('3Gi', 'other'), undefined);
  const bounded = withLimits({ type: 'Container', min: { cpu: '1' } });
  const update = { operation: 'UPDATE', object: podWith(), stored: podWith() } as const;
  assert.equal(await refusalOf(bounded, requestOf(update)), undefined);
});

test('LimitRanger bounds what a pod asks for, not what its runtime takes beside', async () => {
  const plugin = withLimits({ type: 'Pod', max: { cpu: '1' } });
  const container = { name: 'c', resources: { requests: { cpu: '1' }, limits: { cpu: '1' } } };
  const object = podWith({ containers: [container], overhead: { cpu: '500m' } });
  assert.equal(await refusalOf(plugin, requestOf({ object })), undefined);
});
