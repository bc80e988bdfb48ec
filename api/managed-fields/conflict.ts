/** The refusal of an apply that would change what others own, in Kubernetes' words. */
import { compareText } from '../compare-text.js';
import { failure } from '../meta/status-error.js';
import type { FieldSet, FieldSetDraft } from './field-set.js';
import { difference, emptySet, isEmptySet } from './field-set.js';
import type { Owner } from './managed.js';
import { shownPath } from './path-element.js';

export interface FieldConflict {
  readonly owner: Owner;
  readonly path: readonly string[];
}

/** An apply that changes what others own. `conflictStatus` says so to clients. */
export class FieldConflictError extends Error {
  readonly conflicts: readonly FieldConflict[];

  constructor(conflicts: readonly FieldConflict[]) {
    super('the configuration changes fields that others own');
    this.name = 'FieldConflictError';
    this.conflicts = conflicts;
  }
}

function shownOwner({ manager, operation, apiVersion, subresource }: Owner): string {
  const name = JSON.stringify(manager);
  const of = subresource === '' ? name : `${name} with subresource ${JSON.stringify(subresource)}`;
  return operation === 'Update' ? `${of} using ${apiVersion}` : of;
}

function messageOf(conflicts: readonly FieldConflict[]): string {
  const [first] = conflicts;
  if (first !== undefined && conflicts.length === 1) {
    return `Apply failed with 1 conflict: conflict with ${shownOwner(first.owner)}: ${shownPath(first.path)}`;
  }
  const lines: string[] = [];
  let last: string | undefined;
  for (const { owner, path } of conflicts) {
    const shown = shownOwner(owner);
    if (shown !== last) lines.push(`conflicts with ${shown}:`);
    last = shown;
    lines.push(`- ${shownPath(path)}`);
  }
  return `Apply failed with ${String(conflicts.length)} conflicts: ${lines.join('\n')}`;
}

const byOwner = (left: FieldConflict, right: FieldConflict): number =>
  compareText(shownOwner(left.owner), shownOwner(right.owner));

/** A 409 with one cause for each field. */
export function conflictStatus(found: readonly FieldConflict[]): Error {
  const conflicts = [...found].sort(byOwner);
  return failure({
    code: 409,
    reason: 'Conflict',
    message: messageOf(conflicts),
    details: {
      causes: conflicts.map(({ owner, path }) => ({
        reason: 'FieldManagerConflict',
        message: `conflict with ${shownOwner(owner)}`,
        field: shownPath(path),
      })),
    },
  });
}

/** A path as a set of one field. */
const setOf = (path: readonly string[]): FieldSet =>
  path.reduceRight<FieldSet>((node, element): FieldSetDraft => ({ [element]: node }), emptySet);

/** The conflicts over fields that are not in `allowed`. */
export const conflictsOutside = (
  conflicts: readonly FieldConflict[],
  allowed: FieldSet,
): readonly FieldConflict[] =>
  conflicts.filter(({ path }) => !isEmptySet(difference(setOf(path), allowed)));
