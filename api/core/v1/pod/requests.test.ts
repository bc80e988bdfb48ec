import { test } from 'node:test';
import assert from 'node:assert/strict';
import type { Container, PodSpec } from '../types.js';
import { podLimits, podRequests, resourceTexts } from './requests.js';
import { qosClassOf } from './qos.js';

const asking = (
  requests: Record<string, string>,
  more: Partial<Container> & { limits?: Record<string, string> } = {},
): Container => {
  const { limits, ...rest } = more;
  return { name: 'c', resources: { requests, ...(limits && { limits }) }, ...rest };
};

test('podRequests takes the larger of running and starting containers, sidecars on both sides', () => {
  const spec: PodSpec = {
    initContainers: [
      asking({ cpu: '2' }),
      asking({ cpu: '300m' }, { restartPolicy: 'Always' }),
      asking({ cpu: '900m', memory: '1Gi' }),
    ],
    containers: [asking({ cpu: '500m', memory: '64Mi' }), asking({ cpu: '500m' })],
    overhead: { cpu: '10m' },
  };
  assert.deepEqual(resourceTexts(podRequests(spec)), { cpu: '2010m', memory: '1Gi' });
});

test('podRequests adds sidecars to the app containers', () => {
  const spec: PodSpec = {
    initContainers: [asking({ cpu: '1' }, { restartPolicy: 'Always' })],
    containers: [asking({ cpu: '1' })],
  };
  assert.deepEqual(resourceTexts(podRequests(spec)), { cpu: '2' });
});

test('podRequests prefers the resources of the pod as a whole', () => {
  const spec: PodSpec = {
    resources: { requests: { cpu: '3' } },
    containers: [asking({ cpu: '1', memory: '1Mi' })],
  };
  assert.deepEqual(resourceTexts(podRequests(spec)), { cpu: '3', memory: '1Mi' });
});

test('podLimits adds overhead only to what is limited', () => {
  const spec: PodSpec = {
    containers: [asking({}, { limits: { cpu: '1' } })],
    overhead: { cpu: '250m', memory: '1Mi' },
  };
  assert.deepEqual(resourceTexts(podLimits(spec)), { cpu: '1250m' });
});

test('qosClassOf follows requests and limits of every container', () => {
  const both = { cpu: '1', memory: '1Gi' };
  const cases: readonly (readonly [PodSpec, string])[] = [
    [{ containers: [{ name: 'c' }] }, 'BestEffort'],
    [{ containers: [asking({ cpu: '0' })] }, 'BestEffort'],
    [{ containers: [asking({ cpu: '1' })] }, 'Burstable'],
    [{ containers: [asking(both, { limits: { cpu: '1000m', memory: '1024Mi' } })] }, 'Guaranteed'],
    [{ containers: [asking(both, { limits: { cpu: '1', memory: '2Gi' } })] }, 'Burstable'],
    [{ containers: [asking(both, { limits: both }), { name: 'd' }] }, 'Burstable'],
    [
      { initContainers: [{ name: 'i' }], containers: [asking(both, { limits: both })] },
      'Burstable',
    ],
    [{ resources: { requests: both, limits: both }, containers: [{ name: 'c' }] }, 'Guaranteed'],
  ];
  for (const [spec, expected] of cases) assert.equal(qosClassOf(spec), expected);
});
