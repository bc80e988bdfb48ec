/** What Kubernetes’ conformance tests ask of the schemas that definitions of custom resources publish. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually } from '../../../testing/eventually.js';
import { valueAt } from '../../../testing/value-at.js';
import { sharedCluster } from '../../lab/cluster.js';
import { Shell } from '../shell.js';
import { CustomKind } from './custom-kind.js';
import { WireClient } from './wire-client.js';

const cluster = sharedCluster();
const api = new WireClient(cluster.kubeconfig);
const group = 'published.example.com';

const described = (description: string, schema: object): object => ({ description, ...schema });
const text = (description: string): object => ({ type: 'string', description });
const list = (description: string, properties: object, required?: readonly string[]): object => ({
  type: 'array',
  description,
  items: { type: 'object', ...(required === undefined ? {} : { required }), properties },
});
const shelf = {
  type: 'object',
  description: 'A shelf for testing',
  properties: {
    spec: described('What the shelf should hold', {
      type: 'object',
      properties: {
        books: list(
          'The books on it.',
          {
            title: text('Title of the book.'),
            pages: text('Number of its pages.'),
            cover: { ...text('What it is bound in.'), enum: ['Hard', 'Soft'] },
            words: { type: 'array', description: 'Words of it.', items: { type: 'string' } },
          },
          ['title'],
        ),
      },
    }),
    status: described('What it holds', {
      type: 'object',
      properties: { books: list('Books found.', { there: { type: 'boolean' } }) },
    }),
  },
};
const open = { 'x-kubernetes-preserve-unknown-fields': true };

/** What OpenAPI 2 says of a kind, without what every kind has. */
async function publishedV2(kind: CustomKind, version = 'v1'): Promise<unknown> {
  const name = [...kind.group.split('.').toReversed(), version, kind.kind].join('.');
  const { definitions } = (await api.get('/openapi/v2')).expect(200).json as {
    definitions: Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;
  };
  const found = definitions[name];
  if (found === undefined) return undefined;
  const { properties, 'x-kubernetes-group-version-kind': _, ...rest } = found;
  const own = Object.entries(properties ?? {}).filter(
    ([field]) => !['apiVersion', 'kind', 'metadata'].includes(field),
  );
  return own.length === 0 ? rest : { ...rest, properties: Object.fromEntries(own) };
}

const isPublished = (kind: CustomKind, schema: object | undefined, version = 'v1'): Promise<void> =>
  eventually(async () => {
    assert.deepEqual(await publishedV2(kind, version), schema);
  });

after(() => {
  api.close();
});

test('the schemas of kinds are published beside each other, by version and group', async () => {
  const kinds = [
    new CustomKind(api, 'Shelf', group),
    new CustomKind(api, 'Shelf', `other.${group}`),
    new CustomKind(api, 'Board', group),
  ];
  for (const kind of kinds) {
    await kind.create({ v1: shelf, v2: shelf });
    await isPublished(kind, shelf);
    await isPublished(kind, shelf, 'v2');
  }
  for (const kind of kinds) {
    await kind.delete();
    await isPublished(kind, undefined);
  }
});

test('a version that is renamed or no longer served is no longer published', async () => {
  const kind = new CustomKind(api, 'Versioned', group);
  await kind.create({ v1: shelf, v3: shelf });
  const place = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${kind.definition}`;
  const rename = [
    { op: 'test', path: '/spec/versions/1/name', value: 'v3' },
    { op: 'replace', path: '/spec/versions/1/name', value: 'v4' },
  ];
  (await api.patch(place, 'json-patch', rename)).expect(200);
  await isPublished(kind, shelf, 'v4');
  await isPublished(kind, undefined, 'v3');
  await isPublished(kind, shelf, 'v1');
  const unserved = [{ op: 'replace', path: '/spec/versions/1/served', value: false }];
  (await api.patch(place, 'json-patch', unserved)).expect(200);
  await isPublished(kind, undefined, 'v4');
  await isPublished(kind, shelf, 'v1');
  await kind.delete();
});

test('OpenAPI 3 of a group-version comes with its kinds, names its digest, and goes with them', async () => {
  const kind = new CustomKind(api, 'Brief', `brief.${group}`);
  await kind.create({ v1: { type: 'object', ...open } });
  const document = `/openapi/v3/apis/${kind.group}/v1`;
  const index = async (): Promise<unknown> =>
    valueAt(
      (await api.get('/openapi/v3')).json,
      `paths['apis/${kind.group}/v1'].serverRelativeURL`,
    );
  await eventually(async () => {
    assert.match(String(await index()), /\?hash=\w+$/);
  });
  const schemas = (await api.get(document)).expect(200).at('components.schemas') as object;
  assert.ok(Object.keys(schemas).includes('com.example.published.brief.v1.Brief'));
  await kind.delete();
  await eventually(async () => {
    assert.equal(await index(), undefined);
    (await api.get(document)).expect(404);
  });
});

for (const version of ['1.35', '1.24'] as const) {
  describe(`kubectl ${version}`, () => {
    const shell = new Shell(cluster, version, 'published');
    const names = {
      closed: new CustomKind(api, 'Closed', group),
      free: new CustomKind(api, 'Free', group),
      nested: new CustomKind(api, 'Nested', group),
    };
    const { closed, free, nested } = names;
    before(async () => {
      await shell.run(`create namespace ${shell.namespace}`);
      await closed.create({ v1: shelf }, { namespaced: true });
      await free.create({ v1: { type: 'object', ...open } }, { namespaced: true });
      const spec = described('Anything goes here', { type: 'object', ...open });
      const properties = { spec };
      await nested.create(
        { v1: { type: 'object', description: 'Open inside', properties } },
        { namespaced: true },
      );
      for (const kind of Object.values(names)) {
        await eventually(async () => {
          await shell.expect(`explain ${kind.plural}`, new RegExp(`KIND: +${kind.kind}`));
        });
      }
    });
    after(async () => {
      for (const kind of Object.values(names)) await kind.delete();
      await shell.run(`delete namespace ${shell.namespace} --wait=false`);
    });
    const object = (kind: CustomKind, more: object): string =>
      JSON.stringify({
        apiVersion: `${group}/v1`,
        kind: kind.kind,
        metadata: { name: 'mine' },
        ...more,
      });
    const takes = async (kind: CustomKind, more: object): Promise<void> => {
      await shell.expectWith('create -f -', { input: object(kind, more) }, /mine created/);
      const labelled = object(kind, { ...more, metadata: { name: 'mine', labels: { a: 'b' } } });
      await shell.expectWith('apply -f -', { input: labelled }, /mine configured/);
      await shell.expectWith('apply -f -', { input: labelled }, /mine unchanged/);
      await shell.run(`delete ${kind.plural} mine`);
    };
    const refuses = async (more: object, said: RegExp): Promise<void> => {
      for (const verb of ['create', 'apply'])
        await shell.refused(`${verb} -f -`, said, { input: object(closed, more) });
    };

    test('creates and applies what the schema allows', async () => {
      await takes(closed, { spec: { books: [{ title: 'a' }] } });
      await takes(free, { a: { b: [{ c: 'd' }] } });
      await takes(nested, { spec: { a: null, b: [{ c: 'd' }] } });
    });

    test('refuses unknown and missing fields and values that are not in the enumeration', async () => {
      await refuses({ spec: { foo: true } }, /unknown field "(spec\.)?foo"/);
      await refuses(
        { spec: { books: [{ pages: '10' }] } },
        /missing required field "title"|spec\.books\[0\]\.title: Required value/,
      );
      await refuses(
        { spec: { books: [{ title: 'a', cover: 'Glass' }] } },
        /Unsupported value: "Glass"/,
      );
    });

    test('explains the kind, its fields and theirs', async () => {
      const { plural } = closed;
      await shell.expect(
        `explain ${plural}`,
        /DESCRIPTION:.*A shelf for testing.*FIELDS:.*apiVersion.*<string>.*APIVersion defines.*spec.*<Object>.*What the shelf/s,
      );
      await shell.expect(
        `explain ${plural}.metadata`,
        /DESCRIPTION:.*Standard object's metadata.*FIELDS:.*creationTimestamp.*<string>.*CreationTimestamp is a timestamp/s,
      );
      await shell.expect(
        `explain ${plural}.spec.books`,
        /(FIELD|RESOURCE):.*books.*<\[\]Object>.*DESCRIPTION:.*The books on it.*FIELDS:.*title.*<string>.*Title of.*words.*<\[\]string>.*Words of it/s,
      );
      await shell.refused(`explain ${plural}.spec.books2`, /field "books2" does not exist/);
      await shell.expect(`explain ${free.plural}`, /DESCRIPTION:.*<empty>/s);
      await shell.expect(`explain ${nested.plural}`, /DESCRIPTION:.*Open inside/s);
    });
  });
}
