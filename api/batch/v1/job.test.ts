import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changed, created, refusals, row, storedAs } from '../../schema/drafts.test.js';
import { cronJobs } from './cron-job.js';
import { jobs } from './job.js';
import { countIndexes, IndexesError, parseIndexes, sharedIndex } from './job-indexes.js';
import type { Job, JobSpec, JobStatus } from './types.js';

const pod = { restartPolicy: 'Never', containers: [{ name: 'main', image: 'work:1' }] };
const made = (spec: object): Job => created(jobs, { spec: { template: { spec: pod }, ...spec } });

test('jobs fill the fields that Kubernetes fills', () => {
  const { template: _template, selector: _selector, ...spec } = made({}).spec;
  assert.deepEqual(spec, {
    parallelism: 1,
    completions: 1,
    backoffLimit: 6,
    completionMode: 'NonIndexed',
    suspend: false,
    manualSelector: false,
    podReplacementPolicy: 'TerminatingOrFailed',
  });
  assert.equal(made({ parallelism: 3 }).spec.completions, undefined);
  const indexed = { completionMode: 'Indexed', completions: 2, backoffLimitPerIndex: 1 };
  assert.equal(made(indexed).spec.backoffLimit, 2 ** 31 - 1);
  const rules = [{ action: 'Count', onPodConditions: [{ type: 'DisruptionTarget' }] }];
  const judged = made({ podFailurePolicy: { rules } }).spec;
  assert.equal(judged.podReplacementPolicy, 'Failed');
  assert.equal(judged.podFailurePolicy?.rules[0]?.onPodConditions?.[0]?.status, 'True');
});

test('jobs get a selector and labels from the server unless they bring their own', () => {
  const { spec } = made({});
  assert.deepEqual(spec.selector, { matchLabels: { 'batch.kubernetes.io/controller-uid': 'u' } });
  assert.deepEqual(spec.template.metadata?.labels, {
    'batch.kubernetes.io/job-name': 'a',
    'job-name': 'a',
    'batch.kubernetes.io/controller-uid': 'u',
    'controller-uid': 'u',
  });
  assert.deepEqual(made({}).metadata.labels, spec.template.metadata.labels);
  assert.deepEqual(refusals(jobs.validate(made({}))), []);
  const own = {
    manualSelector: true,
    selector: { matchLabels: { j: 'x' } },
    template: { metadata: { labels: { j: 'x' } }, spec: pod },
  };
  assert.deepEqual(made(own).spec.template.metadata?.labels, { j: 'x' });
  assert.deepEqual(refusals(jobs.validate(made(own))), []);
});

const indexed = { completionMode: 'Indexed', completions: 5 };
const failing = (rule: object) => ({ podFailurePolicy: { rules: [rule] } });
const rule0 = 'spec.podFailurePolicy.rules[0]';

const refused: readonly (readonly [object, readonly string[]])[] = [
  [
    { template: { spec: { containers: pod.containers } } },
    ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
  ],
  [
    { parallelism: -1 },
    ['spec.parallelism: Invalid value: -1: must be greater than or equal to 0'],
  ],
  [
    { selector: { matchLabels: { a: 'b' } } },
    [
      'spec.selector: Invalid value: {…}: `selector` not auto-generated',
      'spec.template.metadata.labels: Invalid value: {…}: `selector` does not match template `labels`',
    ],
  ],
  [
    { completionMode: 'Indexed', parallelism: 1 },
    ['spec.completions: Required value: when completion mode is Indexed'],
  ],
  [
    { backoffLimitPerIndex: 1 },
    ['spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode'],
  ],
  [
    { ...indexed, maxFailedIndexes: 9 },
    [
      'spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified',
      'spec.maxFailedIndexes: Invalid value: 9: must be less than or equal to completions',
    ],
  ],
  [
    { ...indexed, completions: 100_001, backoffLimitPerIndex: 1 },
    ['spec.maxFailedIndexes: Required value: must be specified when completions is above 100000'],
  ],
  [
    { ...indexed, successPolicy: { rules: [{ succeededIndexes: '1,1' }] } },
    [
      'spec.successPolicy.rules[0].succeededIndexes: Invalid value: "1,1": error parsing succeededIndexes: non-increasing order, previous: 1, current: 1',
    ],
  ],
  [
    { ...indexed, successPolicy: { rules: [{ succeededIndexes: '0-1', succeededCount: 3 }] } },
    [
      'spec.successPolicy.rules[0].succeededCount: Invalid value: 3: must be less than or equal to 2 (the number of indexes in the specified succeededIndexes field)',
    ],
  ],
  [
    failing({ action: 'Ignore' }),
    [`${rule0}: Invalid value: specifying one of OnExitCodes and OnPodConditions is required`],
  ],
  [
    failing({ action: 'FailIndex', onExitCodes: { operator: 'In', values: [0, 2, 1] } }),
    [
      `${rule0}.action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set`,
      `${rule0}.onExitCodes.values[0]: Invalid value: 0: must not be 0 for the In operator`,
      `${rule0}.onExitCodes.values: Invalid value: [0,2,1]: must be ordered`,
    ],
  ],
  [
    { managedBy: 'nobody' },
    [
      'spec.managedBy: Invalid value: "nobody": must be a domain-prefixed path (such as "acme.io/foo")',
    ],
  ],
  [
    { podReplacementPolicy: 'Never' },
    [
      'spec.podReplacementPolicy: Unsupported value: "Never": supported values: "Failed", "TerminatingOrFailed"',
    ],
  ],
];

test('jobs refuse malformed specs in the words of Kubernetes', () => {
  for (const [spec, expected] of refused) {
    assert.deepEqual(refusals(jobs.validate(made(spec))), expected, JSON.stringify(spec));
  }
});

test('indexed jobs need names that make hostnames', () => {
  const name = 'x'.repeat(62);
  const object = created(jobs, { spec: { template: { spec: pod }, ...indexed } }, { name });
  assert.match(
    refusals(jobs.validate(object)).join(),
    /will not able to create pod with invalid DNS label: x+-4$/,
  );
});

const update = (before: Partial<JobSpec>, after: object, status: JobStatus = {}): string[] => {
  const stored = storedAs(made(before));
  stored.status = status;
  return refusals(jobs.validateUpdate?.(changed(stored, after as Partial<JobSpec>), stored));
};

test('jobs keep what their pods were made from', () => {
  assert.deepEqual(update({}, { parallelism: 2, suspend: true }), []);
  assert.deepEqual(update({}, { completions: 3 }), [
    'spec.completions: Invalid value: 3: field is immutable',
  ]);
  assert.deepEqual(update({}, { template: { spec: { containers: [] } } }), [
    'spec.template: Invalid value: {…}: field is immutable',
  ]);
  assert.deepEqual(update({}, { managedBy: 'example.com/x' }), [
    'spec.managedBy: Invalid value: "example.com/x": field is immutable',
  ]);
});

test('indexed jobs grow and shrink with their parallelism', () => {
  const before = { completionMode: 'Indexed', completions: 2, parallelism: 2 } as const;
  assert.deepEqual(update(before, { completions: 4, parallelism: 4 }), []);
  assert.deepEqual(update(before, { completions: 4 }), [
    'spec.completions: Invalid value: 4: can only be modified in tandem with spec.parallelism',
  ]);
});

const holds = (...types: string[]) =>
  types.map((type) => ({ type, status: 'True' })) as NonNullable<JobStatus['conditions']>;

test('a job that waits to start may be told where its pods go', () => {
  const waiting = { suspend: true, template: { spec: { ...pod } } } as unknown as JobSpec;
  const stored = storedAs(made(waiting));
  const moved = structuredClone(stored);
  if (moved.spec.template.spec !== undefined) moved.spec.template.spec.nodeSelector = { zone: 'b' };
  assert.deepEqual(refusals(jobs.validateUpdate?.(moved, stored)), []);
  const started = { startTime: '2026-01-02T03:04:05Z' };
  const suspended = { ...started, conditions: holds('Suspended') };
  const immutable = ['spec.template: Invalid value: {…}: field is immutable'];
  for (const [status, expected] of [
    [started, immutable],
    [suspended, []],
    [{ ...suspended, active: 1 }, immutable],
    [{ active: 1 }, immutable],
  ] as const) {
    stored.status = status;
    assert.deepEqual(refusals(jobs.validateUpdate?.(moved, stored)), expected);
  }
});

test('a job that waits to start keeps what its pods are', () => {
  const runs = (image: string): Job => {
    const containers = [{ name: 'main', image }];
    return storedAs(made({ suspend: true, template: { spec: { ...pod, containers } } }));
  };
  const [stored, other] = [runs('work:1'), runs('other:1')];
  assert.deepEqual(refusals(jobs.validateUpdate?.(other, stored)), [
    'spec.template.spec: Invalid value: {…}: field is immutable',
  ]);
});

const start = '2026-01-02T03:00:00Z';
const end = '2026-01-02T03:04:00Z';
const statusUpdates: readonly (readonly [JobStatus, JobStatus, readonly string[]])[] = [
  [{}, { startTime: start, active: 1, ready: 1 }, []],
  [
    { startTime: start },
    { startTime: start, completionTime: end, conditions: holds('Complete', 'SuccessCriteriaMet') },
    [],
  ],
  [
    {},
    { startTime: start, completionTime: end },
    [
      `status.completionTime: Invalid value: "${end}": cannot set completionTime when there is no Complete=True condition`,
    ],
  ],
  [
    {},
    { startTime: start, conditions: holds('Failed') },
    [
      'status.conditions: Invalid value: cannot set Failed=True condition without the FailureTarget=true condition',
    ],
  ],
  [
    { failed: 2, succeeded: 1, active: 1 },
    { failed: 1, succeeded: 0, active: 1, ready: 2 },
    [
      'status.ready: Invalid value: 2: cannot set more ready pods than active',
      'status.failed: Invalid value: 1: cannot decrease the failed counter',
      'status.succeeded: Invalid value: 0: cannot decrease the succeeded counter',
    ],
  ],
  [
    { conditions: holds('Failed', 'FailureTarget'), startTime: start },
    { startTime: start },
    [
      'status.conditions: Invalid value: cannot disable the terminal Failed=True condition',
      'status.conditions: Invalid value: cannot disable the terminal FailureTarget=True condition',
    ],
  ],
  [
    { conditions: holds('Failed', 'FailureTarget'), startTime: start },
    { conditions: holds('Failed'), startTime: start },
    ['status.conditions: Invalid value: cannot disable the terminal FailureTarget=True condition'],
  ],
  [
    {},
    { conditions: holds('Failed', 'FailureTarget'), active: 1 },
    [
      'status.active: Invalid value: 1: active>0 is invalid for finished job',
      'status.startTime: Required value: startTime is required for finished job',
    ],
  ],
];

test('statuses of jobs have to make sense and to stay what they became', () => {
  for (const [before, after, expected] of statusUpdates) {
    const stored = storedAs(made({}));
    stored.status = before;
    const draft = { ...structuredClone(stored), status: after };
    assert.deepEqual(refusals(jobs.validateStatusUpdate?.(draft, stored)), expected);
  }
});

test('jobs show how far they are', () => {
  const object = made({ completions: 3 });
  object.status = { succeeded: 2, startTime: start };
  const shown = row(jobs, object, 0);
  assert.equal(shown.Completions, '2/3');
  assert.equal(shown.Duration, '4m5s');
  assert.equal(shown.Status, 'Running');
  object.status = { ...object.status, completionTime: end, conditions: holds('Complete') };
  const ended = row(jobs, object);
  assert.equal(ended.Status, 'Complete');
  assert.equal(ended.Duration, '4m');
  assert.equal(row(jobs, made({ parallelism: 3 })).Completions, '0/1 of 3');
  assert.equal(jobs.selectableFields['status.successful']?.(object), '2');
});

test('jobs tell whoever deletes them without a word about their pods', () => {
  assert.match(jobs.strategy.orphansDependents?.warning ?? '', /^child pods are preserved/);
});

test('sets of indexes are read, counted and compared', () => {
  assert.deepEqual(parseIndexes('1,3-5', 6), [
    { first: 1, last: 1 },
    { first: 3, last: 5 },
  ]);
  assert.equal(countIndexes(parseIndexes('1,3-5', 6)), 4);
  assert.equal(sharedIndex(parseIndexes('1,3-5', 6), parseIndexes('0,4', 6)), 4);
  assert.equal(sharedIndex(parseIndexes('1', 6), parseIndexes('0,4', 6)), undefined);
  for (const text of ['a', '6', '2-1', '1-2-3', '3,1', '1,', '-']) {
    assert.throws(() => parseIndexes(text, 6), IndexesError, text);
  }
});

test('jobs that may be too big to be followed bring a warning, new and changed', () => {
  const huge = made({ completionMode: 'Indexed', completions: 200_000, parallelism: 20_000 });
  huge.metadata.generation = 1;
  const warning =
    'In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail';
  const warnings = (draft: Job, stored?: Job) => jobs.strategy.warnings?.(draft, stored);
  assert.deepEqual(warnings(huge), [`spec: ${warning}`]);
  assert.deepEqual(warnings(huge, huge), []);
  const next = structuredClone(huge);
  next.metadata.generation = 2;
  assert.deepEqual(warnings(next, huge), [`spec: ${warning}`]);
  const cronJob = created(cronJobs, {
    spec: { schedule: '@hourly', jobTemplate: { spec: huge.spec } },
  });
  cronJob.metadata.generation = 1;
  assert.deepEqual(cronJobs.strategy.warnings?.(cronJob, undefined), [
    `spec.jobTemplate.spec: ${warning}`,
  ]);
});
