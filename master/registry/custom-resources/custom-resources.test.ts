import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionVersion,
} from '../../../api/apiextensions/v1/types.js';
import { customResourceDefinitions } from '../../../api/apiextensions/v1/custom-resource-definition.js';
import { isStatusError } from '../../../api/meta/status-error.js';
import type { KubeObject } from '../../../api/meta/v1/types.js';
import type { ResourceDefinition } from '../../../api/schema/resource.js';
import { systemClock } from '../../../machinery/clock/clock.js';
import { systemRandom } from '../../../machinery/clock/random.js';
import { silentLogger } from '../../../machinery/log/log.js';
import { eventually } from '../../../testing/eventually.js';
import { openMemoryStore } from '../../store/memory.js';
import { createResourceStore } from '../../watch/resource-cache.js';
import { admitAll } from '../hooks.js';
import type { WriteContext } from '../hooks.js';
import { storePrefix } from '../object-key.js';
import { Registries } from '../registries.js';
import { ResourceRegistry } from '../resource-registry.js';
import { CustomResourceLifecycle, definitionHooks } from './lifecycle.js';
import { namedStatus } from './names.js';
import { CustomResources } from './serving.js';
import { compareVersions } from './versions.js';
import type { CallWebhook } from './webhook-conversion.js';

const clock = systemClock;
const random = systemRandom;
const stamps = { clock, random };
const context = (): WriteContext => ({
  dryRun: false,
  admission: admitAll,
  requester: { username: 'test', groups: [] },
  warnings: [],
});

const version = (
  name: string,
  options: Partial<CustomResourceDefinitionVersion> = {},
): CustomResourceDefinitionVersion => ({
  name,
  served: true,
  storage: false,
  schema: {
    openAPIV3Schema: {
      type: 'object',
      properties: {
        spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        [`only-${name}`]: { type: 'string' },
      },
    },
  },
  ...options,
});

function definition(options: {
  readonly plural?: string;
  readonly kind?: string;
  readonly versions?: CustomResourceDefinitionVersion[];
  readonly conversion?: CustomResourceDefinition['spec']['conversion'];
}): CustomResourceDefinition {
  const { plural = 'widgets', kind = 'Widget', conversion } = options;
  const crd = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.e.com` },
    spec: {
      group: 'e.com',
      scope: 'Namespaced',
      names: { plural, kind },
      versions: options.versions ?? [version('v1', { storage: true })],
      ...(conversion === undefined ? {} : { conversion }),
    },
  } as unknown as CustomResourceDefinition;
  customResourceDefinitions.defaults?.(crd);
  return crd;
}

async function start(callWebhook: CallWebhook = () => Promise.reject(new Error('unused'))) {
  const store = openMemoryStore();
  const registries = new Registries();
  const open = (resource: { prefix: string; kind: string; apiVersion: string }) =>
    createResourceStore({ store, clock, ...resource });
  const resource = customResourceDefinitions as unknown as ResourceDefinition;
  const definitions = new ResourceRegistry({
    resource,
    store: await open({
      prefix: storePrefix(resource),
      kind: resource.kind,
      apiVersion: resource.apiVersion,
    }),
    stamps,
    hooks: definitionHooks,
  });
  registries.add(definitions);
  const resources = new CustomResources({
    registries,
    openCache: open,
    stamps,
    builtIn: [],
    callWebhook,
  });
  const lifecycle = new CustomResourceLifecycle({
    registries,
    resources,
    builtIn: [],
    clock,
    logger: silentLogger,
  });
  await lifecycle.start();
  const serve = async (crd: CustomResourceDefinition): Promise<void> => {
    await definitions.create(crd, '', context());
    await eventually(() => {
      assert.ok(registries.find('e.com', crd.spec.names.plural) !== undefined);
    });
  };
  return { registries, resources, definitions, serve };
}

const widget = (name: string, apiVersion = 'e.com/v1', content: object = {}): KubeObject =>
  ({ apiVersion, kind: 'Widget', metadata: { name }, ...content }) as KubeObject;

const key = (name: string) => ({ namespace: 'n', name });

test('a definition is served once its names are accepted, and takes its objects along when it goes', async () => {
  const { registries, resources, definitions, serve } = await start();
  await serve(definition({}));
  const widgets = registries.of('e.com', 'widgets');
  await widgets.create(widget('a'), 'n', context());
  assert.equal(resources.all().length, 1);
  await definitions.delete({ namespace: '', name: 'widgets.e.com' }, {}, context());
  await eventually(() => {
    assert.equal(registries.find('e.com', 'widgets'), undefined);
    assert.equal(definitions.find({ namespace: '', name: 'widgets.e.com' }), undefined);
  });
  assert.equal(widgets.store.count(), 0);
});

test('a definition whose names are taken waits until they are free', async () => {
  const { registries, definitions, serve } = await start();
  await serve(definition({}));
  await definitions.create(definition({ plural: 'gadgets' }), '', context());
  const gadgets = { namespace: '', name: 'gadgets.e.com' };
  await eventually(() => {
    const { status } = definitions.find(gadgets)?.object as CustomResourceDefinition;
    const accepted = status.conditions?.find(({ type }) => type === 'NamesAccepted');
    assert.equal(accepted?.reason, 'ListKindConflict');
  });
  assert.equal(registries.find('e.com', 'gadgets'), undefined);
  await definitions.delete({ namespace: '', name: 'widgets.e.com' }, {}, context());
  await eventually(() => {
    assert.ok(registries.find('e.com', 'gadgets') !== undefined);
  });
});

test('names are decided against what others hold, and say what clashes', () => {
  const other = definition({});
  other.status = { acceptedNames: other.spec.names, storedVersions: ['v1'] };
  const crd = definition({ plural: 'others', kind: 'Other' });
  crd.spec.names.shortNames = ['widgets'];
  crd.status = { storedVersions: ['v1'] };
  const status = namedStatus({ crd, others: [other], builtIn: [], now: '2024-01-01T00:00:00Z' });
  assert.deepEqual(
    status.conditions?.map(({ type, status: value, reason, message }) => [
      type,
      value,
      reason,
      message,
    ]),
    [
      ['NamesAccepted', 'False', 'ShortNamesConflict', '"widgets" is already in use'],
      ['Established', 'False', 'NotAccepted', 'not all names are accepted'],
    ],
  );
});

test('versions are preferred by stability, then by number', () => {
  const sorted = ['v1beta1', 'foo1', 'v2', 'v1', 'v10', 'v1alpha2', 'v11alpha1', 'v1beta2'].sort(
    compareVersions,
  );
  assert.deepEqual(sorted, [
    'v10',
    'v2',
    'v1',
    'v1beta2',
    'v1beta1',
    'v11alpha1',
    'v1alpha2',
    'foo1',
  ]);
});

test('what rules have against values that stay is told whoever writes, also of the status', async () => {
  const { registries, definitions, serve } = await start();
  const ruled = (rule: string) =>
    version('v1', {
      storage: true,
      subresources: { status: {} },
      schema: {
        openAPIV3Schema: {
          type: 'object',
          properties: {
            spec: {
              type: 'object',
              properties: { n: { type: 'integer' } },
              'x-kubernetes-validations': [{ rule }],
            },
            status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
          },
        },
      },
    });
  await serve(definition({ versions: [ruled('self.n > 0')] }));
  const before = registries.of('e.com', 'widgets');
  await before.create(widget('a', 'e.com/v1', { spec: { n: 1 } }), 'n', context());
  const stricter = (stored: KubeObject | undefined): KubeObject => {
    const crd = structuredClone(stored) as CustomResourceDefinition;
    return { ...crd, spec: { ...crd.spec, versions: [ruled('self.n > 1')] } } as KubeObject;
  };
  await definitions.update(
    { namespace: '', name: 'widgets.e.com' },
    stricter,
    { type: 'main' },
    context(),
  );
  await eventually(() => {
    assert.notEqual(registries.find('e.com', 'widgets'), before);
  });
  const writing = context();
  await registries
    .of('e.com', 'widgets')
    .update(
      key('a'),
      (stored) => ({ ...structuredClone(stored), status: { done: true } }) as unknown as KubeObject,
      { type: 'status' },
      writing,
    );
  assert.deepEqual(writing.warnings, ['spec: Invalid value: "object": failed rule: self.n > 1']);
});

test('versions without a webhook differ in their apiVersion and in what they know', async () => {
  const { registries, serve } = await start();
  await serve(definition({ versions: [version('v1beta1'), version('v1', { storage: true })] }));
  const [v1, beta] = [
    registries.find('e.com', 'widgets', 'v1'),
    registries.find('e.com', 'widgets', 'v1beta1'),
  ];
  assert.ok(v1 !== undefined && beta !== undefined);
  await beta.create(
    widget('a', 'e.com/v1beta1', { spec: { x: 1 }, 'only-v1beta1': 'gone' }),
    'n',
    context(),
  );
  const { object } = await v1.get(key('a'));
  assert.equal(object.apiVersion, 'e.com/v1');
  assert.deepEqual((object as KubeObject & { spec: unknown }).spec, { x: 1 });
  assert.equal((object as unknown as Record<string, unknown>)['only-v1beta1'], undefined);
  const same = await beta.get(key('a'));
  assert.equal(same.object.apiVersion, 'e.com/v1beta1');
  assert.equal(same.object.metadata.resourceVersion, object.metadata.resourceVersion);
});

const review = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'ConversionReview' };

interface Review {
  readonly request: {
    readonly uid: string;
    readonly desiredAPIVersion: string;
    readonly objects: readonly KubeObject[];
  };
}

/** Moves `spec.host` of v1beta1 to `spec.address` of v1 and back. */
const renames =
  (calls: number[]): CallWebhook =>
  (_server, body) => {
    const { request } = JSON.parse(body) as Review;
    calls.push(request.objects.length);
    const convertedObjects = request.objects.map((object) => {
      const { spec } = object as KubeObject & { spec: { host?: string; address?: string } };
      const value = spec.host ?? spec.address;
      const wanted =
        request.desiredAPIVersion === 'e.com/v1' ? { address: value } : { host: value };
      return { ...object, apiVersion: request.desiredAPIVersion, spec: wanted };
    });
    return Promise.resolve({
      ...review,
      response: { uid: request.uid, result: { status: 'Success' }, convertedObjects },
    });
  };

const webhook = {
  strategy: 'Webhook' as const,
  webhook: { clientConfig: { url: 'https://h.invalid/' }, conversionReviewVersions: ['v1'] },
};

test('a webhook converts what is read, listed, watched and written', async () => {
  const calls: number[] = [];
  const { registries, serve } = await start(renames(calls));
  const versions = [version('v1', { storage: true }), version('v1beta1')];
  await serve(definition({ versions, conversion: webhook }));
  const [v1, beta] = [
    registries.find('e.com', 'widgets', 'v1'),
    registries.find('e.com', 'widgets', 'v1beta1'),
  ];
  assert.ok(v1 !== undefined && beta !== undefined);
  const watch = await beta.watch({});
  await beta.create(widget('a', 'e.com/v1beta1', { spec: { host: 'h' } }), 'n', context());
  await v1.create(widget('b', 'e.com/v1', { spec: { address: 'k' } }), 'n', context());
  const specOf = (object: KubeObject): unknown => (object as KubeObject & { spec: unknown }).spec;
  assert.deepEqual(specOf((await v1.get(key('a'))).object), { address: 'h' });
  const page = await beta.list({});
  assert.deepEqual(
    page.items.map(({ object }) => specOf(object)),
    [{ host: 'h' }, { host: 'k' }],
  );
  const selected = await beta.list({
    predicate: (object) => (specOf(object) as { host: string }).host === 'k',
  });
  assert.deepEqual(
    selected.items.map(({ name }) => name),
    ['b'],
  );
  const changed = await beta.update(
    key('a'),
    (stored) => ({ ...structuredClone(stored ?? widget('a')), spec: { host: 'z' } }) as KubeObject,
    { type: 'main' },
    context(),
  );
  assert.deepEqual(specOf(changed.object), { host: 'z' });
  assert.deepEqual(specOf((await v1.get(key('a'))).object), { address: 'z' });
  const seen: unknown[] = [];
  while (seen.length < 3) {
    for (const { stored } of (await watch.next()) ?? [])
      if (stored !== undefined) seen.push(specOf(stored.object));
  }
  assert.deepEqual(seen, [{ host: 'h' }, { host: 'k' }, { host: 'z' }]);
  watch.stop();
});

test('a watch selects by what a webhook converts to, wherever it begins', async () => {
  const { registries, serve } = await start(renames([]));
  const versions = [version('v1', { storage: true }), version('v1beta1')];
  await serve(definition({ versions, conversion: webhook }));
  const beta = registries.find('e.com', 'widgets', 'v1beta1');
  assert.ok(beta !== undefined);
  const specOf = (object: KubeObject) => (object as KubeObject & { spec: { host?: string } }).spec;
  const predicate = (object: KubeObject): boolean => specOf(object).host === 'h';
  const create = (name: string, host: string): Promise<unknown> =>
    beta.create(widget(name, 'e.com/v1beta1', { spec: { host } }), 'n', context());
  const move = (name: string, host: string): Promise<unknown> =>
    beta.update(
      key(name),
      (stored) => ({ ...structuredClone(stored ?? widget(name)), spec: { host } }) as KubeObject,
      { type: 'main' },
      context(),
    );
  await create('a', 'h');
  const { revision } = await beta.list({});
  const watches = await Promise.all([
    beta.watch({ predicate, initialEvents: 'state' }),
    beta.watch({ predicate, afterRevision: revision }),
  ]);
  await create('b', 'k');
  await move('b', 'h');
  await move('a', 'k');
  await move('a', 'z');
  await beta.delete(key('b'), {}, context());
  const expected = ['ADDED b h', 'DELETED a h', 'DELETED b h'];
  for (const [position, watch] of watches.entries()) {
    const all = position === 0 ? ['ADDED a h', ...expected] : expected;
    const seen: string[] = [];
    while (seen.length < all.length) {
      for (const { type, stored } of (await watch.next()) ?? [])
        if (stored !== undefined)
          seen.push(`${type} ${stored.name} ${specOf(stored.object).host ?? ''}`);
    }
    assert.deepEqual(seen, all);
    watch.stop();
  }
});

test('a webhook that fails, or changes what it may not, is told of', async () => {
  const answers: unknown[] = [];
  const { registries, serve } = await start((_server, body) => {
    const { uid } = (JSON.parse(body) as Review).request;
    const answer = answers.shift();
    if (answer instanceof Error) return Promise.reject(answer);
    return Promise.resolve({ ...review, response: { uid, ...(answer as object) } });
  });
  const versions = [version('v1', { storage: true }), version('v1beta1')];
  await serve(definition({ versions, conversion: webhook }));
  const v1 = registries.of('e.com', 'widgets');
  const beta = registries.find('e.com', 'widgets', 'v1beta1');
  const { object: stored } = await v1.create(widget('a'), 'n', context());
  const cases: readonly (readonly [unknown, RegExp])[] = [
    [new Error('no route'), /conversion webhook for e\.com\/v1, Kind=Widget failed: no route/],
    [{ result: { status: 'Failure', message: 'cannot' } }, /failed: cannot/],
    [
      { result: { status: 'Success' }, convertedObjects: [] },
      /e\.com\/v1, Kind=Widget returned 0 objects, expected 1/,
    ],
    [{ uid: 'other' }, /expected response\.uid=/],
    [
      { result: { status: 'Success' }, convertedObjects: [widget('a')] },
      /invalid groupVersion \(expected e\.com\/v1beta1, received e\.com\/v1\)/,
    ],
  ];
  for (const [answer, message] of cases) {
    answers.push(answer);
    await assert.rejects(
      async () => beta?.get(key('a')),
      (error) => isStatusError(error) && error.code === 500 && message.test(error.message),
    );
  }
  const relabelled = { ...widget('a', 'e.com/v1beta1'), metadata: { ...stored.metadata } };
  relabelled.metadata.labels = { x: 'y' };
  relabelled.metadata.generation = 99;
  answers.push({ result: { status: 'Success' }, convertedObjects: [relabelled] });
  const shown = await beta?.get(key('a'));
  assert.equal(shown?.object.metadata.generation, 1);
  assert.deepEqual(shown.object.metadata.labels, { x: 'y' });
});
