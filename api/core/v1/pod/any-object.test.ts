/**
 * Whatever the schema lets through has to be answered, never to crash: defaulting, validation, columns and strategies of
 * pods and workloads meet objects in which anything may be absent, required fields included.
 */
import { test } from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { deployments } from '../../../apps/v1/deployment.js';
import { replicaSets } from '../../../apps/v1/replica-set.js';
import type { KubeObject } from '../../../meta/v1/types.js';
import type { ResourceDefinition } from '../../../schema/resource.js';
import type { Definition, Field, Scalar, Schema } from '../../../schema/schema.js';
import { propertyRuns } from '../../../../testing/property-runs.js';
import { pods } from './pod.js';

const scalars: Readonly<Record<Scalar, fc.Arbitrary<unknown>>> = {
  string: fc.constantFrom('', 'a', 'A b', '../x', '/x', "metadata.labels['a']", 'limits.cpu', 'é'),
  boolean: fc.boolean(),
  int32: fc.integer({ min: -2, max: 70_000 }),
  int64: fc.integer({ min: -2, max: 70_000 }),
  double: fc.double({ noNaN: true }),
  bytes: fc.constant('YQ=='),
  any: fc.constant('x'),
  object: fc.constant({}),
  time: fc.constant('2026-01-01T00:00:00Z'),
  microTime: fc.constant('2026-01-01T00:00:00.000000Z'),
  quantity: fc.constantFrom('0', '1', '-1', '500m', '1Gi'),
  intOrString: fc.constantFrom(0, 80, 'web', '25%', ''),
  rawExtension: fc.constant({}),
  fieldsV1: fc.constant({}),
};

function anySchema(schema: Schema, depth: number, field?: Field): fc.Arbitrary<unknown> {
  switch (schema.type) {
    case 'scalar':
      return field?.enum === undefined
        ? scalars[schema.scalar]
        : fc.constantFrom(...field.enum, 'other', '');
    case 'list':
      return fc.array(anySchema(schema.items, depth, field), { maxLength: 2 });
    case 'map':
      return fc.dictionary(
        fc.constantFrom('cpu', 'memory', 'example.com/gpu', 'b c', 'hugepages-2Mi'),
        anySchema(schema.values, depth),
        { maxKeys: 2 },
      );
    case 'ref':
      return anyDefinition(schema.target(), depth - 1);
  }
}

/** A random few of the fields, so that objects stay small and reach deep. */
function anyDefinition(definition: Definition, depth: number): fc.Arbitrary<object> {
  if (depth <= 0) return fc.constant({});
  const names = Object.keys(definition.fields).filter((name) => name !== 'managedFields');
  return fc.subarray(names, { maxLength: Math.min(6, names.length) }).chain((chosen) =>
    fc.record(
      Object.fromEntries(
        chosen.map((name) => {
          const field = definition.fields[name];
          assert.ok(field);
          return [name, anySchema(field.schema, depth, field)];
        }),
      ),
    ),
  );
}

function survives<T extends KubeObject>(resource: ResourceDefinition<T>): void {
  const specField = resource.schema.fields.spec;
  const statusField = resource.schema.fields.status;
  assert.ok(specField && statusField);
  const objects = fc.record(
    { spec: anySchema(specField.schema, 7), status: anySchema(statusField.schema, 5) },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(objects, objects, (left, right) => {
      const [draft, stored] = [left, right].map((parts) => {
        const object = { metadata: { name: 'a' }, ...structuredClone(parts) } as unknown as T;
        resource.defaults?.(object);
        return object;
      });
      assert.ok(draft && stored);
      resource.validate(draft);
      resource.validateUpdate?.(draft, stored);
      resource.validateStatusUpdate?.(draft, stored);
      resource.strategy.warnings?.(draft, undefined);
      for (const { cell } of resource.columns ?? []) cell(draft, 0);
      for (const read of Object.values(resource.selectableFields)) read(draft);
      resource.strategy.prepareForStatusUpdate?.(draft, stored, 0);
      resource.strategy.prepareForCreate?.(draft, 0);
    }),
    { numRuns: propertyRuns(120) },
  );
}

test('pods answer anything their schema lets through', () => {
  survives(pods);
});

test('deployments answer anything their schema lets through', () => {
  survives(deployments);
});

test('replicaSets answer anything their schema lets through', () => {
  survives(replicaSets);
});
