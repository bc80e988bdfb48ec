import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changed, created, refusals, row, storedAs } from '../../schema/drafts.test.js';
import { controllerRevisions } from './controller-revision.js';
import { daemonSets } from './daemon-set.js';

const selector = { matchLabels: { app: 'web' } };
const template = {
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'main', image: 'app:1' }] },
};
const made = (spec: object) => created(daemonSets, { spec: { selector, template, ...spec } });

test('daemon sets fill the fields that Kubernetes fills', () => {
  const { spec, status, metadata } = made({});
  assert.deepEqual(spec.updateStrategy, {
    type: 'RollingUpdate',
    rollingUpdate: { maxUnavailable: 1, maxSurge: 0 },
  });
  assert.equal(spec.revisionHistoryLimit, 10);
  assert.equal(spec.template.spec?.restartPolicy, 'Always');
  assert.equal(metadata.annotations?.['deprecated.daemonset.template.generation'], '1');
  assert.deepEqual(status, {
    currentNumberScheduled: 0,
    numberMisscheduled: 0,
    desiredNumberScheduled: 0,
    numberReady: 0,
  });
  assert.deepEqual(made({ updateStrategy: { type: 'OnDelete' } }).spec.updateStrategy, {
    type: 'OnDelete',
  });
});

const mismatch =
  'spec.template.metadata.labels: Invalid value: {…}: `selector` does not match template `labels`';
const rolling = (rollingUpdate: object) => ({ updateStrategy: { rollingUpdate } });
const refused: readonly (readonly [object, readonly string[]])[] = [
  [{}, []],
  [{ selector: undefined }, [mismatch]],
  [
    { selector: {} },
    ['spec.selector: Invalid value: {…}: empty selector is invalid for daemonset'],
  ],
  [{ selector: { matchLabels: { app: 'z' } } }, [mismatch]],
  [
    { updateStrategy: { type: 'Never' } },
    ['spec.updateStrategy: Unsupported value: {…}: supported values: "RollingUpdate", "OnDelete"'],
  ],
  [
    rolling({ maxUnavailable: 0 }),
    [
      'spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0',
    ],
  ],
  [
    rolling({ maxUnavailable: '10%', maxSurge: 1 }),
    [
      'spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero',
    ],
  ],
  [
    rolling({ maxUnavailable: '101%' }),
    [
      'spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%',
    ],
  ],
  [rolling({ maxUnavailable: '0%', maxSurge: '5%' }), []],
  [
    { minReadySeconds: -1 },
    ['spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0'],
  ],
  [
    { template: { ...template, spec: { ...template.spec, activeDeadlineSeconds: 5 } } },
    [
      'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in DaemonSet is not Supported',
    ],
  ],
];

test('daemon sets refuse malformed specs in the words of Kubernetes', () => {
  for (const [spec, expected] of refused) {
    assert.deepEqual(refusals(daemonSets.validate(made(spec))), expected, JSON.stringify(spec));
  }
});

test('daemon sets keep their selector and count the generations of their template', () => {
  const stored = storedAs(made({}));
  const moved = changed(stored, { selector: { matchLabels: { app: 'x' } } });
  assert.deepEqual(refusals(daemonSets.validateUpdate?.(moved, stored)), [
    'spec.selector: Invalid value: {…}: field is immutable',
  ]);
  const generation = (draft: typeof stored) => {
    daemonSets.strategy.prepareForUpdate?.(draft, stored, 0);
    return draft.metadata.annotations?.['deprecated.daemonset.template.generation'];
  };
  assert.equal(generation(changed(stored, { minReadySeconds: 3 })), '1');
  assert.equal(generation(changed(stored, { template: {} })), '2');
});

test('daemon sets show how many nodes run their pods', () => {
  const object = made({});
  object.status = {
    desiredNumberScheduled: 3,
    currentNumberScheduled: 2,
    numberReady: 1,
    numberMisscheduled: 0,
    updatedNumberScheduled: 2,
  };
  assert.deepEqual(row(daemonSets, object), {
    Name: 'a',
    Desired: 3,
    Current: 2,
    Ready: 1,
    'Up-to-date': 2,
    Available: 0,
    'Node Selector': '<none>',
    Age: '10m',
    Containers: 'main',
    Images: 'app:1',
    Selector: 'app=web',
  });
});

test('the collisions of a daemon set only ever grow', () => {
  const stored = storedAs(made({}));
  stored.status.collisionCount = 2;
  const draft = structuredClone(stored);
  draft.status.collisionCount = 1;
  draft.status.numberReady = -1;
  assert.deepEqual(refusals(daemonSets.validateStatusUpdate?.(draft, stored)), [
    'status.numberReady: Invalid value: -1: must be greater than or equal to 0',
    'status.collisionCount: Invalid value: 1: cannot be decremented',
  ]);
});

test('controller revisions hold what they were made with', () => {
  const stored = storedAs(created(controllerRevisions, { data: { a: 1 }, revision: 2 }));
  assert.deepEqual(refusals(controllerRevisions.validate(stored)), []);
  const next = { ...structuredClone(stored), data: { a: 2 }, revision: 3 };
  assert.deepEqual(refusals(controllerRevisions.validateUpdate?.(next, stored)), [
    'data: Invalid value: {…}: field is immutable',
  ]);
  const empty = created(controllerRevisions, { revision: -1 });
  assert.deepEqual(refusals(controllerRevisions.validate(empty)), [
    'data: Required value: data is mandatory',
    'revision: Invalid value: -1: must be greater than or equal to 0',
  ]);
});

test('controller revisions name the workload whose state they record', () => {
  const owner = {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    name: 'db',
    uid: 'u',
    controller: true,
  };
  const of = (ownerReferences: object[]) =>
    row(
      controllerRevisions,
      created(controllerRevisions, { data: {}, revision: 2 }, { ownerReferences }),
    );
  assert.deepEqual(of([owner]), {
    Name: 'a',
    Controller: 'statefulset.apps/db',
    Revision: 2,
    Age: '10m',
  });
  assert.equal(of([]).Controller, '<none>');
  assert.equal(of([{ ...owner, apiVersion: 'v1', kind: 'Pod' }]).Controller, 'pod/db');
});
