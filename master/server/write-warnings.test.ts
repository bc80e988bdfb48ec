/** What writes are told beside their answers: repeated fields, lines and owners. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMaps } from '../../api/core/v1/config-map.js';
import { Api, mediaTypes } from './api-fixture.test.js';

const said = (api: Api): readonly string[] => [...new Set(api.warnings.splice(0))];
const owner = (uid: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid });
const duplicated = (where: string): RegExp =>
  new RegExp(`^\\.metadata\\.ownerReferences contains duplicate entries${where};.* observed: 1$`);

test('owners that are named twice are taken once, with a warning', async () => {
  const api = await new Api().start();
  const ownerReferences = [owner('1'), owner('2'), owner('1')];
  const once = [owner('1'), owner('2')];
  const made = await api.post(configMaps, { metadata: { name: 'a', ownerReferences } });
  assert.deepEqual(made.metadata.ownerReferences, once);
  const [warning = '', ...others] = said(api);
  assert.match(warning, duplicated(''));
  assert.deepEqual(others, []);
  const put = await api.put(configMaps, {
    ...made,
    metadata: { ...made.metadata, ownerReferences },
  });
  assert.deepEqual(put.metadata.ownerReferences, once);
  assert.match(said(api).join(), duplicated(''));
  const body = { metadata: { ownerReferences } };
  const patched = await api.patch(configMaps, { type: mediaTypes.merge, body });
  assert.deepEqual(patched.metadata.ownerReferences, once);
  assert.match(said(api).join(), duplicated(' after mutating admission happens'));
});

test('keys that come twice are told of in YAML and in patches, or refused', async () => {
  const api = await new Api().start();
  const yaml = 'metadata: { name: a }\ndata:\n  k: one\n  k: two\nunknown: 1\n';
  const line = 'line 4: key "k" already set in map';
  const type = 'application/yaml';
  await assert.rejects(
    api.post(configMaps, yaml as unknown as object, { type, query: 'fieldValidation=Strict' }),
    new RegExp(
      `strict decoding error: yaml: unmarshal errors:\n  ${line}, unknown field "unknown"$`,
    ),
  );
  await api.post(configMaps, yaml as unknown as object, { type });
  assert.deepEqual(said(api), [line, 'unknown field "unknown"']);
  const twice = { type: mediaTypes.merge, body: '{"data":{"k":"1","k":"2"},"unknown":1}' };
  const problems = ['duplicate field "data.k"', 'unknown field "unknown"'];
  await assert.rejects(
    api.patch(configMaps, { ...twice, query: 'fieldValidation=Strict' }),
    new RegExp(`strict decoding error: ${problems.join(', ')}$`),
  );
  await api.patch(configMaps, twice);
  assert.deepEqual(said(api), problems);
  await api.patch(configMaps, { ...twice, query: 'fieldValidation=Ignore' });
  assert.deepEqual(said(api), []);
});
