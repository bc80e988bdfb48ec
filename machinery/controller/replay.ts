/**
 * Records of what controllers saw and decided, one JSON line each, and their replay: the same snapshot must give the same
 * decision. A record from a live cluster thus becomes a test.
 */
import type { KubeObject } from '../../api/meta/v1/types.js';
import { apiVersionOf, type ResourceRef } from '../../api/schema/resource.js';
import type { ControllerDefinition, ReconcileResult } from './controller.js';
import { maxRecords } from './limits.js';

export interface ReconcileRecord {
  readonly controller: string;
  readonly key: string;
  readonly atMs: number;
  readonly snapshot: unknown;
  readonly result: ReconcileResult;
}

/** Takes records as they are made; must not throw. */
export type ReconcileRecorder = (record: ReconcileRecord) => void;

/** Resources are whole definitions in memory; `apps/v1/deployments` is enough in a record. */
const withShortResources = (key: string, value: unknown): unknown => {
  if (key !== 'resource' || typeof value !== 'object' || value === null) return value;
  const resource = value as ResourceRef;
  return 'plural' in resource ? `${apiVersionOf(resource)}/${resource.plural}` : value;
};

/** One line, without its line feed. */
const recordLine = (record: ReconcileRecord): string => JSON.stringify(record, withShortResources);

/** Keeps the newest records in memory, for diagnostics. */
export class RecordBuffer {
  private readonly lines: string[] = [];

  readonly record: ReconcileRecorder = (record) => {
    this.lines.push(recordLine(record));
    if (this.lines.length > maxRecords) this.lines.shift();
  };

  /** JSON lines, oldest first. */
  text(): string {
    return this.lines.map((line) => `${line}\n`).join('');
  }
}

export interface ReplayDifference {
  readonly key: string;
  readonly recorded: string;
  readonly replayed: string;
}

/** Runs a controller's `reconcile` on the snapshots recorded for it and gives the decisions that differ. */
export function replay<P extends KubeObject, S>(
  definition: ControllerDefinition<P, S>,
  text: string,
): readonly ReplayDifference[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ReconcileRecord)
    .filter((record) => record.controller === definition.name)
    .flatMap((record) => {
      const recorded = JSON.stringify(record.result, withShortResources);
      const result = definition.reconcile(record.snapshot as S);
      const replayed = JSON.stringify(result, withShortResources);
      return recorded === replayed ? [] : [{ key: record.key, recorded, replayed }];
    });
}
