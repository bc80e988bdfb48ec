/**
 * Every expected failure of the API as one typed error that carries its `Status`, with constructors in Kubernetes' words.
 *
 * Thrown by the server, its steps and its clients; recognised by `isStatusError` and `hasReason`, never by message.
 */
import type { FieldError } from '../validation/field-error.js';
import type { Status, StatusDetails } from './v1/types.js';

/** A group and resource as messages name it: `pods`, `deployments.apps`. */
export interface GroupResource {
  readonly group: string;
  readonly plural: string;
}

/** A group and kind as messages name it: `Pod`, `Deployment.apps`. */
export interface GroupKind {
  readonly group: string;
  readonly kind: string;
}

/** A failure that a client is told of as this Status. */
export class StatusError extends Error {
  readonly status: Status;

  constructor(status: Status, options?: ErrorOptions) {
    super(status.message ?? '', options);
    this.name = 'StatusError';
    this.status = status;
  }

  get code(): number {
    return this.status.code ?? 500;
  }

  get reason(): string {
    return this.status.reason ?? '';
  }
}

/** Whether an error carries a Status. */
export const isStatusError = (error: unknown): error is StatusError => error instanceof StatusError;

/** Whether an error is a Status with the given reason, such as `NotFound` or `Conflict`. */
export const hasReason = (error: unknown, reason: StatusReason): boolean =>
  isStatusError(error) && error.reason === reason;

export type StatusReason =
  | 'AlreadyExists'
  | 'BadRequest'
  | 'Conflict'
  | 'Expired'
  | 'Forbidden'
  | 'Gone'
  | 'InternalError'
  | 'Invalid'
  | 'MethodNotAllowed'
  | 'NotAcceptable'
  | 'NotFound'
  | 'RequestEntityTooLarge'
  | 'ServerTimeout'
  | 'ServiceUnavailable'
  | 'Timeout'
  | 'TooManyRequests'
  | 'Unauthorized'
  | 'UnsupportedMediaType';

export interface FailureOptions {
  readonly code: number;
  readonly reason: StatusReason | '';
  readonly message: string;
  readonly details?: StatusDetails | undefined;
  readonly cause?: unknown;
}

/** A Failure status of any kind; the named constructors below cover the usual ones. */
export function failure(options: FailureOptions): StatusError {
  return new StatusError(
    {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: options.message,
      ...(options.reason === '' ? {} : { reason: options.reason }),
      ...(options.details === undefined ? {} : { details: options.details }),
      code: options.code,
    },
    options.cause === undefined ? undefined : { cause: options.cause },
  );
}

const detailsOf = (resource: GroupResource, name: string): StatusDetails => ({
  ...(name === '' ? {} : { name }),
  ...(resource.group === '' ? {} : { group: resource.group }),
  kind: resource.plural,
});

/** `pods` or `deployments.apps`. */
export const groupResourceText = (resource: GroupResource): string =>
  resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;

const groupKindText = (kind: GroupKind): string =>
  kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;

/** 400: the request makes no sense. */
export const badRequest = (message: string, cause?: unknown): StatusError =>
  failure({ code: 400, reason: 'BadRequest', message, cause });

/** 401: nobody knows who asks. */
export const unauthorized = (message = 'Unauthorized'): StatusError =>
  failure({ code: 401, reason: 'Unauthorized', message });

/** 404: there is no object of that name. */
export const notFound = (resource: GroupResource, name: string): StatusError =>
  failure({
    code: 404,
    reason: 'NotFound',
    message: `${groupResourceText(resource)} ${JSON.stringify(name)} not found`,
    details: detailsOf(resource, name),
  });

/** The path or resource type itself does not exist. */
export const pathNotFound = (): StatusError =>
  failure({
    code: 404,
    reason: 'NotFound',
    message: 'the server could not find the requested resource',
    details: {},
  });

/** 409: an object of that name is there. */
export const alreadyExists = (resource: GroupResource, name: string): StatusError =>
  failure({
    code: 409,
    reason: 'AlreadyExists',
    message: `${groupResourceText(resource)} ${JSON.stringify(name)} already exists`,
    details: detailsOf(resource, name),
  });

/** 409: the object is not as the request supposes. */
export const conflict = (resource: GroupResource, name: string, why: string): StatusError =>
  failure({
    code: 409,
    reason: 'Conflict',
    message: `Operation cannot be fulfilled on ${groupResourceText(resource)} ${JSON.stringify(name)}: ${why}`,
    details: detailsOf(resource, name),
  });

/** 403: who asks may not do that to the object. */
export const forbiddenRequest = (resource: GroupResource, name: string, why: string): StatusError =>
  failure({
    code: 403,
    reason: 'Forbidden',
    message: `${groupResourceText(resource)}${name === '' ? '' : ` ${JSON.stringify(name)}`} is forbidden: ${why}`,
    details: detailsOf(resource, name),
  });

/** What is wrong with fields, in one line: a single error stands alone, several are bracketed, as Kubernetes words it. */
export function fieldErrorsText(errors: readonly FieldError[]): string {
  const [only = '', ...others] = new Set(
    errors.map(({ field, message }) => `${field}: ${message}`),
  );
  return others.length === 0 ? only : `[${[only, ...others].join(', ')}]`;
}

/** 422 with one cause per field error. */
export function invalidObject(
  kind: GroupKind,
  name: string,
  errors: readonly FieldError[],
): StatusError {
  return failure({
    code: 422,
    reason: 'Invalid',
    message: `${groupKindText(kind)} ${JSON.stringify(name)} is invalid: ${fieldErrorsText(errors)}`,
    details: {
      ...(name === '' ? {} : { name }),
      ...(kind.group === '' ? {} : { group: kind.group }),
      ...(kind.kind === '' ? {} : { kind: kind.kind }),
      causes: errors.map(({ reason, message, field }) => ({ reason, message, field })),
    },
  });
}

/** The revision asked for is no longer held; the client lists again. */
export const expired = (message: string): StatusError =>
  failure({ code: 410, reason: 'Expired', message });

/** A revision that is no longer held. */
export const isExpired = (error: unknown): boolean => hasReason(error, 'Expired');

/** 405: the resource has no such verb. */
export const methodNotAllowed = (
  message = 'the server does not allow this method on the requested resource',
): StatusError => failure({ code: 405, reason: 'MethodNotAllowed', message, details: {} });

/** 406: the client takes none of the forms there are. */
export const notAcceptable = (accepted: readonly string[]): StatusError =>
  failure({
    code: 406,
    reason: 'NotAcceptable',
    message: `only the following media types are accepted: ${accepted.join(', ')}`,
  });

/** A form that fits a list was asked of an object, or the other way round. */
export function notAcceptableForm(
  form: string,
  { group, kind }: { readonly group: string; readonly kind: string },
  isList: boolean,
): StatusError {
  const goType = `*${group === '' ? 'core' : (group.split('.', 1)[0] ?? group)}.${kind}`;
  const found = isList ? `a list (${goType}List)` : `not a list (${goType})`;
  return failure({
    code: 406,
    reason: 'NotAcceptable',
    message: `you requested ${form}, but the requested object is ${found}`,
  });
}

/** 415: the body is in none of the forms that are taken. */
export const unsupportedMediaType = (accepted: readonly string[]): StatusError =>
  failure({
    code: 415,
    reason: 'UnsupportedMediaType',
    message: `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  });

/** 413: the body has more bytes than that. */
export const requestTooLarge = (limitBytes: number): StatusError =>
  failure({
    code: 413,
    reason: 'RequestEntityTooLarge',
    message: `Request entity too large: limit is ${String(limitBytes)}`,
  });

/** 429: the client should come back later. */
export const tooManyRequests = (message: string, retryAfterSeconds: number): StatusError =>
  failure({
    code: 429,
    reason: 'TooManyRequests',
    message,
    details: { retryAfterSeconds },
  });

/** 504: it took too long; whether it was done is not known. */
export const timedOut = (message: string, retryAfterSeconds = 0): StatusError =>
  failure({ code: 504, reason: 'Timeout', message, details: { retryAfterSeconds } });

/** 503: what is needed for an answer cannot be reached. */
export const serviceUnavailable = (message: string, cause?: unknown): StatusError =>
  failure({ code: 503, reason: 'ServiceUnavailable', message, cause });

/** 500: what went wrong is nothing the client can help. */
export const internalError = (cause: unknown): StatusError => {
  const text = cause instanceof Error ? cause.message : String(cause);
  return failure({
    code: 500,
    reason: 'InternalError',
    message: `Internal error occurred: ${text}`,
    details: { causes: [{ message: text }] },
    cause,
  });
};
