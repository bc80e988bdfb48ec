/** What Kubernetes’ conformance tests ask of custom resources that a webhook converts between versions. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually } from '../../../testing/eventually.js';
import { valueAt } from '../../../testing/value-at.js';
import { sharedCluster } from '../../lab/cluster.js';
import { type ExtensionServer, startExtensionServer } from '../extension-server.js';
import { CustomKind } from './custom-kind.js';
import { WireClient } from './wire-client.js';

const api = new WireClient(sharedCluster().kubeconfig);
const namespace = 'conformance-conversion';
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const text = { type: 'string' };

interface Converted {
  readonly apiVersion: string;
  readonly hostPort?: string;
  readonly host?: string;
  readonly port?: string;
}

/** v1 has `hostPort`, v2 has `host` and `port`. */
function convert(object: Converted, desired: string): object {
  const { hostPort, host, port, ...rest } = object;
  const [first = host, second = port] = hostPort?.split(':') ?? [];
  return desired.endsWith('/v1')
    ? { ...rest, apiVersion: desired, hostPort: `${first ?? ''}:${second ?? ''}` }
    : { ...rest, apiVersion: desired, host: first, port: second };
}

describe('a conversion webhook', () => {
  const kind = new CustomKind(api, 'Converted');
  const [v1, v2] = [kind.in(namespace), kind.in(namespace, 'v2')];
  let server: ExtensionServer;

  before(async () => {
    (await api.post('/api/v1/namespaces', { metadata: { name: namespace } })).expect(201);
    server = await startExtensionServer({ dnsNames: [`convert.${namespace}.svc`] }, ({ body }) => {
      const request = valueAt(body, 'request') as {
        readonly uid: string;
        readonly desiredAPIVersion: string;
        readonly objects: readonly Converted[];
      };
      const { uid, desiredAPIVersion, objects } = request;
      const convertedObjects = objects.map((object) => convert(object, desiredAPIVersion));
      const response = { uid, convertedObjects, result: { status: 'Success' } };
      return { apiVersion: 'apiextensions.k8s.io/v1', kind: 'ConversionReview', response };
    });
    const [service, slice] = server.service('convert', namespace).split('---\n');
    for (const [place, yaml] of [
      [`/api/v1/namespaces/${namespace}/services`, service],
      [`/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`, slice],
    ] as const)
      (await api.post(place, yaml, 'application/yaml')).expect(201);
    const clientConfig = {
      caBundle: server.caBundle,
      service: { name: 'convert', namespace, path: '/convert' },
    };
    const webhook = { clientConfig, conversionReviewVersions: ['v1'] };
    await kind.create(
      {
        v1: { type: 'object', properties: { hostPort: text } },
        v2: { type: 'object', properties: { host: text, port: text } },
      },
      {
        namespaced: true,
        perVersion: {
          v1: { selectableFields: [{ jsonPath: '.hostPort' }] },
          v2: { selectableFields: [{ jsonPath: '.host' }, { jsonPath: '.port' }] },
        },
        spec: { conversion: { strategy: 'Webhook', webhook } },
      },
    );
  });
  after(async () => {
    await kind.delete();
    await api.delete(`/api/v1/namespaces/${namespace}`);
    await server.close();
    api.close();
  });

  test('shows an object in a version it was not written in', async () => {
    await kind.post({ metadata: { name: 'one' }, hostPort: 'host1:80' }, v1);
    const converted = await eventually(async () => (await api.get(`${v2}/one`)).expect(200));
    assert.deepEqual([converted.at('host'), converted.at('port')], ['host1', '80']);
    assert.equal(converted.at('apiVersion'), `${kind.group}/v2`);
  });

  test('shows objects stored in several versions in each', async () => {
    const stored = [
      { op: 'replace', path: '/spec/versions/0/storage', value: false },
      { op: 'replace', path: '/spec/versions/1/storage', value: true },
    ];
    (await api.patch(`${definitions}/${kind.definition}`, 'json-patch', stored)).expect(200);
    await eventually(async () => {
      const definition = await api.get(`${definitions}/${kind.definition}`);
      assert.deepEqual(definition.at('status.storedVersions'), ['v1', 'v2']);
    });
    const two = { apiVersion: `${kind.group}/v2`, metadata: { name: 'two' } };
    await kind.post({ ...two, host: 'host1', port: '8080' }, v2);
    const inV2 = (await api.get(v2)).expect(200).at('items') as readonly Converted[];
    assert.deepEqual(
      inV2.map(({ apiVersion, host, port }) => [apiVersion, host, port]),
      [
        [`${kind.group}/v2`, 'host1', '80'],
        [`${kind.group}/v2`, 'host1', '8080'],
      ],
    );
    const inV1 = (await api.get(v1)).expect(200).at('items') as readonly Converted[];
    assert.deepEqual(
      inV1.map(({ hostPort }) => hostPort),
      ['host1:80', 'host1:8080'],
    );
  });

  test('makes objects selectable by the fields of every version', async () => {
    const byHost = await api.watch(`${v2}?fieldSelector=host=host1`);
    const byBoth = await api.watch(`${v1}?fieldSelector=hostPort=host1:80`);
    await byHost.sees(['ADDED one', 'ADDED two']);
    await byBoth.sees(['ADDED one']);
    assert.deepEqual((await api.get(`${v2}?fieldSelector=host=host1,port=80`)).names(), ['one']);
    assert.deepEqual((await api.get(`${v1}?fieldSelector=hostPort=host1:8080`)).names(), ['two']);
    (await api.delete(`${v2}?fieldSelector=host=host1,port=80`)).expect(200);
    (await api.patch(`${v2}/two`, 'merge-patch', { host: 'host2' })).expect(200);
    await byHost.sees(['ADDED one', 'ADDED two', 'DELETED one', 'DELETED two']);
    await byBoth.sees(['ADDED one', 'DELETED one']);
    byHost.close();
    byBoth.close();
  });
});
