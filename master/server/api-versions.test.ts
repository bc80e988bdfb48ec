import assert from 'node:assert/strict';
import test from 'node:test';
import { preReleaseResources } from '../../api/pre-release-resources.js';
import { builtInResources } from '../../api/resources.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { ResourceDefinition } from '../../api/schema/resource.js';
import { Api, mediaTypes } from './api-fixture.test.js';

const all = [...builtInResources, ...preReleaseResources];

function resource(apiVersion: string, plural: string): ResourceDefinition {
  const found = all.find((one) => one.apiVersion === apiVersion && one.plural === plural);
  assert.ok(found !== undefined, `${apiVersion} ${plural}`);
  return found;
}

const classes = (version: string) =>
  resource(`storage.k8s.io/${version}`, 'volumeattributesclasses');
const claims = (version: string) => resource(`resource.k8s.io/${version}`, 'resourceclaims');

const body = ({ apiVersion, kind }: ResourceDefinition, fields: object): object => ({
  apiVersion,
  kind,
  metadata: { name: 'a' },
  ...fields,
});

const driver = { driverName: 'd.example.com', parameters: { speed: '1' } };

test('an object is the same in every version it is served in', async () => {
  const api = await new Api(all).start();
  const beta = await api.post(classes('v1beta1'), body(classes('v1beta1'), driver));
  assert.equal(beta.apiVersion, 'storage.k8s.io/v1beta1');
  assert.deepEqual(api.warnings, [
    'storage.k8s.io/v1beta1 VolumeAttributesClass is deprecated in v1.34+, unavailable in v1.37+',
  ]);
  const stable = await api.get(classes('v1'));
  assert.deepEqual({ ...stable, apiVersion: beta.apiVersion }, beta);
  const patch = { metadata: { labels: { a: 'b' } } };
  await api.patch(classes('v1'), { type: mediaTypes.merge, body: patch });
  assert.deepEqual((await api.get(classes('v1beta1'))).metadata.labels, { a: 'b' });
});

test('an apply in one version keeps what the manager applied in another', async () => {
  const api = await new Api(all).start();
  const applied = (version: string, parameters: object) =>
    api.patch(classes(version), {
      type: mediaTypes.apply,
      query: 'fieldManager=m',
      body: body(classes(version), { ...driver, parameters }),
    });
  await applied('v1beta1', { speed: '1' });
  const { metadata } = await applied('v1', { speed: '1' });
  assert.deepEqual(
    metadata.managedFields?.map(({ apiVersion, operation }) => [apiVersion, operation]),
    [['storage.k8s.io/v1', 'Apply']],
  );
});

test('a claim of an older shape is a claim of today', async () => {
  const api = await new Api(all).start();
  const request = { name: 'gpu', deviceClassName: 'gpus', adminAccess: true };
  const spec = { devices: { requests: [request] } };
  const apply = {
    type: mediaTypes.apply,
    query: 'fieldManager=m',
    body: body(claims('v1beta1'), { spec }),
  };
  const older = await api.patch(claims('v1beta1'), apply);
  const requestsOf = (object: KubeObject): unknown =>
    (object as unknown as { spec: { devices: { requests: unknown } } }).spec.devices.requests;
  const wish = {
    deviceClassName: 'gpus',
    adminAccess: true,
    allocationMode: 'ExactCount',
    count: 1,
  };
  assert.deepEqual(requestsOf(older), [{ name: 'gpu', ...wish }]);
  assert.deepEqual(requestsOf(await api.get(claims('v1'))), [{ name: 'gpu', exactly: wish }]);
  assert.deepEqual(requestsOf(await api.get(claims('v1beta2'))), [{ name: 'gpu', exactly: wish }]);
  assert.deepEqual(await api.patch(claims('v1beta1'), apply), older);
});

test('what is not served is not there, and what was stored as it is stays', async () => {
  const betaAlone = all.filter(
    (one) => one.plural !== classes('v1').plural || one.version !== 'v1',
  );
  const api = await new Api(betaAlone).start();
  const made = await api.post(classes('v1beta1'), body(classes('v1beta1'), driver));
  assert.equal(made.apiVersion, 'storage.k8s.io/v1beta1');
  await assert.rejects(api.get(classes('v1')), { code: 404 });
});

test('the status of an alpha kind is written beside its spec', async () => {
  const api = await new Api(all).start();
  const rules = resource('resource.k8s.io/v1alpha3', 'devicetaintrules');
  const taint = { key: 'example.com/broken', effect: 'NoExecute' };
  const rule = await api.post(rules, body(rules, { spec: { taint } }));
  const condition = {
    type: 'EvictionInProgress',
    status: 'False',
    reason: 'Done',
    message: '',
    lastTransitionTime: '2026-01-02T03:04:05Z',
  };
  const status = { conditions: [condition] };
  const written = await api.put(rules, { ...rule, status, spec: {} } as KubeObject, {
    subresource: 'status',
  });
  assert.deepEqual((written as unknown as { status: object }).status, status);
  const beta = await api.get(resource('resource.k8s.io/v1beta2', 'devicetaintrules'));
  assert.deepEqual((beta as unknown as { status: object; spec: object }).status, status);
  assert.deepEqual(
    (beta as unknown as { spec: object }).spec,
    (rule as unknown as { spec: object }).spec,
  );
});
