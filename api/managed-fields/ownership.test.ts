import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { resourceDefinitionOf } from '../apiextensions/schema/definition.js';
import { deployment } from '../apps/v1/deployment.js';
import { configMap } from '../core/v1/config-map.js';
import { persistentVolumes } from '../core/v1/persistent-volume.js';
import { pod } from '../core/v1/pod/pod.js';
import { service } from '../core/v1/service.js';
import { isStatusError } from '../meta/status-error.js';
import type { KubeObject, ManagedFieldsEntry } from '../meta/v1/types.js';
import type { JsonObject } from '../patch/json-value.js';
import type { Definition } from '../schema/schema.js';
import { propertyRuns } from '../../testing/property-runs.js';
import { appliedObject, managedFieldsAfterUpdate } from './apply.js';
import { setOfFields } from './field-set.js';
import { objectShape } from './shape.js';
import type { Write } from './ownership.js';

interface Kind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly schema: Definition;
}

const configMaps: Kind = { apiVersion: 'v1', kind: 'ConfigMap', schema: configMap };
const services: Kind = { apiVersion: 'v1', kind: 'Service', schema: service };
const deployments: Kind = { apiVersion: 'apps/v1', kind: 'Deployment', schema: deployment };
const volumes: Kind = {
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  schema: persistentVolumes.schema,
};
const pods: Kind = { apiVersion: 'v1', kind: 'Pod', schema: pod };

interface By {
  readonly manager: string;
  readonly subresource?: string;
  readonly second?: number;
}

const writeOf = (
  { apiVersion, schema }: Kind,
  operation: 'Apply' | 'Update',
  { manager, subresource = '', second = 0 }: By,
): Write => ({
  kind: { apiVersion, shape: objectShape(schema), ignored: {} },
  owner: { manager, operation, apiVersion, subresource },
  time: `2026-01-01T00:00:${String(second).padStart(2, '0')}Z`,
});

const whole = ({ apiVersion, kind }: Kind, body: JsonObject): JsonObject => ({
  apiVersion,
  kind,
  metadata: { name: 'a' },
  ...body,
});

/** An object and the writes to it. */
class Subject {
  object: KubeObject | undefined;
  private readonly kind: Kind;

  constructor(kind: Kind) {
    this.kind = kind;
  }

  apply(by: By, body: JsonObject, force = false): this {
    const config = whole(this.kind, body);
    const write = writeOf(this.kind, 'Apply', by);
    this.object = appliedObject(write, this.kind.kind, this.object, {
      config,
      force,
    }) as unknown as KubeObject;
    return this;
  }

  update(by: By, body: JsonObject, sent?: ManagedFieldsEntry[]): this {
    const wanted = whole(this.kind, body) as unknown as KubeObject;
    const write = writeOf(this.kind, 'Update', by);
    const managedFields = managedFieldsAfterUpdate(write, this.object, wanted, sent);
    this.object = { ...wanted, metadata: { ...wanted.metadata, managedFields } };
    return this;
  }

  entries(): readonly ManagedFieldsEntry[] {
    return this.object?.metadata.managedFields ?? [];
  }

  fields(manager: string): unknown {
    return this.entries().find((entry) => entry.manager === manager)?.fieldsV1;
  }

  body(): JsonObject {
    const { apiVersion: _v, kind: _k, metadata, ...rest } = this.object as unknown as JsonObject;
    const { name, managedFields: _m, ...others } = metadata as JsonObject;
    assert.equal(name, 'a');
    return Object.keys(others).length === 0 ? rest : { ...rest, metadata: others };
  }
}

const one = { manager: 'one' };
const two = { manager: 'two' };

const refusal =
  (code: number, message: string) =>
  (error: unknown): boolean => {
    assert.ok(isStatusError(error));
    assert.deepEqual([error.code, error.message], [code, message]);
    return true;
  };

test('an update owns what it set, with the containers it brought', () => {
  const subject = new Subject(services).update(one, {
    spec: { ports: [{ port: 80, protocol: 'TCP' }], selector: { a: 'b' } },
  });
  assert.deepEqual(subject.entries(), [
    {
      manager: 'one',
      operation: 'Update',
      apiVersion: 'v1',
      time: '2026-01-01T00:00:00Z',
      fieldsType: 'FieldsV1',
      fieldsV1: {
        'f:spec': {
          'f:ports': {
            '.': {},
            'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {}, 'f:protocol': {} },
          },
          'f:selector': {},
        },
      },
    },
  ]);
});

test('an update takes what it changes from its owner and leaves the rest', () => {
  const subject = new Subject(configMaps)
    .update(one, { data: { a: '1', b: '1' } })
    .update({ ...two, second: 5 }, { data: { a: '1', b: '2' } });
  assert.deepEqual(subject.fields('one'), { 'f:data': { '.': {}, 'f:a': {} } });
  assert.deepEqual(subject.fields('two'), { 'f:data': { 'f:b': {} } });
});

test('what an update removes belongs to nobody', () => {
  const subject = new Subject(configMaps).update(one, { data: { a: '1' } }).update(two, {});
  assert.deepEqual(subject.entries(), []);
});

test('an update that changes nothing leaves the very same entries', () => {
  const subject = new Subject(configMaps).update(one, { data: { a: '1' } });
  const before = subject.entries();
  subject.update({ ...two, second: 9 }, { data: { a: '1' } });
  assert.equal(subject.entries(), before);
});

test('a configuration that is applied owns what it names', () => {
  const subject = new Subject(deployments).apply(one, {
    spec: {
      selector: { matchLabels: { app: 'w' } },
      template: {
        metadata: { labels: { app: 'w' } },
        spec: { containers: [{ name: 'x', image: 'i', ports: [{ containerPort: 80 }] }] },
      },
    },
  });
  assert.deepEqual(subject.fields('one'), {
    'f:spec': {
      'f:selector': {},
      'f:template': {
        'f:metadata': { 'f:labels': { 'f:app': {} } },
        'f:spec': {
          'f:containers': {
            'k:{"name":"x"}': {
              '.': {},
              'f:image': {},
              'f:name': {},
              'f:ports': {
                'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} },
              },
            },
          },
        },
      },
    },
  });
});

test('a conflict names the managers and their fields', () => {
  const subject = new Subject(configMaps)
    .apply(one, { data: { a: '1' } })
    .update({ manager: 'tool' }, { data: { a: '1', b: '2' } });
  assert.throws(
    () => subject.apply(two, { data: { a: '2' } }),
    refusal(409, 'Apply failed with 1 conflict: conflict with "one": .data.a'),
  );
  assert.throws(
    () => subject.apply(two, { data: { a: '2', b: '3' } }),
    refusal(
      409,
      'Apply failed with 2 conflicts: conflicts with "one":\n- .data.a\nconflicts with "tool" using v1:\n- .data.b',
    ),
  );
});

test('an apply with force takes the fields it changes', () => {
  const subject = new Subject(configMaps)
    .apply(one, { data: { a: '1', b: '1' } })
    .apply(two, { data: { a: '2' } }, true);
  assert.deepEqual(subject.fields('one'), { 'f:data': { 'f:b': {} } });
  assert.deepEqual(subject.fields('two'), { 'f:data': { 'f:a': {} } });
  assert.deepEqual(subject.body(), { data: { a: '2', b: '1' } });
});

test('two appliers may own a field together and it goes with the last', () => {
  const subject = new Subject(configMaps)
    .apply(one, { data: { a: '1' } })
    .apply(two, { data: { a: '1' } })
    .apply(one, {});
  assert.deepEqual(subject.body(), { data: { a: '1' } });
  assert.deepEqual(subject.apply(two, {}).body(), {});
  assert.deepEqual(subject.entries(), []);
});

test('an applier removes what it no longer names and leaves what others put beside it', () => {
  const subject = new Subject(services)
    .apply(one, { spec: { ports: [{ port: 80, name: 'x' }, { port: 81 }] } })
    .apply(two, { spec: { ports: [{ port: 80, targetPort: 8080 }] } })
    .apply(one, { spec: { ports: [{ port: 81 }] } });
  assert.deepEqual(subject.body(), {
    spec: { ports: [{ port: 80, targetPort: 8080 }, { port: 81 }] },
  });
});

test('an applied list is in the order of the configuration, strangers next to their neighbours', () => {
  const container = (name: string): JsonObject => ({ name, image: 'i' });
  const names = (subject: Subject): unknown =>
    (subject.body() as { spec: { containers: { name: string }[] } }).spec.containers.map(
      ({ name }) => name,
    );
  const subject = new Subject(pods)
    .update(two, { spec: { containers: ['a', 'x', 'b', 'c'].map(container) } })
    .apply(one, { spec: { containers: ['c', 'a', 'd'].map(container) } });
  assert.deepEqual(names(subject), ['x', 'b', 'c', 'a', 'd']);
});

const refused: readonly { name: string; kind: Kind; body: JsonObject; message: string }[] = [
  {
    name: 'an unknown field',
    kind: configMaps,
    body: { nosuch: 1 },
    message:
      'failed to create typed patch object (/a; /v1, Kind=ConfigMap): .nosuch: field not declared in schema',
  },
  {
    name: 'a list where an object is due',
    kind: configMaps,
    body: { data: ['x'] },
    message:
      'failed to create typed patch object (/a; /v1, Kind=ConfigMap): .data: expected map, got &{[x]}',
  },
  {
    name: 'several faults at once',
    kind: deployments,
    body: { spec: { replicas: 'x', paused: 1 } },
    message:
      'failed to create typed patch object (/a; apps/v1, Kind=Deployment): errors:\n  .spec.paused: expected boolean, got &{1}\n  .spec.replicas: expected numeric (int or float), got string',
  },
  {
    name: 'a list element twice',
    kind: services,
    body: { spec: { ports: [{ port: 80 }, { port: 80, protocol: 'TCP' }] } },
    message:
      'failed to create typed patch object (/a; /v1, Kind=Service): .spec.ports: duplicate entries for key [port=80,protocol="TCP"]',
  },
  {
    name: 'a list element without its key',
    kind: pods,
    body: { spec: { containers: [{ image: 'x' }] } },
    message:
      'failed to create typed patch object (/a; /v1, Kind=Pod): .spec.containers: element 0: associative list with keys has an element that omits key field "name" (and doesn\'t have default value)',
  },
  {
    name: 'managed fields',
    kind: configMaps,
    body: { metadata: { name: 'a', managedFields: [] } },
    message: 'metadata.managedFields must be nil',
  },
  {
    name: 'another version',
    kind: deployments,
    body: { apiVersion: 'v1' },
    message:
      'Incorrect version specified in apply patch. Specified patch version: v1, expected: apps/v1',
  },
];

for (const { name, kind, body, message } of refused) {
  test(`apply refuses ${name}`, () => {
    assert.throws(() => new Subject(kind).apply(one, body), refusal(400, message));
  });
}

test('writers beyond the tenth are put together, oldest first', () => {
  const subject = new Subject(configMaps);
  const data: Record<string, string> = {};
  for (let second = 0; second < 13; second += 1) {
    data[`k${String(second)}`] = 'v';
    subject.update({ manager: `m${String(second)}`, second }, { data: { ...data } });
  }
  assert.equal(subject.entries().length, 10);
  const [first] = subject.entries();
  assert.equal(first?.manager, 'ancient-changes');
  assert.equal(first.time, '2026-01-01T00:00:03Z');
  assert.deepEqual(first.fieldsV1, {
    'f:data': { '.': {}, 'f:k0': {}, 'f:k1': {}, 'f:k2': {}, 'f:k3': {} },
  });
});

test('a client may forget all owners, or name its own', () => {
  const created = (): Subject => new Subject(configMaps).update(one, { data: { a: '1' } });
  assert.deepEqual(
    created()
      .update(two, { data: { a: '1' } }, [])
      .entries(),
    [],
  );
  assert.deepEqual(
    created()
      .update(two, { data: { a: '1' } }, [{}])
      .entries(),
    [],
  );
  const [entry = {}] = created().entries();
  const renamed = created().update(two, { data: { a: '1' } }, [{ ...entry, manager: 'three' }]);
  assert.deepEqual(renamed.entries(), [{ ...entry, manager: 'three' }]);
  const broken = created().update(two, { data: { a: '1' } }, [{ ...entry, fieldsType: 'V2' }]);
  assert.deepEqual(broken.entries(), [entry]);
});

test('an object without owners gets none by updates, until somebody applies to it', () => {
  const forgotten = (): Subject =>
    new Subject(configMaps)
      .update(one, { data: { a: '1' } })
      .update(two, { data: { a: '1', b: '1' } }, []);
  assert.deepEqual(forgotten().entries(), []);
  const later = forgotten().update(two, { data: { a: '2', b: '1' } });
  assert.deepEqual(later.entries(), []);
  assert.throws(
    () => later.apply(one, { data: { a: '3' } }),
    refusal(
      409,
      'Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .data.a',
    ),
  );
  later.apply(one, { data: { a: '2', c: '1' } });
  assert.deepEqual(later.fields('one'), { 'f:data': { 'f:a': {}, 'f:c': {} } });
  assert.deepEqual(later.fields('before-first-apply'), {
    'f:data': { '.': {}, 'f:a': {}, 'f:b': {} },
  });
});

test('an object that is atomic elsewhere is owned by its fields where its field says so', () => {
  const claimRef = { kind: 'PersistentVolumeClaim', name: 'c', namespace: 'n' };
  const bound = { ...claimRef, uid: 'u', resourceVersion: '7' };
  const subject = new Subject(volumes)
    .apply(one, { spec: { claimRef } })
    .update({ manager: 'binder' }, { spec: { claimRef: bound } })
    .apply(one, { spec: { claimRef } });
  assert.deepEqual(subject.body(), { spec: { claimRef: bound } });
  assert.deepEqual(subject.fields('binder'), {
    'f:spec': { 'f:claimRef': { 'f:resourceVersion': {}, 'f:uid': {} } },
  });
});

test('what a write cannot change is owned by nobody', () => {
  const ignored = setOfFields(['status', 'metadata.labels']);
  const owner = { ...one, operation: 'Update', apiVersion: 'v1', subresource: '' } as const;
  const kind = { apiVersion: 'v1', shape: objectShape(pod), ignored };
  const metadata = { name: 'a', labels: { a: 'b' }, annotations: { c: 'd' } };
  const wanted = whole(pods, { metadata, status: { phase: 'Running' } }) as unknown as KubeObject;
  const write = { kind, owner, time: '2026-01-01T00:00:00Z' };
  const [entry] = managedFieldsAfterUpdate(write, undefined, wanted, undefined) ?? [];
  assert.deepEqual(entry?.fieldsV1, {
    'f:metadata': { 'f:annotations': { '.': {}, 'f:c': {} } },
  });
});

test('kubectl takes over from its own client side what nobody changed since', () => {
  const annotation = 'kubectl.kubernetes.io/last-applied-configuration';
  const applied = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a' },
    data: { a: '1' },
  };
  const annotations = { [annotation]: `${JSON.stringify(applied)}\n` };
  const created = (): Subject =>
    new Subject(configMaps).update(
      { manager: 'kubectl-client-side-apply' },
      { metadata: { name: 'a', annotations }, data: { a: '1' } },
    );
  assert.throws(
    () => created().apply(one, { data: { a: '2' } }),
    refusal(
      409,
      'Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using v1: .data.a',
    ),
  );
  const subject = created().apply({ manager: 'kubectl' }, { data: { a: '2' } });
  assert.deepEqual(subject.body().data, { a: '2' });
  assert.equal(
    subject.object?.metadata.annotations?.[annotation],
    '{"apiVersion":"v1","data":{"a":"2"},"kind":"ConfigMap","metadata":{"name":"a"}}\n',
  );
});

const name = fc.constantFrom('a', 'b', 'c', 'd');
const value = fc.constantFrom('1', '2');
const strings = fc.dictionary(name, value, { minKeys: 1, maxKeys: 3, noNullPrototype: true });
const servicePorts = fc.uniqueArray(
  fc.record(
    { port: fc.constantFrom(80, 81, 82), name, appProtocol: value },
    { requiredKeys: ['port'], noNullPrototype: true },
  ),
  { selector: ({ port }) => port, minLength: 1, maxLength: 3 },
);
const configuration: fc.Arbitrary<JsonObject> = fc.record(
  {
    metadata: fc.record(
      {
        name: fc.constant('a'),
        labels: strings,
        finalizers: fc.uniqueArray(name, { minLength: 1, maxLength: 3 }),
      },
      { requiredKeys: ['name'], noNullPrototype: true },
    ),
    spec: fc
      .record(
        {
          ports: servicePorts,
          selector: strings,
          type: value,
          externalIPs: fc.array(value, { minLength: 1, maxLength: 2 }),
        },
        { requiredKeys: [], noNullPrototype: true },
      )
      .filter((spec) => Object.keys(spec).length > 0),
  },
  { requiredKeys: ['metadata'], noNullPrototype: true },
);

test('applying twice is applying once', () => {
  fc.assert(
    fc.property(configuration, configuration, (before, config) => {
      const subject = new Subject(services).apply(two, before).apply(one, config, true);
      const once = structuredClone(subject.object);
      assert.deepEqual(subject.apply(one, config).object, once);
    }),
    { numRuns: propertyRuns(30) },
  );
});

test('applying nothing takes away all that was applied', () => {
  fc.assert(
    fc.property(configuration, (config) => {
      const subject = new Subject(services).apply(one, config).apply(one, {});
      assert.deepEqual([subject.body(), subject.entries()], [{}, []]);
    }),
    { numRuns: propertyRuns(30) },
  );
});

test('applying nothing leaves what the other applier has', () => {
  // Lists may be in another order: the other applier's elements stood among those that went.
  const inOrder = (inner: unknown): unknown => {
    if (Array.isArray(inner)) return inner.map((item) => JSON.stringify(inOrder(item))).sort();
    if (typeof inner !== 'object' || inner === null) return inner;
    return Object.entries(inner)
      .map(([field, below]) => [field, inOrder(below)] as const)
      .sort(([left], [right]) => (left < right ? -1 : 1));
  };
  fc.assert(
    fc.property(configuration, configuration, (first, second) => {
      const both = new Subject(services).apply(one, first).apply(two, second, true).apply(one, {});
      const alone = new Subject(services).apply(two, second);
      assert.deepEqual(inOrder(both.body()), inOrder(alone.body()));
      assert.deepEqual(both.entries(), alone.entries());
    }),
    { numRuns: propertyRuns(30) },
  );
});

const widget = resourceDefinitionOf(
  {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        properties: {
          tags: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
          values: { 'x-kubernetes-preserve-unknown-fields': true },
          groups: {
            type: 'object',
            additionalProperties: {
              type: 'array',
              items: { type: 'string' },
              'x-kubernetes-list-type': 'set',
            },
          },
        },
      },
    },
  },
  'com.example.v1.Widget',
);
const widgets: Kind = { apiVersion: 'example.com/v1', kind: 'Widget', schema: widget };

test('a custom resource is owned by its schema, and field by field where it has none', () => {
  const subject = new Subject(widgets)
    .update(one, { spec: { tags: ['a'], values: { x: { y: 1 } } } })
    .apply(two, { spec: { tags: ['b'], values: { x: { z: [1] } } } });
  assert.deepEqual(subject.fields('one'), {
    'f:spec': {
      '.': {},
      'f:tags': { '.': {}, 'v:"a"': {} },
      'f:values': { '.': {}, 'f:x': { '.': {}, 'f:y': {} } },
    },
  });
  assert.deepEqual(subject.fields('two'), {
    'f:spec': {
      'f:tags': { 'v:"b"': {} },
      'f:values': { 'f:x': { '.': {}, 'f:z': {} } },
    },
  });
  assert.deepEqual(subject.body(), {
    spec: { tags: ['a', 'b'], values: { x: { y: 1, z: [1] } } },
  });
});

test('lists in a map are owned as they say themselves', () => {
  const subject = new Subject(widgets)
    .apply(one, { spec: { groups: { g: ['a', 'b'] } } })
    .apply(two, { spec: { groups: { g: ['c'] } } })
    .apply(one, { spec: { groups: { g: ['b'] } } });
  assert.deepEqual(subject.body(), { spec: { groups: { g: ['b', 'c'] } } });
  assert.deepEqual(subject.fields('two'), {
    'f:spec': { 'f:groups': { 'f:g': { '.': {}, 'v:"c"': {} } } },
  });
});

test('a null in a configuration leaves what others have below it', () => {
  const labels = { theirs: 'x' };
  const subject = new Subject(services)
    .apply(one, { metadata: { name: 'a', labels: { mine: 'y' } }, spec: { ports: [{ port: 80 }] } })
    .apply(two, { metadata: { name: 'a', labels }, spec: { ports: [{ port: 81 }] } })
    .apply(one, { metadata: { name: 'a', labels: null }, spec: { ports: null } });
  assert.deepEqual(subject.body(), { metadata: { labels }, spec: { ports: [{ port: 81 }] } });
  assert.deepEqual(subject.fields('one'), {
    'f:metadata': { 'f:labels': {} },
    'f:spec': { 'f:ports': {} },
  });
});
