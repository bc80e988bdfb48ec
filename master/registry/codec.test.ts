import assert from 'node:assert/strict';
import test from 'node:test';
import { jsonSchemaProps } from '../../api/apiextensions/v1/json-schema.js';
import { configMap } from '../../api/core/v1/config-map.js';
import { pod } from '../../api/core/v1/pod/pod.js';
import { service } from '../../api/core/v1/service.js';
import { ingress } from '../../api/networking/v1/ingress.js';
import { DecodeError, decodeTyped } from './codec.js';

test('decoding prunes unknown fields and says where they were', () => {
  const { object, unknownFields } = decodeTyped(pod, {
    metadata: { name: 'a', nosuch: 1 },
    spec: { containers: [{ name: 'c', imaje: 'x' }], extra: {} },
  });
  assert.deepEqual(object, { metadata: { name: 'a' }, spec: { containers: [{ name: 'c' }] } });
  assert.deepEqual(unknownFields, ['metadata.nosuch', 'spec.containers[0].imaje', 'spec.extra']);
});

test('decoding drops nulls and what is empty and optional, and keeps what is not', () => {
  const { object } = decodeTyped(pod, {
    metadata: { name: 'a', labels: {}, annotations: { x: null }, creationTimestamp: null },
    spec: { volumes: [{ name: 'v', emptyDir: {}, hostPath: null }], containers: [] },
  });
  assert.deepEqual(object, {
    metadata: { name: 'a', annotations: { x: '' } },
    spec: { volumes: [{ name: 'v', emptyDir: {} }], containers: [] },
  });
});

test('decoding writes times, quantities and base64 in their canonical form', () => {
  const { object } = decodeTyped(pod, {
    metadata: { creationTimestamp: '2024-01-01T02:00:00.5+02:00' },
    spec: { containers: [{ name: 'c', resources: { limits: { cpu: '0.5', memory: 1024 } } }] },
  });
  assert.deepEqual(object, {
    metadata: { creationTimestamp: '2024-01-01T00:00:00Z' },
    spec: { containers: [{ name: 'c', resources: { limits: { cpu: '500m', memory: '1024' } } }] },
  });
});

test('values of the wrong type are refused in the words of Go', () => {
  const cases = [
    [
      configMap,
      { data: { k: 1 } },
      'json: cannot unmarshal number into Go struct field ConfigMap.data of type string',
    ],
    [
      service,
      { spec: { ports: [{ port: 80.5 }] } },
      'json: cannot unmarshal number 80.5 into Go struct field ServicePort.spec.ports.port of type int32',
    ],
    [
      service,
      { spec: { ports: {} } },
      'json: cannot unmarshal object into Go struct field ServiceSpec.spec.ports of type []v1.ServicePort',
    ],
    [
      service,
      { spec: { ports: [{ port: 80, targetPort: true }] } },
      'json: cannot unmarshal bool into Go value of type int32',
    ],
  ] as const;
  for (const [definition, value, message] of cases) {
    assert.throws(() => decodeTyped(definition, value), new DecodeError(message));
  }
});

test('a field named __proto__ stays data', () => {
  const value = JSON.parse('{"data":{"__proto__":"x"}}') as unknown;
  const { object } = decodeTyped(configMap, value);
  assert.equal(JSON.stringify(object), '{"data":{"__proto__":"x"}}');
});

test('an empty text stays where it says something else than none', () => {
  const kept = decodeTyped(ingress, { spec: { ingressClassName: '' } });
  assert.deepEqual(kept.object, { spec: { ingressClassName: '' } });
  const dropped = decodeTyped(service, { spec: { externalName: '' } });
  assert.deepEqual(dropped.object, { spec: {} });
});

test('schemas within schemas are decoded, and what they do not know is dropped in silence', () => {
  const within = (items: unknown) =>
    decodeTyped(jsonSchemaProps, { type: 'array', items, additionalProperties: true });
  const { object, unknownFields } = within({ type: 'object', 'x-other': 1, title: null });
  assert.deepEqual(object.items, { type: 'object' });
  assert.equal(object.additionalProperties, true);
  assert.deepEqual(unknownFields, []);
  assert.throws(
    () => within({ required: 5 }),
    new DecodeError(
      'json: cannot unmarshal number into Go struct field JSONSchemaProps.items.required of type []string',
    ),
  );
});
