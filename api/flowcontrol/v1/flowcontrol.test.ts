import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FieldError } from '../../validation/field-error.js';
import { mandatoryFlowSchemas, mandatoryPriorityLevels } from './bootstrap-objects.js';
import { flowSchemas } from './flow-schema.js';
import { priorityLevelConfigurations } from './priority-level-configuration.js';
import type { FlowSchema, PriorityLevelConfiguration } from './types.js';

const apiVersion = 'flowcontrol.apiserver.k8s.io/v1';

function level(name: string, spec: object): PriorityLevelConfiguration {
  const object = {
    apiVersion,
    kind: 'PriorityLevelConfiguration',
    metadata: { name },
    spec,
    status: {},
  } as unknown as PriorityLevelConfiguration;
  priorityLevelConfigurations.defaults?.(object);
  return object;
}

function schema(spec: object): FlowSchema {
  const object = {
    apiVersion,
    kind: 'FlowSchema',
    metadata: { name: 'a' },
    spec: { priorityLevelConfiguration: { name: 'low' }, ...spec },
    status: {},
  } as unknown as FlowSchema;
  flowSchemas.defaults?.(object);
  return object;
}

const queued = { type: 'Queue' };

test('prioritylevelconfiguration fills what Kubernetes fills', () => {
  const { spec } = level('a', { type: 'Limited', limited: { limitResponse: queued } });
  assert.deepEqual(spec.limited, {
    nominalConcurrencyShares: 30,
    lendablePercent: 0,
    limitResponse: {
      type: 'Queue',
      queuing: { handSize: 8, queues: 64, queueLengthLimit: 50 },
    },
  });
  assert.deepEqual(level('exempt', { type: 'Exempt' }).spec.exempt, {
    nominalConcurrencyShares: 0,
    lendablePercent: 0,
  });
});

test('prioritylevelconfiguration refuses what Kubernetes refuses', () => {
  const queuing = (settings: object): object => ({
    type: 'Limited',
    limited: { limitResponse: { type: 'Queue', queuing: settings } },
  });
  const field = 'spec.limited.limitResponse.queuing';
  const cases: [PriorityLevelConfiguration, string[]][] = [
    [level('a', queuing({})), []],
    [level('exempt', { type: 'Exempt' }), []],
    [
      level('a', { type: 'Exempt' }),
      [`spec.type: Invalid value: "Exempt": type must be 'Exempt' if and only if name is 'exempt'`],
    ],
    [
      level('a', { type: 'Limited' }),
      ['spec.limited: Required value: must not be empty when type is Limited'],
    ],
    [
      level('a', queuing({ queues: 4 })),
      [`${field}.handSize: Invalid value: 8: should not be greater than queues (4)`],
    ],
    [
      level('a', queuing({ queues: 1024, handSize: 7 })),
      [
        `${field}.handSize: Invalid value: 7: required entropy bits of deckSize 1024 and handSize 7 should not be greater than 60`,
      ],
    ],
    [
      level('a', {
        type: 'Limited',
        limited: { limitResponse: { type: 'Reject', queuing: {} }, lendablePercent: 101 },
      }),
      [
        `${field}: Forbidden: must be nil if limited.limitResponse.type is not Limited`,
        'spec.limited.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive',
      ],
    ],
  ];
  for (const [object, expected] of cases) {
    const found = priorityLevelConfigurations.validate(object);
    assert.deepEqual(
      found.map(({ field: at, message }) => `${at}: ${message}`),
      expected,
    );
  }
});

test('flowschema refuses what Kubernetes refuses', () => {
  const rule = (more: object): object => ({
    rules: [
      {
        subjects: [{ kind: 'User', user: { name: '*' } }],
        resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true }],
        ...more,
      },
    ],
  });
  const at = 'spec.rules[0]';
  const cases: [FlowSchema, string[]][] = [
    [schema(rule({})), []],
    [
      schema({ matchingPrecedence: 1 }),
      [
        "spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1",
      ],
    ],
    [
      schema({ priorityLevelConfiguration: { name: '' }, distinguisherMethod: { type: 'x' } }),
      [
        'spec.distinguisherMethod.type: Unsupported value: {"type":"x"}: supported values: "ByNamespace", "ByUser"',
        'spec.priorityLevelConfiguration.name: Required value: must reference a priority level',
      ],
    ],
    [
      schema(rule({ subjects: [{ kind: 'Group', user: { name: 'u' } }] })),
      [
        `${at}.subjects[0].group: Required value: group is required when subject kind is 'Group'`,
        `${at}.subjects[0].user: Forbidden: user is forbidden when subject kind is not 'User'`,
      ],
    ],
    [
      schema(
        rule({
          resourceRules: [{ verbs: ['get', '*'], apiGroups: [], resources: ['pods'] }],
          nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['healthz', '/a*b', '/a*', ''] }],
        }),
      ),
      [
        `${at}.resourceRules[0].verbs: Invalid value: ["get","*"]: if '*' is present, must not specify other verbs`,
        `${at}.resourceRules[0].apiGroups: Required value: resource rules must supply at least one api group`,
        `${at}.resourceRules[0].namespaces: Required value: resource rules that are not cluster scoped must supply at least one namespace`,
        `${at}.nonResourceRules[0].nonResourceURLs[0]: Invalid value: "healthz": must start with slash`,
        `${at}.nonResourceRules[0].nonResourceURLs[1]: Invalid value: "/a*b": wildcard can only do suffix matching`,
        `${at}.nonResourceRules[0].nonResourceURLs[2]: Invalid value: "/a*": wildcard can only do suffix matching`,
        `${at}.nonResourceRules[0].nonResourceURLs[3]: Invalid value: "": must not be empty`,
      ],
    ],
  ];
  for (const [object, expected] of cases) {
    const found = flowSchemas.validate(object);
    assert.deepEqual(
      found.map(({ field, message }) => `${field}: ${message}`),
      expected,
    );
  }
});

const messages = (errors: readonly FieldError[] | undefined): string[] =>
  (errors ?? []).map(({ field, message }) => `${field}: ${message}`);

test('what fairness cannot do without stays as it is', () => {
  for (const { metadata, spec } of mandatoryPriorityLevels) {
    const kept = level(metadata.name ?? '', structuredClone(spec));
    assert.deepEqual(priorityLevelConfigurations.validate(kept), []);
  }
  for (const { metadata, spec } of mandatoryFlowSchemas) {
    const kept = schema(structuredClone(spec));
    kept.metadata.name = metadata.name ?? '';
    assert.deepEqual(flowSchemas.validate(kept), []);
    kept.spec.rules = [];
    const [error] = flowSchemas.validate(kept);
    assert.match(error?.message ?? '', /spec of '[a-z-]+' must equal the fixed value$/);
  }
  const lending = level('exempt', { type: 'Exempt', exempt: { lendablePercent: 50 } });
  assert.deepEqual(priorityLevelConfigurations.validate(lending), []);
  const other = level('catch-all', { type: 'Limited', limited: { limitResponse: queued } });
  const [error] = priorityLevelConfigurations.validate(other);
  assert.match(error?.message ?? '', /spec of 'catch-all' must equal the fixed value$/);
});

test('conditions of fairness objects each have a type of their own', () => {
  const object = schema({});
  object.status = { conditions: [{ type: 'Dangling' }, { type: 'Dangling' }, {}] };
  assert.deepEqual(messages(flowSchemas.validateStatusUpdate?.(object, object)), [
    'status.conditions[1].type: Duplicate value: "Dangling"',
    'status.conditions[2].type: Required value: must not be empty',
  ]);
});

test('flowschema says whether its priority level is missing', () => {
  const object = schema({});
  const cell = flowSchemas.columns?.find(({ name }) => name === 'MissingPL')?.cell;
  assert.equal(cell?.(object, 0), '?');
  object.status = { conditions: [{ type: 'Dangling', status: 'False' }] };
  assert.equal(cell(object, 0), 'False');
});
