/** What Kubernetes’ conformance tests ask of rules for custom resources, of values that were valid before, and of their fields as selectors. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually } from '../../../testing/eventually.js';
import { sharedCluster } from '../../lab/cluster.js';
import { CustomKind } from './custom-kind.js';
import { type Answer, WireClient } from './wire-client.js';

const api = new WireClient(sharedCluster().kubeconfig);
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const integers = (maxItems: number): object => ({
  type: 'array',
  maxItems,
  items: { type: 'integer' },
});
const objectOf = (properties: object, more: object = {}): object => ({
  type: 'object',
  properties,
  ...more,
});
const ruled = (schema: object, ...rules: readonly string[]): object => ({
  ...schema,
  'x-kubernetes-validations': rules.map((rule) => ({ rule })),
});

after(() => {
  api.close();
});

describe('rules', () => {
  const kind = new CustomKind(api, 'Ruled');
  const fields = {
    x: { type: 'integer' },
    y: { type: 'integer' },
    first: integers(1000),
    second: integers(1000),
    large: integers(725),
  };
  const spec = ruled(
    objectOf(fields),
    'self.x + self.y > 0',
    'self.first.isSorted() && self.second.isSorted() && ((self.first.sum() + self.second.sum()) % 2 == 0)',
    'self.large.all(x, self.large.all(y, y == x))',
  );
  const post = (body: object): Promise<Answer> =>
    api.post(kind.path, { apiVersion: `${kind.group}/v1`, kind: kind.kind, ...body });
  before(async () => {
    await kind.create({ v1: objectOf({ spec }) });
  });
  after(() => kind.delete());

  test('let pass what satisfies them and refuse the rest', async () => {
    const good = { x: 1, y: 0, first: [3, 4], second: [5, 10], large: [2, 2] };
    (await post({ metadata: { name: 'good' }, spec: good })).expect(201);
    (await post({ metadata: { name: 'bad' }, spec: { x: 0, y: 0 } })).refuses(422, /failed rule/);
  });

  test('that would take too long on this object refuse it', async () => {
    const large = Array.from({ length: 725 }, () => 20);
    (await post({ metadata: { name: 'slow' }, spec: { large } })).refuses(
      422,
      /call cost exceeds limit/,
    );
  });

  const refused: readonly (readonly [string, object, RegExp])[] = [
    [
      'that name a field nobody declared',
      ruled(objectOf({ x: { type: 'integer' } }), 'self.z == 100'),
      /undefined field 'z'/,
    ],
    ['that cannot be parsed', ruled(objectOf({}), 'self = 42'), /Syntax error/],
    [
      'that could take too long',
      objectOf({
        x: {
          type: 'array',
          items: ruled(
            { type: 'array', items: { type: 'string' } },
            "self.all(s, s == 'string constant')",
          ),
        },
      }),
      /exceeds budget/,
    ],
  ];
  for (const [what, schema, said] of refused) {
    test(`${what} are refused with their definition`, async () => {
      const broken = new CustomKind(api, 'Broken');
      const body = broken.body({ v1: objectOf({ spec: schema }) });
      (await api.post(definitions, body)).refuses(422, said);
    });
  }

  test('about transitions see the value before', async () => {
    const moving = new CustomKind(api, 'Moving');
    const num = ruled({ type: 'integer' }, 'self > oldSelf');
    await moving.create({ v1: objectOf({ spec: objectOf({ num }) }) });
    await moving.post({ metadata: { name: 'm' }, spec: { num: 10 } });
    const back = await api.patch(`${moving.path}/m`, 'merge-patch', { spec: { num: 9 } });
    back.refuses(422, /failed rule/);
    await moving.delete();
  });
});

describe('values that a stricter schema would refuse', () => {
  const kind = new CustomKind(api, 'Ratcheted');
  const free = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  let changes = 0;
  before(() => kind.create({ v1: free }));
  after(() => kind.delete());

  const apply = (name: string, body: object, labels: object = {}): Promise<Answer> =>
    api.apply(`${kind.path}/${name}`, 'manager', {
      apiVersion: `${kind.group}/v1`,
      kind: kind.kind,
      metadata: { name, labels },
      ...body,
    });
  /** Changes the schema and waits until it holds. */
  async function setSchema(properties: object): Promise<void> {
    changes += 1;
    const mark = `mark-${String(changes)}`;
    await kind.setSchema(
      'v1',
      objectOf({ ...properties, sentinel: { type: 'string', enum: [mark] } }),
    );
    await eventually(async () => {
      (await apply('sentinel', { sentinel: 'x' })).refuses(422, new RegExp(mark));
    });
  }
  const everywhere = (field: object): object => {
    const other = { type: 'string' };
    const struct = objectOf({ field, other });
    return {
      field,
      struct,
      list: {
        type: 'array',
        maxItems: 5,
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['key'],
        items: objectOf({ key: { type: 'string' }, field, other }, { required: ['key'] }),
      },
      map: { type: 'object', maxProperties: 5, additionalProperties: struct },
    };
  };
  const filled = (field: string, more: object = {}): object => ({
    field,
    struct: { field, ...more },
    list: [
      { key: 'foo', field, ...more },
      { key: 'bar', field, ...more },
    ],
    map: { foo: { field, ...more }, bar: { field, ...more } },
  });
  const rest = ['struct.field', 'list[0].field', 'list[1].field'];
  const dotted = ['field', ...rest, 'map.foo.field', 'map.bar.field'];
  const bracketed = ['field', ...rest, 'map[foo].field', 'map[bar].field'];
  const names = (answer: Answer, places: readonly string[]): void => {
    const message = answer.expect(422).textAt('message');
    for (const place of places) assert.ok(message.includes(place), `${place} in ${message}`);
  };
  const text = { type: 'string', maxLength: 5 };
  const same = ruled(text, 'self == "foo"');

  const cases: readonly (readonly [string, object, readonly string[]])[] = [
    ['an enumeration', { ...text, enum: ['foo'] }, dotted],
    ['a rule', same, bracketed],
  ];
  for (const [index, [what, field, places]] of cases.entries()) {
    const name = `case-${String(index)}`;
    test(`may stay while other things change, but not be written anew: ${what}`, async () => {
      await setSchema(everywhere(text));
      (await apply(name, filled('bad'))).expect(201);
      await setSchema(everywhere(field));
      (await apply(name, filled('bad', { other: 'new' }), { a: 'b' })).expect(200);
      names(await apply(name, filled('worse')), places);
      (await apply(name, filled('foo'))).expect(200);
    });
  }

  for (const [what, items] of [
    ['an enumeration', { type: 'string', enum: ['notfoo', 'notbar'] }],
    ['a rule', ruled({ type: 'string' }, 'self != "foo"')],
  ] as const) {
    test(`may not stay in a list whose items nothing tells apart: ${what}`, async () => {
      await setSchema({});
      const lists = (list: object): object => ({
        setArray: { ...list, 'x-kubernetes-list-type': 'set' },
        atomicArray: list,
      });
      await setSchema(lists({ type: 'array', items: { type: 'string' } }));
      const name = what.replaceAll(' ', '-');
      const body = ['foo', 'bar'];
      (await apply(name, { setArray: body, atomicArray: body })).expect(201);
      await setSchema(lists({ type: 'array', items }));
      const longer = [...body, 'notfoo'];
      names(await apply(name, { setArray: longer, atomicArray: longer }, { a: 'b' }), [
        'setArray',
        'atomicArray',
      ]);
    });
  }

  test('are refused all the same by rules about transitions', async () => {
    await setSchema(everywhere(text));
    (await apply('moving', filled('foo'))).expect(201);
    await setSchema(everywhere(ruled(text, 'self != oldSelf')));
    names(await apply('moving', filled('foo'), { a: 'b' }), bracketed);
  });

  test('are seen by rules whose old value may be missing, new ones too', async () => {
    const rule = '!oldSelf.hasValue() || self != oldSelf.value()';
    const optional = { ...text, 'x-kubernetes-validations': [{ rule, optionalOldSelf: true }] };
    await setSchema(everywhere(optional));
    (await apply('optional', filled('foo'))).expect(201);
    names(await apply('optional', filled('foo'), { a: 'b' }), bracketed);
    (await apply('optional', filled('new'))).expect(200);
  });
});

test('objects are listed, watched and deleted by the fields their definition names', async () => {
  const kind = new CustomKind(api, 'Selected');
  const text = { type: 'string' };
  await kind.create(
    { v1: objectOf({ host: text, port: text }) },
    { perVersion: { v1: { selectableFields: [{ jsonPath: '.host' }, { jsonPath: '.port' }] } } },
  );
  const [host, both] = ['fieldSelector=host=host1', 'fieldSelector=host=host1,port=80'];
  const watchingHost = await api.watch(`${kind.path}?${host}`);
  const watchingBoth = await api.watch(`${kind.path}?${both}`);
  for (const [name, body] of [
    ['one', { host: 'host1', port: '80' }],
    ['two', { host: 'host1', port: '8080' }],
    ['three', { host: 'host2' }],
  ] as const)
    await kind.post({ metadata: { name }, ...body });
  assert.deepEqual((await api.get(`${kind.path}?${host}`)).names(), ['one', 'two']);
  assert.deepEqual((await api.get(`${kind.path}?${both}`)).names(), ['one']);
  (await api.get(`${kind.path}?fieldSelector=color=red`)).refuses(
    400,
    /field label not supported: color/,
  );
  (await api.delete(`${kind.path}?${both}`)).expect(200);
  (await api.patch(`${kind.path}/two`, 'merge-patch', { host: 'host2' })).expect(200);
  assert.deepEqual((await api.get(`${kind.path}?${host}`)).names(), []);
  await watchingHost.sees(['ADDED one', 'ADDED two', 'DELETED one', 'DELETED two']);
  await watchingBoth.sees(['ADDED one', 'DELETED one']);
  await kind.delete();
});
