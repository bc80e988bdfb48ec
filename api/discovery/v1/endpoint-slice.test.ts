import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endpointSlices } from './endpoint-slice.js';
import { managedByLabel } from './labels.js';
import type { EndpointSlice } from './types.js';

const slice = (change: Partial<EndpointSlice>): EndpointSlice => {
  const draft: EndpointSlice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: 'a',
      namespace: 'default',
      generation: 1,
      uid: 'u',
      resourceVersion: '1',
      creationTimestamp: '2026-01-02T03:03:05Z',
    },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.1.2.3'] }],
    ...change,
  };
  endpointSlices.defaults?.(draft);
  return draft;
};
const errorsOf = (change: Partial<EndpointSlice>): string[] =>
  endpointSlices.validate(slice(change)).map(({ field, message }) => `${field}: ${message}`);
const domain = (address: string): Partial<EndpointSlice> => ({
  addressType: 'FQDN',
  endpoints: [{ addresses: [address] }],
});

test('an endpoint named by its host has a domain', () => {
  assert.deepEqual(errorsOf(domain('a.example.')), []);
  assert.match(errorsOf(domain(''))[0] ?? '', /Required value$/);
  assert.match(
    errorsOf(domain('a'))[0] ?? '',
    /"a": should be a domain with at least two segments/,
  );
  const long = `${'a'.repeat(64)}.b`;
  assert.match(errorsOf(domain(long))[0] ?? '', /must be no more than 63 (bytes|characters)$/);
});

test('hints name zones as values of labels and nodes as objects', () => {
  const hints = (forZones: string[], forNodes: string[]): string[] =>
    errorsOf({
      endpoints: [
        {
          addresses: ['10.1.2.3'],
          hints: {
            forZones: forZones.map((name) => ({ name })),
            forNodes: forNodes.map((name) => ({ name })),
          },
        },
      ],
    });
  assert.deepEqual(hints(['Zone_A'], ['node-a']), []);
  assert.equal(hints([], ['Node_A']).length, 1);
  assert.equal(hints(Array<string>(9).fill('a'), ['Node_A']).length, 1);
});

test('a port may have any number, and its name once', () => {
  assert.deepEqual(errorsOf({ ports: [{ name: 'a', port: 0 }] }), []);
  const ports = [{ name: 'A' }, { name: 'A' }];
  assert.deepEqual(
    errorsOf({ ports }).map((text) => /^\S+: \S+ value/.exec(text)?.[0]),
    [
      'ports[0].name: Invalid value',
      'ports[1].name: Invalid value',
      'ports[1].name: Duplicate value',
    ],
  );
});

test('a write counts when labels change, and says nothing of topology', () => {
  const stored = slice({});
  const update = (draft: EndpointSlice): EndpointSlice => {
    endpointSlices.strategy.prepareForUpdate?.(draft, stored, 0);
    return draft;
  };
  const same = update(
    slice({ endpoints: [{ addresses: ['10.1.2.3'], deprecatedTopology: { zone: 'a' } }] }),
  );
  assert.deepEqual([same.endpoints, same.metadata.generation], [stored.endpoints, 1]);
  const labelled = update(slice({ metadata: { ...stored.metadata, labels: { a: 'b' } } }));
  assert.equal(labelled.metadata.generation, 2);
});

test('who writes a slice is warned of hosts and unusual addresses', () => {
  const warnings = (draft: EndpointSlice, stored?: EndpointSlice): readonly string[] =>
    endpointSlices.strategy.warnings?.(draft, stored) ?? [];
  const named = slice(domain('a.example'));
  assert.deepEqual(warnings(named), ['spec.addressType: FQDN endpoints are deprecated']);
  assert.deepEqual(warnings(named, named), []);
  const unusual = slice({ addressType: 'IPv6', endpoints: [{ addresses: ['FD00::1'] }] });
  assert.deepEqual(warnings(unusual), [
    'endpoints[0].addresses[0]: IPv6 address "FD00::1" should be in RFC 5952 canonical format ("fd00::1")',
  ]);
  unusual.metadata.labels = { [managedByLabel]: 'endpointslice-controller.k8s.io' };
  assert.deepEqual(warnings(unusual), []);
});
