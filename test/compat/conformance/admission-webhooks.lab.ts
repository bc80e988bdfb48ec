/** What Kubernetes’ conformance tests ask of admission webhooks. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually } from '../../../testing/eventually.js';
import { sharedCluster } from '../../lab/cluster.js';
import { type Hook, WebhookHouse, configurationsOf, dataOf, refusesSoon } from './webhook-house.js';
import { WireClient } from './wire-client.js';

const api = new WireClient(sharedCluster().kubeconfig);
const house = new WebhookHouse(api, 'conformance-webhooks');
const { namespace } = house;
const configMaps = `/api/v1/namespaces/${namespace}/configmaps`;
const pods = `/api/v1/namespaces/${namespace}/pods`;

/** A pod that no scheduler takes. */
const podSpec = { schedulerName: 'nobody', containers: [{ name: 'main', image: 'web:v1' }] };
/** The schema of objects that may hold anything. */
const openSchema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

before(() => house.open());
after(async () => {
  await house.close();
  api.close();
});

describe('validating webhooks', () => {
  test('refuse creates, updates and patches, but not in namespaces that are exempt', () =>
    house.during('validating', [{ path: '/marked' }], async () => {
      await refusesSoon(
        () => house.create({ mark: 'forbidden' }),
        /^admission webhook "hook-0\.conformance\.example" denied the request: the mark is forbidden$/,
      );
      const name = (await house.create({ mark: 'fine' })).expect(201).textAt('metadata.name');
      const path = `${configMaps}/${name}`;
      const changed = { metadata: { name }, data: { mark: 'forbidden' } };
      (await api.put(path, changed)).refuses(400, /the mark is forbidden/);
      for (const kind of ['merge-patch', 'strategic-merge-patch'])
        (await api.patch(path, kind, { data: { mark: 'forbidden' } })).refuses(400, /forbidden/);
      (await house.create({ mark: 'forbidden' }, house.exempt)).expect(201);
    }));

  test('that cannot be called refuse everything, if they fail closed', () =>
    house.during(
      'validating',
      [{ path: '/marked', more: { clientConfig: { service: { name: 'hooks', namespace } } } }],
      async () => {
        await eventually(async () => {
          const refused = (await house.create({})).refuses(500, /failed calling webhook/);
          assert.equal(refused.at('reason'), 'InternalError');
        });
      },
    ));

  test('may take as long as their timeout says', async () => {
    const slow = (more: object): Hook => ({ path: '/slow', operations: ['CREATE'], more });
    await house.during('validating', [slow({ timeoutSeconds: 1 })], async () => {
      await eventually(async () => (await house.create({})).refuses(500, /deadline exceeded/));
    });
    await house.during(
      'validating',
      [slow({ timeoutSeconds: 1, failurePolicy: 'Ignore' })],
      async () => void (await house.create({})).expect(201),
    );
    await house.during('validating', [slow({})], async (path) => {
      assert.equal((await api.get(path)).at('webhooks[0].timeoutSeconds'), 10);
      (await house.create({})).expect(201);
    });
  });

  test('refuse that somebody attaches to a pod', () =>
    house.during(
      'validating',
      [{ path: '/never', resource: 'pods/attach', operations: ['CONNECT'] }],
      async () => {
        const pod = { metadata: { name: 'attached' }, spec: podSpec };
        (await api.post(pods, pod)).expect(201);
        await refusesSoon(() => api.get(`${pods}/attached/attach?stdin=true`), /never/);
        (await api.delete(`${pods}/attached`)).expect(200);
      },
    ));

  test('refuse definitions of custom resources', () =>
    house.during(
      'validating',
      [
        {
          path: '/never',
          group: 'apiextensions.k8s.io',
          resource: 'customresourcedefinitions',
          operations: ['CREATE'],
          more: { namespaceSelector: {}, objectSelector: { matchLabels: { webhooks: 'yes' } } },
        },
      ],
      async () => {
        const body = {
          metadata: { name: 'nevers.conformance.example', labels: { webhooks: 'yes' } },
          spec: {
            group: 'conformance.example',
            scope: 'Cluster',
            names: { plural: 'nevers', kind: 'Never' },
            versions: [
              { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: openSchema } },
            ],
          },
        };
        const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions?dryRun=All';
        await refusesSoon(() => api.post(definitions, body), /never/);
      },
    ));
});

describe('mutating webhooks', () => {
  const staged = { first: 'yes', second: 'yes', start: 'yes' };
  const stages = [{ path: '/stages' }, { path: '/stages' }];

  test('change an object one after the other', () =>
    house.during('mutating', stages, async () => {
      await eventually(async () => {
        assert.deepEqual(dataOf((await house.create({ start: 'yes' })).expect(201).json), staged);
      });
    }));

  test('change a pod before its defaults are filled in', () =>
    house.during('mutating', [{ path: '/prepares', resource: 'pods' }], async () => {
      await eventually(async () => {
        const pod = { metadata: { name: 'prepared' }, spec: podSpec };
        const created = (await api.post(`${pods}?dryRun=All`, pod)).expect(201);
        assert.equal(created.at('spec.initContainers[0].name'), 'added');
        assert.equal(created.at('spec.initContainers[0].terminationMessagePolicy'), 'File');
      });
    }));

  test('are asked for what their match conditions let through', () =>
    house.during(
      'mutating',
      [
        {
          path: '/stages',
          more: {
            matchConditions: [{ name: 'not-me', expression: "object.metadata.name != 'skip-me'" }],
          },
        },
      ],
      async () => {
        await eventually(async () => {
          assert.equal((await house.create({ start: 'yes' })).at('data.first'), 'yes');
        });
        const skipped = { metadata: { name: 'skip-me' }, data: { start: 'yes' } };
        assert.deepEqual(dataOf((await api.post(configMaps, skipped)).expect(201).json), {
          start: 'yes',
        });
      },
    ));
});

for (const type of ['mutating', 'validating'] as const) {
  describe(`configurations of ${type} webhooks`, () => {
    const hook = type === 'mutating' ? { path: '/stages' } : { path: '/marked' };
    /** Whether a webhook is asked about new ConfigMaps. */
    const isAsked = async (): Promise<boolean> => {
      const answer = await house.create({ start: 'yes', mark: 'forbidden' });
      return type === 'mutating' ? answer.at('data.first') === 'yes' : answer.code === 400;
    };
    const areAskedSoon = (expected: boolean): Promise<void> =>
      eventually(async () => {
        assert.equal(await isAsked(), expected);
      });

    test('take effect when they are updated and patched', () =>
      house.during(type, [hook], async (path) => {
        await areAskedSoon(true);
        const place = '/webhooks/0/rules/0/operations';
        const updated = (await api.get(path)).json as { webhooks: { rules: object[] }[] };
        Object.assign(updated.webhooks[0]?.rules[0] ?? {}, { operations: ['UPDATE'] });
        (await api.put(path, updated)).expect(200);
        await areAskedSoon(false);
        const patch = [{ op: 'replace', path: place, value: ['CREATE'] }];
        (await api.patch(path, 'json-patch', patch)).expect(200);
        await areAskedSoon(true);
      }));

    test('are listed and deleted many at a time', async () => {
      const labels = { set: 'ten' };
      for (let number = 0; number < 10; number += 1) {
        const body = {
          metadata: { name: `ten-${String(number)}`, labels },
          webhooks: [house.hook(hook)],
        };
        (await api.post(configurationsOf(type), body)).expect(201);
      }
      const selected = `${configurationsOf(type)}?labelSelector=set=ten`;
      assert.equal((await api.get(selected)).names().length, 10);
      await areAskedSoon(true);
      (await api.delete(selected)).expect(200);
      await areAskedSoon(false);
    });

    test('keep their match conditions and are refused when these do not compile', async () => {
      const condition = { name: 'one', expression: "object.metadata.namespace == 'production'" };
      const conditions = [condition, { ...condition, name: 'two' }];
      const with_ = (matchConditions: readonly object[]): Hook => ({
        ...hook,
        more: { matchConditions },
      });
      await house.during(type, [with_([condition])], async (path) => {
        const stored = await api.get(path);
        assert.deepEqual(stored.at('webhooks[0].matchConditions'), [condition]);
        const patch = [{ op: 'replace', path: '/webhooks/0/matchConditions', value: conditions }];
        (await api.patch(path, 'json-patch', patch)).expect(200);
        assert.deepEqual((await api.get(path)).at('webhooks[0].matchConditions'), conditions);
      });
      const bad = {
        metadata: { name: 'bad' },
        webhooks: [house.hook(with_([{ name: 'bad', expression: '... bad' }]))],
      };
      (await api.post(configurationsOf(type), bad)).refuses(422, /compilation failed/);
    });

    test('are not for webhooks to change or keep', async () => {
      const configurations = {
        group: 'admissionregistration.k8s.io',
        resource: `${type}webhookconfigurations`,
        operations: ['*'],
        more: { namespaceSelector: {} },
      };
      const probe = {
        metadata: { name: 'probe' },
        webhooks: [house.hook({ ...hook, resource: 'none' })],
      };
      await house.during(
        'validating',
        [{ path: '/never', ...configurations }, { path: '/marked' }],
        async () => {
          await refusesSoon(() => house.create({ mark: 'forbidden' }), /forbidden/);
          const created = (await api.post(configurationsOf(type), probe)).expect(201);
          assert.equal(created.at('metadata.labels'), undefined);
          (await api.delete(`${configurationsOf(type)}/probe`)).expect(200);
        },
      );
      await house.during(
        'mutating',
        [{ path: '/labels', ...configurations }, { path: '/stages' }],
        async () => {
          await eventually(async () => {
            assert.equal((await house.create({ start: 'yes' })).at('data.first'), 'yes');
          });
          const created = (await api.post(configurationsOf(type), probe)).expect(201);
          assert.equal(created.at('metadata.labels'), undefined);
          (await api.delete(`${configurationsOf(type)}/probe`)).expect(200);
        },
      );
    });
  });
}
