import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, refusals, storedAs } from '../../schema/drafts.test.js';
import { podGroups } from './pod-group.js';
import { workloads } from './workload.js';

const schedulingPolicy = { gang: { minCount: 2 } };
const template = { name: 'workers', schedulingPolicy };
const workload = (spec: object) => created(workloads, { spec });
const group = (spec: object) => created(podGroups, { spec });

test('a workload has templates of different names, each with one policy', () => {
  const refused = (podGroupTemplates: object[]): string[] =>
    refusals(workloads.validateCreate?.(workload({ podGroupTemplates })));
  const field = 'spec.podGroupTemplates';
  assert.deepEqual(refused([template]), []);
  assert.deepEqual(refused([{ name: 'a', schedulingPolicy: { basic: {} } }]), []);
  for (const [templates, error] of [
    [[], `${field}: Required value: must have at least one item`],
    [Array.from({ length: 9 }, () => template), `${field}: Too many: 9: must have at most 8 items`],
    [[template, template], `${field}[1]: Duplicate value: "workers"`],
    [[{ ...template, name: '' }], `${field}[0].name: Required value`],
    [
      [{ name: 'a' }],
      `${field}[0].schedulingPolicy: Invalid value: "": must specify one of: \`basic\`, \`gang\``,
    ],
    [
      [{ name: 'a', schedulingPolicy: { gang: {} } }],
      `${field}[0].schedulingPolicy.gang.minCount: Required value`,
    ],
    [
      [{ ...template, disruptionMode: 'Never' }],
      `${field}[0].disruptionMode: Unsupported value: "Never": supported values: "Pod", "PodGroup"`,
    ],
    [
      [{ ...template, resourceClaims: [{ name: 'a' }] }],
      `${field}[0].resourceClaims[0]: Invalid value: "": must specify one of: \`resourceClaimName\`, \`resourceClaimTemplateName\``,
    ],
    [
      [{ ...template, schedulingConstraints: { topology: [{ key: 'a' }, { key: 'b' }] } }],
      `${field}[0].schedulingConstraints.topology: Too many: 2: must have at most 1 items`,
    ],
  ] as const) {
    assert.deepEqual(refused([...templates]), [error]);
  }
});

test('a workload keeps its templates, and its controller once it has one', () => {
  const stored = storedAs(workload({ podGroupTemplates: [template] }));
  const named = structuredClone(stored);
  named.spec.controllerRef = { apiGroup: 'batch', kind: 'Job', name: 'j' };
  assert.deepEqual(refusals(workloads.validateUpdate?.(named, stored)), []);
  assert.match(
    refusals(workloads.validateUpdate?.(stored, named))[0] ?? '',
    /^spec\.controllerRef: .*field is immutable/,
  );
  const other = structuredClone(stored);
  other.spec.podGroupTemplates[0] = { ...template, name: 'others' };
  assert.match(
    refusals(workloads.validateUpdate?.(other, stored))[0] ?? '',
    /^spec\.podGroupTemplates: .*field is immutable/,
  );
  named.spec.controllerRef.kind = '';
  assert.deepEqual(refusals(workloads.validate(named)), [
    'spec.controllerRef.kind: Required value',
  ]);
});

test('a pod group can be disturbed pod by pod unless it says otherwise, and stays as it is', () => {
  const stored = storedAs(group({ schedulingPolicy }));
  assert.equal(stored.spec.disruptionMode, 'Pod');
  assert.deepEqual(refusals(podGroups.validateCreate?.(stored)), []);
  const other = structuredClone(stored);
  other.spec.priority = 5;
  assert.deepEqual(refusals(podGroups.validateUpdate?.(other, stored)), [
    'spec.priority: Invalid value: 5: field is immutable',
  ]);
  const workloadRef = { workload: { workloadName: 'w', podGroupTemplateName: '' } };
  assert.deepEqual(
    refusals(
      podGroups.validateCreate?.(group({ schedulingPolicy, podGroupTemplateRef: workloadRef })),
    ),
    ['spec.podGroupTemplateRef.workload.podGroupTemplateName: Required value'],
  );
});

test('the status of a pod group names claims that the group has', () => {
  const object = group({ schedulingPolicy });
  object.status.resourceClaimStatuses = [{ name: 'gpu' }];
  assert.deepEqual(refusals(podGroups.validateStatusUpdate?.(object, object)), [
    'status.resourceClaimStatuses[0].name: Invalid value: "gpu": must match the name of an entry in `spec.resourceClaims`',
  ]);
});
