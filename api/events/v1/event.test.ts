/** What the two groups ask of an Event: the core group little, events.k8s.io more. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { events as coreEvents } from '../../core/v1/event.js';
import type { Event as CoreEvent } from '../../core/v1/types.js';
import { refusals, storedAs } from '../../schema/drafts.test.js';
import { eventFromCore } from './conversion.js';
import { events } from './event.js';

const eventTime = '2026-01-02T03:03:55.000001Z';
const reported = {
  eventTime,
  reportingComponent: 'example.com/agent',
  reportingInstance: 'agent-1',
  action: 'Start',
  reason: 'Started',
  type: 'Normal',
};

function coreEvent(parts: object, namespace = 'n'): CoreEvent {
  const draft = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'a', namespace, uid: 'u', creationTimestamp: '2026-01-02T03:04:05Z' },
    involvedObject: { kind: 'Pod', name: 'x', namespace: 'n' },
    ...parts,
  } as unknown as CoreEvent;
  coreEvents.defaults?.(draft);
  return draft;
}

const noMatch = (namespace: string): string =>
  `involvedObject.namespace: Invalid value: "${namespace}": does not match event.namespace`;
const node = { involvedObject: { kind: 'Node', name: 'x' } };
const long = 'x'.repeat(1025);

const core: readonly (readonly [parts: object, namespace: string, expected: readonly string[]])[] =
  [
    [{}, 'n', []],
    [{ type: 'Odd' }, 'n', []],
    [{}, 'other', [noMatch('n')]],
    [node, 'default', []],
    [node, 'kube-system', [noMatch('')]],
    [{ ...reported, ...node }, 'kube-system', []],
    [{ ...reported, ...node }, 'other', [noMatch('')]],
    // What says when it happened may be anywhere.
    [{ ...reported, type: 'Odd' }, 'other', []],
    [
      { eventTime, message: long, reason: 'x'.repeat(129) },
      'n',
      [
        'reportingComponent: Required value',
        'reportingComponent: Invalid value: "": name part must be non-empty',
        "reportingComponent: Invalid value: \"\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
        'reportingInstance: Required value',
        'action: Required value',
        'reason: Invalid value: "": can have at most 128 characters',
        'message: Invalid value: "": can have at most 1024 characters',
      ],
    ],
  ];

test('events of the core group are held to little', () => {
  for (const [parts, namespace, expected] of core) {
    assert.deepEqual(
      refusals(coreEvents.validate(coreEvent(parts, namespace))),
      expected,
      `${namespace} ${JSON.stringify(parts)}`,
    );
  }
});

const created = (parts: object): string[] => {
  const draft = eventFromCore(coreEvent(parts));
  events.defaults?.(draft);
  return refusals([...events.validate(draft), ...(events.validateCreate?.(draft) ?? [])]);
};

test('events of events.k8s.io say when and by whom, and nothing in the old style', () => {
  assert.deepEqual(created(reported), []);
  assert.deepEqual(created({}), [
    'eventTime: Required value',
    'type: Invalid value: "": has invalid value: ',
  ]);
  const series = { count: 1 };
  const firstTimestamp = '2026-01-02T03:03:55Z';
  assert.deepEqual(
    created({ ...reported, type: 'Odd', count: 2, firstTimestamp, source: { host: 'h' } }),
    [
      'type: Invalid value: "": has invalid value: Odd',
      'firstTimestamp: Invalid value: "": needs to be unset',
      'count: Invalid value: "": needs to be unset',
      'source: Invalid value: "": needs to be unset',
    ],
  );
  const lastObservedTime = '2026-01-02T03:03:55.000001Z';
  assert.deepEqual(created({ ...reported, series: { ...series, lastObservedTime } }), [
    'series.count: Invalid value: "": should be at least 2',
  ]);
});

test('events of events.k8s.io change in their series alone', () => {
  const update = (before: object, after: object): string[] => {
    const stored = storedAs(eventFromCore(coreEvent(before)));
    const next = storedAs(eventFromCore(coreEvent(after)));
    return refusals([...events.validate(next), ...(events.validateUpdate?.(next, stored) ?? [])]);
  };
  const series = { count: 2, lastObservedTime: eventTime };
  assert.deepEqual(update(reported, { ...reported, series }), []);
  assert.deepEqual(update(reported, { ...reported, message: 'm', action: 'Stop' }), [
    'message: Invalid value: "m": field is immutable',
    'action: Invalid value: "Stop": field is immutable',
  ]);
  // One from the core group stays as it is.
  assert.deepEqual(update({ count: 3 }, { count: 3, series }), []);
});
