import assert from 'node:assert/strict';
import test from 'node:test';
import type { APIServiceSpec } from '../../../api/apiregistration/v1/types.js';
import { aggregatedDiscovery, legacyDiscovery } from '../discovery.js';
import type { ExtensionServer } from './extension-server.js';
import { readDocuments } from './remote-documents.js';

const spec: APIServiceSpec = {
  group: 'fruit.example',
  version: 'v1',
  groupPriorityMinimum: 10,
  versionPriority: 10,
};

/** A server that answers with these texts, by path. */
const serverOf = (answers: Readonly<Record<string, string>>): Pick<ExtensionServer, 'get'> => ({
  get: (path) => {
    const answer = answers[path];
    return answer === undefined
      ? Promise.reject(new Error(`bad status from ${path}: 404`))
      : Promise.resolve(answer);
  },
});

const listOf = (resources: unknown): string =>
  JSON.stringify({ kind: 'APIResourceList', resources });

const apples = { name: 'apples', namespaced: true, kind: 'Apple', verbs: ['get'] };

const nonsense: readonly (readonly [string, string])[] = [
  ['no JSON', '<html>'],
  ['null', 'null'],
  ['a list', '[]'],
  ['another kind', '{"kind":"Status"}'],
  ['no resource', listOf([null])],
  ['a resource without a name', listOf([{ kind: 'Apple' }])],
  ['a number for a name', listOf([{ ...apples, name: 7 }])],
  ['text for verbs', listOf([{ ...apples, verbs: 'get' }])],
  ['an object for resources', listOf({ length: 1 })],
  ['deep lists', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
];

for (const [name, answer] of nonsense) {
  test(`discovery of an extension server with ${name} is refused`, async () => {
    await assert.rejects(readDocuments(serverOf({ '/apis/fruit.example/v1': answer }), spec));
  });
}

test('discovery of an extension server takes what Go leaves unset as null', async () => {
  const answer = listOf([{ ...apples, shortNames: null, verbs: null, categories: null }]);
  const remote = await readDocuments(serverOf({ '/apis/fruit.example/v1': answer }), spec);
  assert.deepEqual(remote.resources[0]?.verbs, []);
  const options = { resources: [], remotes: [remote] };
  assert.match(
    JSON.stringify(aggregatedDiscovery(options, '/apis', 'v2')),
    /"resource":"apples".*"scope":"Namespaced"/,
  );
  assert.ok(legacyDiscovery({ ...options, serverAddress: 'x' }).has('/apis/fruit.example'));
});

test(
  'discovery of an extension server lists very many resources in no time',
  { timeout: 5_000 },
  () => {
    const resources = Array.from({ length: 20_000 }, (_, at) => ({
      ...apples,
      name: at % 2 === 0 ? `apples${String(at)}` : `apples${String(at - 1)}/status`,
    }));
    const remote = {
      group: 'fruit.example',
      version: 'v1',
      groupPriority: 1,
      versionPriority: 1,
      resources,
      digest: '',
    };
    const text = JSON.stringify(
      aggregatedDiscovery({ resources: [], remotes: [remote] }, '/apis', 'v2'),
    );
    assert.equal(text.match(/"subresource":"status"/g)?.length, 10_000);
  },
);

const badOpenApi = [
  'null',
  '[]',
  '7',
  '{"paths":7}',
  '{"definitions":{"a":null}}',
  '{"paths":[]}',
  '{',
];

for (const document of badOpenApi) {
  test(`OpenAPI of an extension server that says ${document} is left out`, async () => {
    const server = serverOf({
      '/apis/fruit.example/v1': listOf([apples]),
      '/openapi/v2': document,
      '/openapi/v3/apis/fruit.example/v1': document,
    });
    const { openApiV2, openApiV3 } = await readDocuments(server, spec);
    assert.deepEqual([openApiV2, openApiV3], [undefined, undefined]);
  });
}
