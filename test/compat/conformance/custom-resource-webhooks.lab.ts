/** What Kubernetes’ conformance tests ask of admission webhooks for custom resources. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually } from '../../../testing/eventually.js';
import { sharedCluster } from '../../lab/cluster.js';
import { CustomKind } from './custom-kind.js';
import { type Hook, WebhookHouse, dataOf, refusesSoon } from './webhook-house.js';
import { WireClient } from './wire-client.js';

const api = new WireClient(sharedCluster().kubeconfig);
const house = new WebhookHouse(api, 'conformance-custom-webhooks');
const { namespace } = house;
/** The schema of objects that may hold anything. */
const openSchema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

before(() => house.open());
after(async () => {
  await house.close();
  api.close();
});

describe('webhooks for custom resources', () => {
  const widget = new CustomKind(api, 'HookedWidget');
  const pruned = new CustomKind(api, 'PrunedWidget');
  const forKind = (
    { group, plural }: CustomKind,
    path: string,
    operations?: readonly string[],
  ): Hook => ({
    path,
    group,
    resource: plural,
    ...(operations === undefined ? {} : { operations }),
  });
  const objectOf = ({ group, kind }: CustomKind, name: string, data: object): object => ({
    apiVersion: `${group}/v1`,
    kind,
    metadata: { name },
    data,
  });

  before(async () => {
    await widget.create({ v1: openSchema, v2: openSchema }, { namespaced: true });
    const data = {
      type: 'object',
      properties: { start: { type: 'string' }, first: { type: 'string' } },
    };
    await pruned.create({ v1: { type: 'object', properties: { data } } }, { namespaced: true });
  });
  after(async () => {
    await widget.delete();
    await pruned.delete();
  });

  test('refuse to create, update and delete them', () =>
    house.during(
      'validating',
      [forKind(widget, '/marked'), forKind(widget, '/kept', ['DELETE'])],
      async () => {
        const place = widget.in(namespace);
        await refusesSoon(
          () => api.post(place, objectOf(widget, 'one', { mark: 'forbidden' })),
          /the mark is forbidden/,
        );
        const kept = (await api.post(place, objectOf(widget, 'two', { mark: 'kept' }))).expect(201);
        const path = `${place}/two`;
        const worse = { ...(kept.json as object), data: { mark: 'forbidden' } };
        (await api.put(path, worse)).refuses(400, /the mark is forbidden/);
        (await api.delete(path)).refuses(400, /what is marked is kept/);
        (await api.patch(path, 'merge-patch', { data: { mark: 'fine' } })).expect(200);
        (await api.delete(path)).expect(200);
      },
    ));

  test('change them; what the schema does not know is pruned', async () => {
    for (const [kind, expected] of [
      [widget, { first: 'yes', second: 'yes', start: 'yes' }],
      [pruned, { first: 'yes', start: 'yes' }],
    ] as const)
      await house.during(
        'mutating',
        [forKind(kind, '/stages'), forKind(kind, '/stages')],
        async () => {
          const place = `${kind.in(namespace)}?dryRun=All`;
          await eventually(async () => {
            const answer = await api.post(place, objectOf(kind, 'changed', { start: 'yes' }));
            assert.deepEqual(dataOf(answer.expect(201).json), expected);
          });
        },
      );
  });

  test('change them in a version that is not the stored one', async () => {
    const place = widget.in(namespace);
    (await api.post(place, objectOf(widget, 'moved', { start: 'yes' }))).expect(201);
    const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    const version = (name: string): object => ({
      name,
      served: true,
      storage: name === 'v2',
      schema: { openAPIV3Schema: openSchema },
    });
    const versions = { spec: { versions: [version('v1'), version('v2')] } };
    const path = `${definitions}/${widget.definition}`;
    (await api.patch(path, 'merge-patch', versions)).expect(200);
    await house.during(
      'mutating',
      [forKind(widget, '/stages'), forKind(widget, '/stages')],
      async () => {
        const patch = [{ op: 'add', path: '/dummy', value: 'test' }];
        const second = `${widget.in(namespace, 'v2')}/moved`;
        await eventually(async () => {
          const moved = (await api.patch(second, 'json-patch', patch)).expect(200);
          assert.deepEqual(dataOf(moved.json), { first: 'yes', second: 'yes', start: 'yes' });
          assert.equal(moved.at('dummy'), 'test');
        });
      },
    );
  });
});
