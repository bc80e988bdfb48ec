/** An audit event, `audit.k8s.io/v1`, and what it is made from. */
import type { Status } from '../../../api/meta/v1/types.js';
import type { ResourceRequest } from '../request-info.js';
import type { AuditLevel, AuditStage } from './policy.js';
import type { Requester } from '../../../api/schema/resource.js';

export interface AuditEvent {
  readonly kind: 'Event';
  readonly apiVersion: 'audit.k8s.io/v1';
  readonly level: AuditLevel;
  readonly auditID: string;
  readonly stage: AuditStage;
  readonly requestURI: string;
  readonly verb: string;
  readonly user: UserInfo;
  readonly impersonatedUser?: UserInfo;
  readonly authenticationMetadata?: { readonly impersonationConstraint: string };
  readonly sourceIPs?: readonly string[];
  readonly userAgent?: string;
  readonly objectRef?: ObjectReference;
  readonly responseStatus?: Partial<Status>;
  readonly requestObject?: unknown;
  readonly responseObject?: unknown;
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface UserInfo {
  readonly username?: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

export interface ObjectReference {
  readonly resource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly uid?: string;
  readonly apiGroup?: string;
  readonly apiVersion?: string;
  readonly resourceVersion?: string;
  readonly subresource?: string;
}

/** A user as audit events show one. */
export const userInfo = (user: Requester | undefined): UserInfo =>
  user === undefined
    ? {}
    : {
        username: user.username,
        ...(user.uid === undefined ? {} : { uid: user.uid }),
        groups: user.groups,
        ...(user.extra === undefined ? {} : { extra: user.extra }),
      };

/** What the request is about; the name of what is created is only known from the answer. */
export function objectReference(target: ResourceRequest, madeName: string): ObjectReference {
  const { plural, namespace, group, version, subresource } = target;
  const name = target.name === '' ? madeName : target.name;
  return {
    resource: plural,
    ...(namespace === '' ? {} : { namespace }),
    ...(name === '' ? {} : { name }),
    ...(group === '' ? {} : { apiGroup: group }),
    ...(version === '' ? {} : { apiVersion: version }),
    ...(subresource === '' ? {} : { subresource }),
  };
}

/** The answer's status; of a failure with its reason. */
export const statusOf = (code: number, failed: Status | undefined): Partial<Status> =>
  failed === undefined
    ? { metadata: {}, code }
    : {
        metadata: {},
        status: failed.status,
        ...(failed.message === undefined ? {} : { message: failed.message }),
        ...(failed.reason === undefined ? {} : { reason: failed.reason }),
        ...(failed.details === undefined ? {} : { details: failed.details }),
        code,
      };

function ownerless(object: unknown): unknown {
  const { metadata } = (object ?? {}) as { readonly metadata?: { managedFields?: unknown } };
  if (metadata?.managedFields === undefined) return object;
  const { managedFields: _dropped, ...rest } = metadata;
  return { ...(object as object), metadata: rest };
}

/** An object, or a list of some, without the record of who owns which field. */
export function withoutManagedFields(value: unknown): unknown {
  const { items } = (value ?? {}) as { readonly items?: unknown };
  return Array.isArray(items)
    ? { ...(value as object), items: items.map(ownerless) }
    : ownerless(value);
}
