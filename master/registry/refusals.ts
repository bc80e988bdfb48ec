/** Why the registry refuses a write, in Kubernetes' words: fields, versions and names. */
import { alreadyExists, conflict, failure, invalidObject } from '../../api/meta/status-error.js';
import type { StatusError } from '../../api/meta/status-error.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { ResourceDefinition } from '../../api/schema/resource.js';
import { invalid } from '../../api/validation/field-error.js';
import type { FieldError } from '../../api/validation/field-error.js';
import type { WriteContext } from './hooks.js';
import { metaOf } from './metadata.js';
import type { StoreKey } from './object-key.js';

/** The 422 for what is wrong with an object's fields. */
export function refusedFields(
  { group, kind, refusalGroup }: ResourceDefinition,
  name: string,
  errors: readonly FieldError[],
): Error {
  return invalidObject({ group: refusalGroup ?? group, kind }, name, errors);
}

/** The 409 for an object that somebody else has changed meanwhile. */
export const modified = (resource: ResourceDefinition, name: string): Error =>
  conflict(
    resource,
    name,
    'the object has been modified; please apply your changes to the latest version and try again',
  );

/** The 409 for a name that `existing` has. */
export function nameTaken(
  resource: ResourceDefinition,
  name: string,
  {
    generated,
    existing,
  }: { readonly generated: boolean; readonly existing: KubeObject | undefined },
): Error {
  const error = alreadyExists(resource, name);
  if (existing?.metadata.deletionTimestamp !== undefined) {
    return failure({
      code: 409,
      reason: 'AlreadyExists',
      message: `object is being deleted: ${error.message}`,
      details: error.status.details,
    });
  }
  if (!generated) return error;
  return failure({
    code: 409,
    reason: 'AlreadyExists',
    message: `${error.message}, the server was not able to generate a unique name for the object`,
    details: { ...error.status.details, retryAfterSeconds: 1 },
  });
}

/** The key that Kubernetes names where it refuses a write. */
function shownKey({ plural }: ResourceDefinition, { namespace, name }: StoreKey): string {
  const scope = namespace === '' ? '' : `${namespace}/`;
  return `/registry/${plural}/${scope}${name}`;
}

/** The conflict of a PUT that names another object than there is, in the words of Kubernetes' store. */
const otherObject = (
  resource: ResourceDefinition,
  { key, uid, found }: { readonly key: StoreKey; readonly uid: string; readonly found: string },
): StatusError =>
  conflict(
    resource,
    key.name,
    `StorageError: invalid object, Code: 4, Key: ${shownKey(resource, key)}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${uid}, UID in object meta: ${found}`,
  );

/** Throws a 409 for a PUT of an object that is there no more: the draft names one that was. Others it may be meant to make. */
export function checkNew(
  resource: ResourceDefinition,
  { key, draft }: { readonly key: StoreKey; readonly draft: KubeObject },
  { patches, applies }: WriteContext,
): void {
  const { uid = '' } = metaOf(draft);
  if (uid !== '' && patches !== true && applies !== true) {
    throw otherObject(resource, { key, uid, found: '' });
  }
}

/** Whether the client pinned a version; throws when it, or the uid, is not the stored one. */
export function checkVersion(
  resource: ResourceDefinition,
  write: { readonly key: StoreKey; readonly draft: KubeObject; readonly stored: KubeObject },
  { patches, applies }: WriteContext,
): boolean {
  const { key, draft, stored } = write;
  const { uid = '', resourceVersion = '' } = metaOf(draft);
  // A patch, an apply too, is refused by validation instead.
  const replaces = patches !== true && applies !== true;
  if (replaces && uid !== '' && uid !== stored.metadata.uid) {
    throw otherObject(resource, { key, uid, found: stored.metadata.uid });
  }
  if (resourceVersion === '' || resourceVersion === '0') return false;
  if (!/^\d+$/.test(resourceVersion)) {
    const why = 'must be a resource version';
    const error = invalid('metadata.resourceVersion', resourceVersion, why);
    throw refusedFields(resource, key.name, [error]);
  }
  if (resourceVersion !== stored.metadata.resourceVersion) throw modified(resource, key.name);
  return true;
}
