/** The list `metadata.managedFields` as ownership works with it: who owns which set, and since when. */
import { compareText } from '../compare-text.js';
import type { ManagedFieldsEntry } from '../meta/v1/types.js';
import type { FieldSet } from './field-set.js';
import { emptySet, equalSets, isEmptySet, union } from './field-set.js';
import { fieldSetFrom } from './fields-v1.js';
import { maxUpdateManagers } from './limits.js';

export interface Ownership {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  /** The version the set is written in. */
  readonly apiVersion: string;
  /** Empty for the object itself. */
  readonly subresource: string;
  readonly time: string | undefined;
  readonly fields: FieldSet;
}

/** Owners by who they are: an applier is the same in every version. */
export type Owners = ReadonlyMap<string, Ownership>;

export type Owner = Pick<Ownership, 'manager' | 'operation' | 'apiVersion' | 'subresource'>;

/** What makes two entries one owner's. */
export const ownerKey = ({ manager, operation, apiVersion, subresource }: Owner): string =>
  [operation, manager, operation === 'Update' ? apiVersion : '', subresource].join('\0');

function ownershipFrom(entry: Partial<ManagedFieldsEntry>): Ownership | undefined {
  const { operation, apiVersion = '', fieldsType } = entry;
  if (operation !== 'Apply' && operation !== 'Update') return undefined;
  if (apiVersion === '' || fieldsType !== 'FieldsV1') return undefined;
  const fields = fieldSetFrom(entry.fieldsV1);
  if (fields === undefined) return undefined;
  const { manager = '', subresource = '', time } = entry;
  return { manager, operation, apiVersion, subresource, time, fields };
}

/** Reads the entries of a stored object, which are in normal form: only this folder's sets are ever stored. */
export function ownersOfStored(entries: readonly ManagedFieldsEntry[] | undefined): Owners {
  const owners = new Map<string, Ownership>();
  for (const entry of entries ?? []) {
    const { manager = '', operation = 'Update', apiVersion = '', subresource = '', time } = entry;
    const fields = (entry.fieldsV1 ?? emptySet) as FieldSet;
    const ownership = { manager, operation, apiVersion, subresource, time, fields };
    owners.set(ownerKey(ownership), ownership);
  }
  return owners;
}

/** Reads a list of entries as a client wrote them; undefined where one of them is broken. */
export function ownersFrom(entries: readonly ManagedFieldsEntry[]): Owners | undefined {
  const owners = new Map<string, Ownership>();
  for (const entry of entries) {
    const ownership = ownershipFrom(entry);
    if (ownership === undefined) return undefined;
    owners.set(ownerKey(ownership), ownership);
  }
  return owners;
}

/** Whether a client asks for all ownership to be forgotten: an empty list, or one empty entry. */
export function clearsOwners(entries: readonly ManagedFieldsEntry[] | undefined): boolean {
  if (entries === undefined) return false;
  const [only, ...others] = entries;
  return only === undefined || (others.length === 0 && Object.keys(only).length === 0);
}

/** Times are all in UTC and in whole seconds, so their texts are in their order. */
const byTime = (left: Ownership, right: Ownership): number =>
  compareText(left.time ?? '', right.time ?? '');

const inOrder = (left: Ownership, right: Ownership): number =>
  compareText(left.operation, right.operation) ||
  byTime(left, right) ||
  compareText(left.manager, right.manager) ||
  compareText(left.apiVersion, right.apiVersion) ||
  compareText(left.subresource, right.subresource);

/** One owner as it is stored. */
export const entryOf = (ownership: Ownership): ManagedFieldsEntry => ({
  manager: ownership.manager,
  operation: ownership.operation,
  apiVersion: ownership.apiVersion,
  ...(ownership.time === undefined ? {} : { time: ownership.time }),
  fieldsType: 'FieldsV1',
  fieldsV1: ownership.fields,
  ...(ownership.subresource === '' ? {} : { subresource: ownership.subresource }),
});

/** The list as it is stored; undefined where there is no owner. */
export function entriesOf(owners: Owners): ManagedFieldsEntry[] | undefined {
  if (owners.size === 0) return undefined;
  return [...owners.values()].sort(inOrder).map(entryOf);
}

/** Puts the oldest updaters together until there are no more than the limit: one bucket a version. */
export function capped(owners: Owners): Owners {
  const updaters = [...owners].filter(([, { operation }]) => operation === 'Update');
  let excess = updaters.length - maxUpdateManagers;
  if (excess <= 0) return owners;
  const result = new Map(owners);
  updaters.sort(
    ([leftKey, left], [rightKey, right]) => byTime(left, right) || compareText(leftKey, rightKey),
  );
  const firstOfVersion = new Map<string, string>();
  for (const [key, ownership] of updaters) {
    if (excess <= 0) break;
    const { apiVersion } = ownership;
    const first = firstOfVersion.get(apiVersion);
    if (first === undefined) {
      firstOfVersion.set(apiVersion, key);
      continue;
    }
    const bucket: Owner = {
      manager: 'ancient-changes',
      operation: 'Update',
      apiVersion,
      subresource: '',
    };
    const bucketKey = ownerKey(bucket);
    if (key === bucketKey) continue;
    let before = result.get(bucketKey);
    if (before === undefined) {
      before = result.get(first);
      result.delete(first);
    }
    const fields = union(before?.fields ?? emptySet, ownership.fields);
    result.delete(key);
    result.set(bucketKey, { ...bucket, time: ownership.time, fields });
    excess -= 1;
  }
  return result;
}

/** Replaces the fields of an owner; one that is left with none goes. */
export function setFields(owners: Map<string, Ownership>, key: string, fields: FieldSet): void {
  const ownership = owners.get(key);
  if (ownership === undefined) return;
  if (isEmptySet(fields)) owners.delete(key);
  else if (fields !== ownership.fields) owners.set(key, { ...ownership, fields });
}

/** Whether two lists in normal form say the same but for when. */
export function sameButForTimes(
  left: readonly ManagedFieldsEntry[] | undefined,
  right: readonly ManagedFieldsEntry[] | undefined,
): boolean {
  if (left === right) return true;
  if (left?.length !== right?.length) return false;
  const [before, after] = [ownersOfStored(left), ownersOfStored(right)];
  for (const [key, { apiVersion, fields }] of before) {
    const other = after.get(key);
    if (other?.apiVersion !== apiVersion || !equalSets(fields, other.fields)) return false;
  }
  return true;
}
