/** What Kubernetes’ conformance tests ask of discovery, of other forms of answers, and of server-side apply to built-in kinds. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { valueAt } from '../../../testing/value-at.js';
import { sharedCluster } from '../../lab/cluster.js';
import { eventually } from '../../../testing/eventually.js';
import { CustomKind } from './custom-kind.js';
import { type Answer, WireClient } from './wire-client.js';

const api = new WireClient(sharedCluster().kubeconfig);
const namespace = 'conformance-apply';
const core = `/api/v1/namespaces/${namespace}`;

before(async () => {
  (await api.post('/api/v1/namespaces', { metadata: { name: namespace } })).expect(201);
  await eventually(async () => {
    (await api.get(`${core}/serviceaccounts/default`)).expect(200);
  });
});
after(async () => {
  await api.delete(`/api/v1/namespaces/${namespace}`);
  api.close();
});

describe('discovery', () => {
  const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  const builtIn = [
    '/v1/namespaces',
    'admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
    'apiextensions.k8s.io/v1/customresourcedefinitions',
    'apiregistration.k8s.io/v1/apiservices',
    'apps/v1/deployments',
    'authentication.k8s.io/v1/tokenreviews',
    'authorization.k8s.io/v1/selfsubjectaccessreviews',
    'autoscaling/v1/horizontalpodautoscalers',
    'autoscaling/v2/horizontalpodautoscalers',
    'batch/v1/jobs',
    'certificates.k8s.io/v1/certificatesigningrequests',
    'coordination.k8s.io/v1/leases',
    'discovery.k8s.io/v1/endpointslices',
    'events.k8s.io/v1/events',
    'networking.k8s.io/v1/ingresses',
    'node.k8s.io/v1/runtimeclasses',
    'policy/v1/poddisruptionbudgets',
    'scheduling.k8s.io/v1/priorityclasses',
    'storage.k8s.io/v1/csinodes',
  ];
  interface Discovery {
    readonly metadata: { readonly name?: string };
    readonly versions: readonly {
      readonly version: string;
      readonly resources: readonly { readonly resource: string }[];
    }[];
  }

  async function aggregatedResources(): Promise<readonly string[]> {
    const found: string[] = [];
    for (const path of ['/api', '/apis']) {
      const answer = (await api.get(path, { accept: aggregated })).expect(200);
      assert.equal(answer.headers['content-type'], aggregated);
      for (const { metadata, versions } of answer.at('items') as readonly Discovery[])
        for (const { version, resources } of versions)
          for (const { resource } of resources)
            found.push(`${metadata.name ?? ''}/${version}/${resource}`);
    }
    return found;
  }

  test('in one document has every group and resource, custom ones too', async () => {
    const found = await aggregatedResources();
    assert.deepEqual(
      builtIn.filter((resource) => !found.includes(resource)),
      [],
    );
    const kind = new CustomKind(api, 'Found');
    await kind.create({ v1: { type: 'object' } });
    await eventually(async () => {
      assert.ok((await aggregatedResources()).includes(`${kind.group}/v1/${kind.plural}`));
    });
    await kind.delete();
    await eventually(async () => {
      assert.ok(!(await aggregatedResources()).includes(`${kind.group}/v1/${kind.plural}`));
    });
  });

  test('of each group names a preferred version that it has, with its resources', async () => {
    interface Group {
      readonly name: string;
      readonly preferredVersion: { readonly groupVersion: string };
      readonly versions: readonly { readonly groupVersion: string }[];
    }
    const { groups } = (await api.get('/apis')).expect(200).json as { groups: readonly Group[] };
    assert.ok(groups.length > 15);
    for (const { name, preferredVersion, versions } of groups) {
      const single = (await api.get(`/apis/${name}`)).expect(200);
      assert.deepEqual(single.at('preferredVersion'), preferredVersion);
      assert.ok(
        versions.some(({ groupVersion }) => groupVersion === preferredVersion.groupVersion),
      );
      for (const { groupVersion } of versions) {
        const list = (await api.get(`/apis/${groupVersion}`)).expect(200);
        assert.equal(list.at('groupVersion'), groupVersion);
        assert.ok((list.at('resources') as readonly unknown[]).length > 0, groupVersion);
      }
    }
  });

  test('tells the version of the server in whole numbers', async () => {
    const version = (await api.get('/version')).expect(200);
    for (const part of ['major', 'minor']) assert.match(version.textAt(part), /^\d+$/);
  });
});

test('what is no list of objects cannot be made a table', async () => {
  const body = { spec: { resourceAttributes: { verb: 'get', resource: 'pods' } } };
  const answer = await api.request(
    'POST',
    '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    { body, headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } },
  );
  answer.expect(406);
});

test('a time-out of a request is a duration', async () => {
  (await api.get('/version?timeout=invalid')).refuses(
    400,
    /invalid timeout specified in the request URL/,
  );
  for (const timeout of ['3m', '0s']) (await api.get(`/version?timeout=${timeout}`)).expect(200);
});

describe('server-side apply', () => {
  const template = (more: object = {}, container: object = {}): object => ({
    metadata: { labels: { app: 'n' } },
    spec: { containers: [{ name: 'n', image: 'web:v1', ...container }], ...more },
  });
  const deployment = (name: string, spec: object): object => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels: { app: 'n' } },
    spec: { selector: { matchLabels: { app: 'n' } }, template: template(), ...spec },
  });
  const placeOf = (name: string): string =>
    `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;
  const apply = (name: string, manager: string, spec: object, more = ''): Promise<Answer> =>
    api.apply(placeOf(name), manager, deployment(name, { paused: true, ...spec }), more);

  const created: readonly (readonly [string, string, object, string])[] = [
    [
      'pods',
      'Pod',
      { schedulerName: 'nobody', containers: [{ name: 'test-container', image: 'test-image' }] },
      '{"f:spec":{"f:containers":{"k:{\\"name\\":\\"test-container\\"}":{".":{},"f:image":{},"f:name":{}}},"f:schedulerName":{}}}',
    ],
    [
      'services',
      'Service',
      { ports: [{ port: 8080, protocol: 'UDP' }] },
      '{"f:spec":{"f:ports":{"k:{\\"port\\":8080,\\"protocol\\":\\"UDP\\"}":{".":{},"f:port":{},"f:protocol":{}}}}}',
    ],
  ];
  for (const [plural, kind, spec, owned] of created) {
    test(`creates ${plural}, and two managers may own the same fields`, async () => {
      const place = `${core}/${plural}/applied`;
      const body = { apiVersion: 'v1', kind, metadata: { name: 'applied' }, spec };
      (await api.apply(place, 'one', body)).expect(201);
      (await api.get(place)).expect(200);
      const again = (await api.apply(place, 'two', body)).expect(200);
      const entries = again.at('metadata.managedFields') as readonly unknown[];
      for (const manager of ['one', 'two']) {
        const entry = entries.find((candidate) => valueAt(candidate, 'manager') === manager);
        assert.equal(JSON.stringify(valueAt(entry, 'fieldsV1')), owned);
      }
    });
  }

  test('changes the status through its subresource alone', async () => {
    const body = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'applied' },
      status: { conditions: [{ type: 'MyStatus', status: 'True' }] },
    };
    const place = `${core}/pods/applied`;
    (await api.apply(place, 'status', body)).expect(200);
    assert.doesNotMatch((await api.get(place)).text, /"type":"MyStatus"/);
    (await api.apply(`${place}/status`, 'status', body)).expect(200);
    assert.match((await api.get(place)).text, /"type":"MyStatus"/);
  });

  test('removes what its manager no longer declares, unless others own it', async () => {
    const ports = [{ containerPort: 80, protocol: 'TCP' }];
    (await apply('alone', 'one', { template: template({}, { ports }) })).expect(201);
    const without = (await apply('alone', 'one', {})).expect(200);
    assert.equal(without.at('spec.template.spec.containers[0].ports'), undefined);

    const shared = { replicas: 3, template: template({ hostname: 'test-hostname' }) };
    (await apply('shared', 'one', shared)).expect(201);
    (await apply('shared', 'two', shared)).expect(200);
    const kept = (await apply('shared', 'one', {})).expect(200);
    assert.equal(kept.at('spec.replicas'), 3);
    assert.equal(kept.at('spec.template.spec.hostname'), 'test-hostname');
  });

  test('yields to an update, and takes back by force', async () => {
    (await apply('contested', 'one', { replicas: 3 })).expect(201);
    (await api.patch(placeOf('contested'), 'merge-patch', { spec: { replicas: 5 } })).expect(200);
    const conflict = (await apply('contested', 'one', { replicas: 3 })).expect(409);
    assert.equal(conflict.at('details.causes[0].field'), '.spec.replicas');
    const silent = (await apply('contested', 'one', {})).expect(200);
    assert.equal(silent.at('spec.replicas'), 5);
    const forced = (await apply('contested', 'one', { replicas: 3 }, '&force=true')).expect(200);
    assert.equal(forced.at('spec.replicas'), 3);
  });
});
