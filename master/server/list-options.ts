/** What a list or watch asks for: revisions, parts, selectors, bookmarks; checked in Kubernetes' words. */
import { badRequest } from '../../api/meta/status-error.js';
import type { ResourceDefinition } from '../../api/schema/resource.js';
import { forbidden, notSupported } from '../../api/validation/field-error.js';
import type { FieldError } from '../../api/validation/field-error.js';
import { decodeContinueToken } from './continue-token.js';
import {
  booleanParameter,
  integerParameter,
  invalidOptions,
  revisionParameter,
  selectorsOf,
} from './query-options.js';
import type { Selectors } from './query-options.js';

export interface ListQuery extends Selectors {
  readonly limit: number | undefined;
  /** The key after which the list goes on, without the resource's prefix. */
  readonly continueAfter: string | undefined;
  /** The revision to list at: what a continue token or an exact match asks for. */
  readonly atRevision: number | undefined;
  /** The list must be at least this new. */
  readonly notOlderThan: number | undefined;
}

export interface WatchQuery extends Selectors {
  readonly afterRevision: number | undefined;
  readonly initialEvents: 'none' | 'state' | 'state-and-end';
  readonly bookmarks: boolean;
  readonly timeoutSeconds: number | undefined;
}

const field = 'resourceVersionMatch';
const withContinue = 'resourceVersionMatch is forbidden when continue is provided';

const given = (query: URLSearchParams, name: string): boolean => (query.get(name) ?? '') !== '';

function listErrors(query: URLSearchParams): readonly FieldError[] {
  const match = query.get(field) ?? '';
  const errors: FieldError[] = [];
  if (match !== '') {
    if (!given(query, 'resourceVersion')) {
      const why = 'resourceVersionMatch is forbidden unless resourceVersion is provided';
      errors.push(forbidden(field, why));
    }
    if (given(query, 'continue')) errors.push(forbidden(field, withContinue));
    if (match !== 'Exact' && match !== 'NotOlderThan') {
      errors.push(notSupported(field, match, ['Exact', 'NotOlderThan', '']));
    }
    if (match === 'Exact' && query.get('resourceVersion') === '0') {
      const why = 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"';
      errors.push(forbidden(field, why));
    }
  }
  if (query.has('sendInitialEvents')) {
    errors.push(forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  }
  return errors;
}

function watchErrors(query: URLSearchParams): readonly FieldError[] {
  const match = query.get(field) ?? '';
  const sendInitial = query.has('sendInitialEvents');
  const errors: FieldError[] = [];
  if (sendInitial && match !== 'NotOlderThan') {
    const why = 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan';
    errors.push(forbidden(field, why));
  }
  if (match === '') return errors;
  if (!sendInitial) {
    const why = 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided';
    errors.push(forbidden(field, why));
  }
  if (match !== 'NotOlderThan') errors.push(notSupported(field, match, ['NotOlderThan']));
  if (given(query, 'continue')) errors.push(forbidden(field, withContinue));
  return errors;
}

function refuse(errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalidOptions('ListOptions', errors);
}

const everything: ListQuery = {
  name: undefined,
  namespace: undefined,
  predicate: undefined,
  limit: undefined,
  continueAfter: undefined,
  atRevision: undefined,
  notOlderThan: undefined,
};

/** The options of a list. 422 for combinations that mean nothing, 400 for values that cannot be read. */
export function listQuery(resource: ResourceDefinition, query: URLSearchParams): ListQuery {
  if (query.size === 0) return everything;
  // Lists end by themselves, but a number must be one.
  integerParameter(query, 'timeoutSeconds');
  const asked = integerParameter(query, 'limit') ?? 0;
  refuse(listErrors(query));
  const revision = revisionParameter(query);
  const match = query.get(field) ?? '';
  // Whoever takes any state at all is given the whole of it, as from Kubernetes' cache.
  const limit = asked > 0 && revision !== 0 ? asked : undefined;
  const selectors = selectorsOf(resource, query);
  if (given(query, 'continue')) {
    if (revision !== undefined && revision !== 0) {
      throw badRequest('specifying resource version is not allowed when using continue');
    }
    const token = decodeContinueToken(query.get('continue') ?? '');
    return {
      ...selectors,
      limit: asked > 0 ? asked : undefined,
      continueAfter: token.start,
      atRevision: token.revision,
      notOlderThan: undefined,
    };
  }
  // An old client's limited list at a version means exactly this version.
  const exact = match === 'Exact' || (match === '' && limit !== undefined);
  return {
    ...selectors,
    limit,
    continueAfter: undefined,
    atRevision: exact ? revision : undefined,
    notOlderThan: exact ? undefined : revision,
  };
}

/** The options of a watch. 422 for combinations that mean nothing, 400 for values that cannot be read. */
export function watchQuery(resource: ResourceDefinition, query: URLSearchParams): WatchQuery {
  const timeoutSeconds = integerParameter(query, 'timeoutSeconds');
  refuse(watchErrors(query));
  const revision = revisionParameter(query);
  const bookmarks = booleanParameter(query, 'allowWatchBookmarks');
  const fromNow = revision === undefined || revision === 0;
  const shows = query.has('sendInitialEvents')
    ? booleanParameter(query, 'sendInitialEvents')
    : fromNow;
  const ends = bookmarks && booleanParameter(query, 'sendInitialEvents');
  return {
    ...selectorsOf(resource, query),
    afterRevision: fromNow ? undefined : revision,
    initialEvents: shows ? (ends ? 'state-and-end' : 'state') : 'none',
    bookmarks,
    timeoutSeconds: timeoutSeconds !== undefined && timeoutSeconds > 0 ? timeoutSeconds : undefined,
  };
}
