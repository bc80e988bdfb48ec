import assert from 'node:assert/strict';
import { test } from 'node:test';
import { preReleaseResources } from '../api/pre-release-resources.js';
import { builtInResources } from '../api/resources.js';
import { parseConfig } from '../machinery/config/config.js';
import { openResources } from './open-resources.js';
import { servedResources, servingTable } from './runtime-config.js';

const all = [...builtInResources, ...preReleaseResources];

const parsed = (text: string) =>
  parseConfig(servingTable, { args: [`--runtime-config=${text}`], env: {} }).runtimeConfig;

const served = (text: string): ReadonlySet<string> =>
  new Set(
    servedResources(parsed(text), all).map(({ apiVersion, plural }) => `${apiVersion}/${plural}`),
  );

test('runtime-config serves stable versions alone unless it is told otherwise', async () => {
  assert.equal(await openResources({ runtimeConfig: parsed('') }), builtInResources);
  assert.equal(served('').size, builtInResources.length);
  assert.equal(served('api/all=true').size, all.length);
});

const slices = (version: string): string => `resource.k8s.io/${version}/resourceslices`;
const classes = (version: string): string => `resource.k8s.io/${version}/deviceclasses`;
const mutating = (version: string): string =>
  `admissionregistration.k8s.io/${version}/mutatingadmissionpolicies`;

for (const { given, on, off } of [
  {
    given: 'api/beta=true',
    on: [slices('v1beta2'), mutating('v1beta1'), slices('v1')],
    off: [mutating('v1alpha1')],
  },
  { given: 'api/alpha=true', on: [mutating('v1alpha1')], off: [mutating('v1beta1')] },
  {
    given: 'resource.k8s.io/v1beta2=true,api/beta=false',
    on: [slices('v1beta2')],
    off: [mutating('v1beta1')],
  },
  { given: 'resource.k8s.io/v1beta2', on: [slices('v1beta2')], off: [] },
  {
    given: 'resource.k8s.io/v1beta2/resourceslices=true',
    on: [slices('v1beta2')],
    off: [classes('v1beta2')],
  },
  {
    given: 'api/all=true, resource.k8s.io/v1beta2/resourceslices=0',
    on: [classes('v1beta2')],
    off: [slices('v1beta2')],
  },
  {
    given: 'resource.k8s.io/v1=false,apps/v1=False',
    on: ['v1/pods'],
    off: [slices('v1'), 'apps/v1/deployments'],
  },
  { given: 'apps/v1/daemonsets=false', on: ['apps/v1/deployments'], off: ['apps/v1/daemonsets'] },
  { given: '/v1=true', on: ['v1/pods'], off: [] },
]) {
  test(`runtime-config ${given} serves what is on`, () => {
    const names = served(given);
    for (const name of on) assert.ok(names.has(name), name);
    for (const name of off) assert.ok(!names.has(name), name);
  });
}

for (const [given, refusal] of [
  ['apps/v1=maybe', /apps\/v1 must be true or false, not maybe/],
  ['apps/v2=true', /there is no apps\/v2; there are api\/all, .*apps\/v1/],
  ['nonsense', /there is no nonsense/],
  ['apps/v1/pods=true', /apps\/v1 has no resource pods; it has .*deployments/],
  ['apps/v1/Deployments=false', /apps\/v1 has no resource Deployments/],
  ['v1=false', /Pintle itself needs v1;/],
  ['v1/pods=false', /Pintle itself needs v1;/],
  ['api/ga=false', /Pintle itself needs v1, admissionregistration.k8s.io\/v1, /],
] as const) {
  test(`runtime-config ${given} is refused with what would be right`, () => {
    assert.throws(() => served(given), { name: 'ConfigError', message: refusal });
  });
}
