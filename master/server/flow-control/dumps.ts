/**
 * What fairness looks like at this moment, for people: the levels, their queues, and the requests that wait in them, as tables with
 * Kubernetes' columns.
 *
 * Served below `/debug/api_priority_and_fairness/` to whoever may get those paths.
 */
import { timestamp } from '../../../api/meta/timestamp.js';
import type { Fairness } from './fairness.js';
import type { PriorityLevel, Waiter } from './priority-level.js';

type Cell = string | number | boolean;

/** Columns as wide as their longest cell; every cell but the last of a row ends with a comma. */
function tableText(rows: readonly (readonly Cell[])[]): string {
  const texts = rows.map((row) =>
    row.map((cell, at) => (at === row.length - 1 ? String(cell) : `${String(cell)},`)),
  );
  const widths = (texts[0] ?? []).map((_header, at) =>
    Math.max(...texts.map((row) => row[at]?.length ?? 0)),
  );
  return texts
    .map(
      (row) =>
        `${row
          .map((text, at) => text.padEnd(widths[at] ?? 0))
          .join(' ')
          .trimEnd()}\n`,
    )
    .join('');
}

const levelColumns = [
  'PriorityLevelName',
  'ActiveQueues',
  'IsIdle',
  'IsQuiescing',
  'WaitingRequests',
  'ExecutingRequests',
  'DispatchedRequests',
  'RejectedRequests',
  'TimedoutRequests',
  'CancelledRequests',
];
const queueColumns = [
  'PriorityLevelName',
  'Index',
  'PendingRequests',
  'ExecutingRequests',
  'SeatsInUse',
  'NextDispatchR',
  'InitialSeatsSum',
  'MaxSeatsSum',
  'TotalWorkSum',
];
const requestColumns = [
  'PriorityLevelName',
  'FlowSchemaName',
  'QueueIndex',
  'RequestIndexInQueue',
  'FlowDistingsher',
  'ArriveTime',
  'InitialSeats',
  'FinalSeats',
  'AdditionalLatency',
  'StartTime',
];
const detailColumns = [
  'UserName',
  'Verb',
  'APIPath',
  'Namespace',
  'Name',
  'APIVersion',
  'Resource',
  'SubResource',
];

const byName = (levels: Iterable<PriorityLevel>): readonly PriorityLevel[] =>
  [...levels].sort((left, right) => (left.name < right.name ? -1 : 1));

function levelRow(level: PriorityLevel): readonly Cell[] {
  const { name, waiting, executing, totals } = level;
  const active = level.numberedQueues().filter(([, queue]) => queue.waiting.length > 0).length;
  const { dispatched, rejected, timedOut, cancelled } = totals;
  const isIdle = waiting + executing === 0;
  return [
    ...[name, active, isIdle, false, waiting, executing],
    ...[dispatched, rejected, timedOut, cancelled],
  ];
}

const seatsOf = (waiting: readonly Waiter[]): number =>
  waiting.reduce((sum, { seats }) => sum + seats, 0);

const queueRows = (level: PriorityLevel): readonly (readonly Cell[])[] =>
  level.numberedQueues().map(([index, queue]) => {
    const { waiting, executing, seats, served } = queue;
    const wanted = seatsOf(waiting);
    const work = `${wanted.toFixed(8)}ss`;
    const next = `${(served / 1000).toFixed(8)}ss`;
    return [level.name, index, waiting.length, executing, seats, next, wanted, wanted, work];
  });

function detailsOf({ request }: Waiter): readonly Cell[] {
  const { user, verb, path, target } = request;
  if (target === undefined) return [user.username, verb, path, '', '', '', '', ''];
  const { group, version, plural, subresource, namespace, name } = target;
  const apiVersion = group === '' ? version : `${group}/${version}`;
  return [user.username, verb, path, namespace, name, apiVersion, plural, subresource];
}

const requestRows = (level: PriorityLevel, withDetails: boolean): readonly (readonly Cell[])[] =>
  level
    .numberedQueues()
    .flatMap(([index, { waiting }]) =>
      waiting.map((waiter, at) => [
        ...[level.name, waiter.schema, index, at, waiter.flow],
        ...[timestamp(waiter.arrivedMs), waiter.seats, 0, '0s', ''],
        ...(withDetails ? detailsOf(waiter) : []),
      ]),
    );

const root = '/debug/api_priority_and_fairness';

interface DumpQuery {
  readonly includeRequestDetails?: unknown;
}

/** The tables by their paths; a request's details are added where `includeRequestDetails` asks for them. */
export function fairnessDumps(
  fairness: Pick<Fairness, 'state'>,
): ReadonlyMap<string, (query: DumpQuery) => string> {
  const levels = (): readonly PriorityLevel[] => byName(fairness.state.levels);
  return new Map<string, (query: DumpQuery) => string>([
    [`${root}/dump_priority_levels`, () => tableText([levelColumns, ...levels().map(levelRow)])],
    [`${root}/dump_queues`, () => tableText([queueColumns, ...levels().flatMap(queueRows)])],
    [
      `${root}/dump_requests`,
      ({ includeRequestDetails }) => {
        const isAsked = ![undefined, ''].includes(includeRequestDetails as string);
        const columns = [...requestColumns, ...(isAsked ? detailColumns : [])];
        return tableText([columns, ...levels().flatMap((level) => requestRows(level, isAsked))]);
      },
    ],
  ]);
}
