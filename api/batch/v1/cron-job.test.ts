import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { changed, created, refusals, row, storedAs } from '../../schema/drafts.test.js';
import { cronJobs } from './cron-job.js';
import { parseSchedule, ScheduleError } from './cron-schedule.js';

const pod = { restartPolicy: 'OnFailure', containers: [{ name: 'main', image: 'work:1' }] };
const made = (spec: object, metadata: object = {}) =>
  created(
    cronJobs,
    { spec: { schedule: '@hourly', jobTemplate: { spec: { template: { spec: pod } } }, ...spec } },
    metadata,
  );

test('cron jobs fill the fields that Kubernetes fills', () => {
  const { spec } = made({});
  const { concurrencyPolicy, suspend, successfulJobsHistoryLimit, failedJobsHistoryLimit } = spec;
  assert.deepEqual(
    [concurrencyPolicy, suspend, successfulJobsHistoryLimit, failedJobsHistoryLimit],
    ['Allow', false, 3, 1],
  );
  // What a Job gets beyond its pod is left to the Job.
  assert.deepEqual(Object.keys(spec.jobTemplate.spec ?? {}), ['template']);
});

const zone = 'unknown time zone';
const refused: readonly (readonly [object, readonly string[]])[] = [
  [{}, []],
  [{ schedule: '*/15 0-6,20-23 1 jan-mar mon,WED' }, []],
  [{ schedule: '' }, ['spec.schedule: Required value']],
  [
    { schedule: 'often' },
    ['spec.schedule: Invalid value: "often": expected exactly 5 fields, found 1: [often]'],
  ],
  [
    { schedule: '60 * * * *' },
    ['spec.schedule: Invalid value: "60 * * * *": end of range (60) above maximum (59): 60'],
  ],
  [
    { schedule: 'TZ=UTC 0 * * * *' },
    [
      'spec.schedule: Invalid value: "TZ=UTC 0 * * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
    ],
  ],
  [
    { schedule: 'TZ=Nowhere 0 * * * *' },
    [
      'spec.schedule: Invalid value: "TZ=Nowhere 0 * * * *": provided bad location Nowhere: unknown time zone Nowhere',
      'spec.schedule: Invalid value: "TZ=Nowhere 0 * * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
    ],
  ],
  ...['Europe/Berlin', 'UTC', 'US/Eastern', 'Etc/GMT+5', 'EST5EDT', 'Asia/Calcutta'].map(
    (timeZone) => [{ timeZone }, []] as const,
  ),
  ...['utc', 'europe/berlin', 'EUROPE/BERLIN', 'us/eastern', '+05:00'].map(
    (timeZone) =>
      [{ timeZone }, [`spec.timeZone: Invalid value: "${timeZone}": ${zone} ${timeZone}`]] as const,
  ),
  [
    { timeZone: 'LOCAL' },
    [
      'spec.timeZone: Invalid value: "LOCAL": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones',
      `spec.timeZone: Invalid value: "LOCAL": ${zone} LOCAL`,
    ],
  ],
  [
    { timeZone: 'Nowhere/Land' },
    [`spec.timeZone: Invalid value: "Nowhere/Land": ${zone} Nowhere/Land`],
  ],
  [{ timeZone: '../etc' }, [`spec.timeZone: Invalid value: "../etc": ${zone} ../etc`]],
  [
    { concurrencyPolicy: 'Maybe' },
    [
      'spec.concurrencyPolicy: Unsupported value: "Maybe": supported values: "Allow", "Forbid", "Replace"',
    ],
  ],
  [
    { startingDeadlineSeconds: -1, failedJobsHistoryLimit: -1 },
    [
      'spec.startingDeadlineSeconds: Invalid value: -1: must be greater than or equal to 0',
      'spec.failedJobsHistoryLimit: Invalid value: -1: must be greater than or equal to 0',
    ],
  ],
  [
    { jobTemplate: { spec: { manualSelector: true, selector: {}, template: { spec: pod } } } },
    [
      'spec.jobTemplate.spec.selector: Invalid value: {…}: `selector` will be auto-generated',
      'spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: "nil", "false"',
    ],
  ],
];

test('cron jobs refuse malformed specs in the words of Kubernetes', () => {
  for (const [spec, expected] of refused) {
    assert.deepEqual(refusals(cronJobs.validate(made(spec))), expected, JSON.stringify(spec));
  }
});

test('cron jobs leave room in their names for those of their jobs', () => {
  const object = made({}, { name: 'a'.repeat(53) });
  assert.deepEqual(refusals(cronJobs.validate(object)), [
    `metadata.name: Invalid value: "${'a'.repeat(53)}": must be no more than 52 characters`,
  ]);
  assert.deepEqual(refusals(cronJobs.validate(storedAs(object))), []);
});

test('cron jobs keep a zone in their schedule only where it was there before', () => {
  const old = storedAs(made({ schedule: 'TZ=UTC 0 * * * *' }));
  const next = changed(old, { schedule: 'CRON_TZ=UTC 1 * * * *' });
  assert.deepEqual(refusals(cronJobs.validateUpdate?.(next, old)), []);
  assert.deepEqual(refusals(cronJobs.validateUpdate?.(changed(next, { timeZone: 'UTC' }), old)), [
    'spec.schedule: Invalid value: "CRON_TZ=UTC 1 * * * *": cannot use both timeZone field and TZ or CRON_TZ in schedule',
  ]);
  const fresh = storedAs(made({}));
  assert.equal(refusals(cronJobs.validateUpdate?.(next, fresh)).length, 1);
});

test('cron jobs show when they made a job last', () => {
  const object = made({});
  object.status = { active: [{ name: 'x' }], lastScheduleTime: '2026-01-02T03:04:05Z' };
  assert.deepEqual(row(cronJobs, object), {
    Name: 'a',
    Schedule: '@hourly',
    Timezone: '<none>',
    Suspend: 'False',
    Active: 1,
    'Last Schedule': '10m',
    Age: '10m',
    Containers: 'main',
    Images: 'work:1',
    Selector: '<none>',
  });
});

test('schedules are read as cron reads them', () => {
  const values = (text: string) => {
    const schedule = parseSchedule(text);
    return schedule.type === 'fields' ? schedule : assert.fail('expected fields');
  };
  assert.deepEqual([...values('*/20 * * * *').minute.values], [0, 20, 40]);
  assert.deepEqual([...values('50/5 * * * *').minute.values], [50, 55]);
  assert.deepEqual([...values('0 0 * feb-apr sun,Fri').month.values], [2, 3, 4]);
  assert.deepEqual([...values('0 0 * feb-apr sun,Fri').dayOfWeek.values], [0, 5]);
  assert.equal(values('* * * * *').hour.isAny, true);
  assert.equal(values('* */2 * * *').hour.isAny, false);
  assert.deepEqual(parseSchedule('@every 1h30m'), { type: 'every', seconds: 5400 });
});

test('texts that are no schedules are refused in the words of the parser', () => {
  const wrong: readonly (readonly [string, string])[] = [
    ['', 'empty spec string'],
    ['@often', 'unrecognized descriptor: @often'],
    ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
    ['x * * * *', 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
    ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
    ['*/2/3 * * * *', 'too many slashes: */2/3'],
    ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'],
    ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
    ['*/0 * * * *', 'step of range should be a positive number: */0'],
    ['@every soon', 'failed to parse duration @every soon: time: invalid duration "soon"'],
  ];
  for (const [text, message] of wrong) {
    assert.throws(() => parseSchedule(text), { name: 'ScheduleError', message }, text);
  }
});

test('whatever text comes as a schedule, it is read or refused', () => {
  const word = fc.constantFrom(
    '*',
    '/',
    '-',
    ',',
    ' ',
    '1',
    '59',
    '@every ',
    'jan',
    '?',
    'h',
    '9e9',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(word).map((parts) => parts.join('')),
      ),
      (text) => {
        try {
          parseSchedule(text);
        } catch (error) {
          assert.ok(error instanceof ScheduleError);
        }
      },
    ),
  );
});
