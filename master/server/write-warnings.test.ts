/** What writes are told beside their answers: repeated fields, lines and owners. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  mutatingAdmissionPolicies,
  mutatingAdmissionPolicyBindings,
} from '../../api/admissionregistration/v1/mutating-admission-policy.js';
import { configMaps } from '../../api/core/v1/config-map.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
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

test('owners of fields that admission spoilt are taken back, with a warning', async () => {
  const api = await new Api().start();
  const expression = "[JSONPatch{op: 'remove', path: '/metadata/managedFields/0/fieldsType'}]";
  const resourceRules = [
    { operations: ['*'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] },
  ];
  await api.post(mutatingAdmissionPolicies, {
    metadata: { name: 'p' },
    spec: {
      matchConstraints: { resourceRules },
      mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression } }],
      reinvocationPolicy: 'Never',
    },
  });
  const spec = { policyName: 'p' };
  await api.post(mutatingAdmissionPolicyBindings, { metadata: { name: 'p' }, spec });
  const spoilt = /^\.metadata\.managedFields was in an invalid state after admission; /;
  const types = ({ metadata }: KubeObject) =>
    metadata.managedFields?.map((each) => each.fieldsType);
  const made = await api.post(configMaps, { metadata: { name: 'a' }, data: { a: '1' } });
  assert.deepEqual(types(made), ['FieldsV1']);
  assert.match(said(api).join(), spoilt);
  const put = await api.put(configMaps, { ...made, data: { a: '2' } } as typeof made);
  assert.deepEqual(types(put), ['FieldsV1']);
  assert.match(said(api).join(), spoilt);
});
