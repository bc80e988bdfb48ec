/**
 * Server-side apply of a configuration to an object, and the ownership of every other write, from and to
 * `metadata.managedFields`. What the API server calls; refusals are the Status that Kubernetes gives.
 */
import { badRequest } from '../meta/status-error.js';
import type { KubeObject, ManagedFieldsEntry } from '../meta/v1/types.js';
import type { JsonObject } from '../patch/json-value.js';
import { isJsonObject, jsonEqual } from '../patch/json-value.js';
import { appliedProblems } from './check-applied.js';
import { conflictsOutside, conflictStatus, FieldConflictError } from './conflict.js';
import { appliedByClient, crossesOver, withLastApplied } from './last-applied.js';
import { clearsOwners, entriesOf, ownersFrom, ownersOfStored } from './managed.js';
import type { Owners } from './managed.js';
import { applyConfiguration, ownersAfterUpdate } from './ownership.js';
import type { Applied, Write } from './ownership.js';

const nobody: Owners = new Map();

/**
 * Who owns what by what a client sent as `managedFields`; undefined where that is what is stored: it is the same, absent or
 * broken.
 */
function sentOwners(
  stored: readonly ManagedFieldsEntry[] | undefined,
  sent: readonly ManagedFieldsEntry[] | undefined,
): Owners | undefined {
  if (sent === undefined || sent === stored) return undefined;
  if (clearsOwners(sent)) return nobody;
  if (jsonEqual(sent, stored)) return undefined;
  const owners = ownersFrom(sent);
  return owners?.size === 0 ? undefined : owners;
}

/**
 * The `managedFields` of an object after a write other than apply. `sent` is what the client wrote there; subresources do not
 * listen to it.
 */
export function managedFieldsAfterUpdate(
  write: Write,
  live: KubeObject | undefined,
  wanted: KubeObject,
  sent: readonly ManagedFieldsEntry[] | undefined,
): ManagedFieldsEntry[] | undefined {
  const stored = live?.metadata.managedFields;
  const heard = write.owner.subresource === '' ? sent : undefined;
  const named = sentOwners(stored, heard);
  const ownersBefore = named?.size ?? stored?.length ?? 0;
  // Updates of an object without owners stay unnoticed, until somebody applies to it.
  if (live !== undefined && ownersBefore === 0) return undefined;
  const owners = ownersAfterUpdate(write, live, wanted, () => named ?? ownersOfStored(stored));
  if (owners !== undefined) return entriesOf(owners);
  return named === undefined ? stored : entriesOf(named);
}

const text = (object: unknown, field: string): string => {
  const value = isJsonObject(object) ? object[field] : undefined;
  return typeof value === 'string' ? value : '';
};

const slashed = (apiVersion: string): string =>
  apiVersion.includes('/') ? apiVersion : `/${apiVersion}`;

function checkConfiguration({ kind }: Write, kindName: string, config: JsonObject): void {
  const apiVersion = text(config, 'apiVersion');
  if (apiVersion !== kind.apiVersion) {
    throw badRequest(
      `Incorrect version specified in apply patch. Specified patch version: ${apiVersion}, expected: ${kind.apiVersion}`,
    );
  }
  const { metadata } = config;
  if (isJsonObject(metadata) && metadata.managedFields !== undefined) {
    throw badRequest('metadata.managedFields must be nil');
  }
  const found = text(config, 'kind');
  if (found !== kindName) {
    throw badRequest(
      `failed to merge config: expected objects of the same type, but got ${found} and ${kindName}`,
    );
  }
  const problems = appliedProblems(kind.shape, config);
  if (problems === undefined) return;
  const name = `${text(metadata, 'namespace')}/${text(metadata, 'name')}; ${slashed(apiVersion)}, Kind=${found}`;
  throw badRequest(`failed to create typed patch object (${name}): ${problems}`);
}

/** Applies, and lets kubectl take over from itself what it applied on the client before. */
function applyOrTakeOver(
  write: Write,
  live: JsonObject,
  config: JsonObject,
  options: { readonly before: Owners; readonly force: boolean },
): Applied {
  try {
    return applyConfiguration(write, live, config, options);
  } catch (error) {
    if (!(error instanceof FieldConflictError)) throw error;
    if (!crossesOver(write.owner.manager)) throw conflictStatus(error.conflicts);
    const { shape, apiVersion } = write.kind;
    const serious = conflictsOutside(error.conflicts, appliedByClient(shape, apiVersion, live));
    if (serious.length > 0) throw conflictStatus(serious);
    return applyConfiguration(write, live, config, { ...options, force: true });
  }
}

/** Whose the fields of an object are that was written without anybody being noted. */
const beforeFirstApply = 'before-first-apply';

function ownersBeforeApply(write: Write, live: KubeObject | undefined): Owners {
  const owners = ownersOfStored(live?.metadata.managedFields);
  if (live === undefined || owners.size > 0) return owners;
  const owner = { ...write.owner, manager: beforeFirstApply, operation: 'Update' } as const;
  return ownersAfterUpdate({ ...write, owner }, undefined, live, () => nobody) ?? nobody;
}

/**
 * The object that applying a configuration makes of the live one (undefined where there is none), `managedFields` included.
 * It is not defaulted yet. Throws 400 for a configuration that is not of the kind and 409 for conflicts.
 */
export function appliedObject(
  write: Write,
  kindName: string,
  live: KubeObject | undefined,
  { config, force }: { readonly config: unknown; readonly force: boolean },
): JsonObject {
  const configuration = isJsonObject(config) ? config : {};
  checkConfiguration(write, kindName, configuration);
  const before = (live ?? { apiVersion: write.kind.apiVersion, kind: kindName }) as unknown;
  const bare = withoutManagedFields(before as JsonObject);
  const start = ownersBeforeApply(write, live);
  const applied = applyOrTakeOver(write, bare, configuration, { before: start, force });
  const object = crossesOver(write.owner.manager)
    ? withLastApplied(applied.object, bare, configuration)
    : applied.object;
  const entries = entriesOf(applied.owners);
  const metadata = isJsonObject(object.metadata) ? object.metadata : {};
  return {
    ...object,
    metadata: { ...metadata, ...(entries === undefined ? {} : { managedFields: entries }) },
  };
}

function withoutManagedFields(object: JsonObject): JsonObject {
  const { metadata } = object;
  if (!isJsonObject(metadata)) return object;
  const { managedFields: _owners, ...rest } = metadata;
  return { ...object, metadata: rest };
}
