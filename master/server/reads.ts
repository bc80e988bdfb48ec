/**
 * List and watch: from a request's options to what the registry is asked, and from its answer to tokens and time-outs.
 *
 * Called by the resource handler, after authorisation. A selector may only narrow what the path names, never replace it.
 */
import { expired, isExpired, StatusError } from '../../api/meta/status-error.js';
import type { Random } from '../../machinery/clock/random.js';
import { storePrefix } from '../registry/object-key.js';
import type { ResourceRegistry } from '../registry/resource-registry.js';
import { tooLargeRevision } from '../watch/resource-store.js';
import type { ListResult } from '../watch/resource-store.js';
import type { Selection } from '../watch/watcher.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { ApiAnswer, ApiRequest } from './api-request.js';
import { encodeContinueToken } from './continue-token.js';
import { minWatchMs } from './limits.js';
import { listQuery, watchQuery } from './list-options.js';
import type { ListQuery } from './list-options.js';
import type { Selectors } from './query-options.js';

type ListAnswer = ApiAnswer & { readonly type: 'list' };
type WatchAnswer = ApiAnswer & { readonly type: 'watch' };

/** 504 for a resourceVersion that is still to come. */
export function requireRevision(registry: ResourceRegistry, wanted: number | undefined): void {
  const current = registry.store.revision();
  if (wanted !== undefined && wanted > current) throw tooLargeRevision(wanted, current);
}

/** What both path and selector allow of one field; null where they exclude each other. */
const narrowed = (
  byPath: string | undefined,
  selected: string | undefined,
): string | undefined | null =>
  byPath !== undefined && selected !== undefined && byPath !== selected
    ? null
    : (byPath ?? selected);

/** The objects that path and selectors ask for; null for none at all. */
export function selectionOf(
  { target }: ApiRequest,
  { name: selectedName, namespace: selectedNamespace, predicate }: Selectors,
): Selection<KubeObject> | null {
  const inNamespace = target.namespace !== '' && target.plural !== 'namespaces';
  const namespace = narrowed(inNamespace ? target.namespace : undefined, selectedNamespace);
  const name = narrowed(target.name === '' ? undefined : target.name, selectedName);
  return namespace === null || name === null ? null : { namespace, name, predicate };
}

/** The list that has nothing. */
export const emptyList = ({ resource, store }: ResourceRegistry): ListAnswer => ({
  type: 'list',
  resource,
  page: { items: [], revision: store.revision(), continueAfter: undefined, remaining: undefined },
  continueToken: undefined,
});

const tooOldList = 'The resourceVersion for the provided list is too old.';
const tooOldToken =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

/** A list whose revision is gone: who was in the middle of one gets a token to go on without it. */
function expiredList({ continueAfter }: ListQuery): StatusError {
  if (continueAfter === undefined) return expired(tooOldList);
  const { status } = expired(tooOldToken);
  const token = encodeContinueToken({ revision: undefined, start: continueAfter });
  return new StatusError({ ...status, metadata: { continue: token } });
}

async function pageOf(
  registry: ResourceRegistry,
  selection: Selection<KubeObject>,
  query: ListQuery,
): Promise<ListResult<KubeObject>> {
  const { continueAfter, limit, atRevision } = query;
  const prefix = storePrefix(registry.resource);
  try {
    return await registry.list({
      ...selection,
      limit,
      continueAfter: continueAfter === undefined ? undefined : prefix + continueAfter,
      atRevision,
    });
  } catch (error) {
    if (isExpired(error)) throw expiredList(query);
    throw error;
  }
}

/** One page of what there is. */
export async function answerList(
  request: ApiRequest,
  registry: ResourceRegistry,
): Promise<ListAnswer> {
  const { resource } = registry;
  const query = listQuery(resource, request.query);
  requireRevision(registry, query.notOlderThan);
  const selection = selectionOf(request, query);
  if (selection === null) return emptyList(registry);
  const page = await pageOf(registry, selection, query);
  const { continueAfter, revision } = page;
  const start = continueAfter?.slice(storePrefix(resource).length);
  return {
    type: 'list',
    resource,
    page,
    continueToken: start === undefined ? undefined : encodeContinueToken({ revision, start }),
  };
}

/** What changes, until the watch times out. */
export async function answerWatch(
  request: ApiRequest,
  registry: ResourceRegistry,
  random: Random,
): Promise<WatchAnswer> {
  const query = watchQuery(registry.resource, request.query);
  const timeoutMs =
    query.timeoutSeconds === undefined
      ? minWatchMs * (1 + random.fraction())
      : query.timeoutSeconds * 1000;
  const watch = await registry.watch({
    ...(selectionOf(request, query) ?? { predicate: () => false }),
    afterRevision: query.afterRevision,
    initialEvents: query.initialEvents,
    bookmarks: query.bookmarks,
    endsAfterMs: timeoutMs,
    signal: request.signal,
  });
  return { type: 'watch', resource: registry.resource, watch, timeoutMs };
}
