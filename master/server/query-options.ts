/** Query parameters of reads and writes, checked in Kubernetes' words. */
import type { DeleteOptions, KubeObject } from '../../api/meta/v1/types.js';
import { badRequest, invalidObject } from '../../api/meta/status-error.js';
import type { ResourceDefinition } from '../../api/schema/resource.js';
import { matchesFields, parseFieldSelector } from '../../api/selectors/field.js';
import type { FieldRequirement } from '../../api/selectors/field.js';
import {
  matchesEverything,
  matchesLabels,
  parseLabelSelector,
  SelectorError,
} from '../../api/selectors/label.js';
import { forbidden, notSupported } from '../../api/validation/field-error.js';
import type { FieldError } from '../../api/validation/field-error.js';
import type { FieldValidation } from '../registry/decode.js';

const invalidOptions = (kind: string, errors: readonly FieldError[]): Error =>
  invalidObject({ group: 'meta.k8s.io', kind }, '', errors);

/** A whole number, or undefined when absent; 400 for anything else. */
export function integerParameter(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!/^[-+]?\d+$/.test(text)) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  return Number(text);
}

/** Kubernetes' reading of booleans: anything but `false` and `0` is true once the parameter is there. */
export function booleanParameter(query: URLSearchParams, name: string): boolean {
  const text = query.get(name);
  return text !== null && text !== 'false' && text !== '0';
}

/** Digits, or undefined for none and empty. 400 for text. */
export function revisionParameter(query: URLSearchParams): number | undefined {
  const text = query.get('resourceVersion');
  if (text === null || text === '') return undefined;
  if (!/^\d+$/.test(text)) {
    throw badRequest(
      `resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
    );
  }
  return Number(text);
}

export interface WriteOptions {
  readonly dryRun: boolean;
  readonly fieldValidation: FieldValidation;
}

const fieldValidations = ['Ignore', 'Strict', 'Warn'];

/** `kind` names the options in errors, such as `CreateOptions`. */
export function writeOptions(
  query: URLSearchParams,
  kind: string,
  defaultValidation: FieldValidation,
): WriteOptions {
  if (query.size === 0) return { dryRun: false, fieldValidation: defaultValidation };
  const errors: FieldError[] = [];
  const dryRun = query.getAll('dryRun');
  if (dryRun.some((value) => value !== 'All')) {
    errors.push(notSupported('dryRun', dryRun, ['All']));
  }
  const manager = query.get('fieldManager') ?? '';
  if (manager.length > 128) {
    errors.push({
      reason: 'FieldValueTooLong',
      field: 'fieldManager',
      message: 'Too long: may not be more than 128 bytes',
    });
  }
  const validation = query.get('fieldValidation') ?? '';
  if (validation !== '' && !fieldValidations.includes(validation)) {
    errors.push(notSupported('fieldValidation', validation, fieldValidations));
  }
  if (errors.length > 0) throw invalidOptions(kind, errors);
  return {
    dryRun: dryRun.length > 0,
    fieldValidation: validation === '' ? defaultValidation : (validation as FieldValidation),
  };
}

/** Delete options given as query parameters, which count where there is no body. */
export function deleteOptionsFromQuery(query: URLSearchParams): Partial<DeleteOptions> {
  const grace = integerParameter(query, 'gracePeriodSeconds');
  const policy = query.get('propagationPolicy');
  const dryRun = query.getAll('dryRun');
  return {
    ...(grace === undefined ? {} : { gracePeriodSeconds: grace }),
    ...(policy === null
      ? {}
      : { propagationPolicy: policy as NonNullable<DeleteOptions['propagationPolicy']> }),
    ...(query.has('orphanDependents')
      ? { orphanDependents: booleanParameter(query, 'orphanDependents') }
      : {}),
    ...(dryRun.length === 0 ? {} : { dryRun }),
  };
}

export interface Selectors {
  readonly name: string | undefined;
  readonly namespace: string | undefined;
  readonly predicate: ((object: KubeObject) => boolean) | undefined;
}

function fieldReader(resource: ResourceDefinition, field: string): (object: KubeObject) => string {
  if (field === 'metadata.name') return (object) => object.metadata.name;
  if (field === 'metadata.namespace' && resource.scope === 'Namespaced') {
    return (object) => object.metadata.namespace ?? '';
  }
  const read = resource.selectableFields[field];
  if (read !== undefined) return read;
  const own = Object.keys(resource.selectableFields);
  throw badRequest(
    own.length > 0
      ? `field label not supported: ${field}`
      : `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
  );
}

function parseSelector<T>(parse: (text: string) => T, text: string): T {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(error.message);
    throw error;
  }
}

const exactValue = (requirements: readonly FieldRequirement[], field: string): string | undefined =>
  requirements.find((requirement) => requirement.field === field && requirement.operator === '=')
    ?.value;

/** The label and field selectors of a request as one function, or undefined where they select everything. */
export function selectorsOf(resource: ResourceDefinition, query: URLSearchParams): Selectors {
  const labelText = query.get('labelSelector') ?? '';
  const fieldText = query.get('fieldSelector') ?? '';
  const labels = labelText === '' ? undefined : parseSelector(parseLabelSelector, labelText);
  const fields = fieldText === '' ? [] : parseSelector(parseFieldSelector, fieldText);
  const readers = new Map(fields.map(({ field }) => [field, fieldReader(resource, field)]));
  const checkLabels = labels !== undefined && !matchesEverything(labels);
  const others = fields.filter(
    ({ field, operator }) =>
      operator !== '=' || (field !== 'metadata.name' && field !== 'metadata.namespace'),
  );
  const predicate =
    !checkLabels && others.length === 0
      ? undefined
      : (object: KubeObject): boolean =>
          (!checkLabels || matchesLabels(labels, object.metadata.labels)) &&
          matchesFields(others, (field) => readers.get(field)?.(object) ?? '');
  return {
    name: exactValue(fields, 'metadata.name'),
    namespace: exactValue(fields, 'metadata.namespace'),
    predicate,
  };
}

export interface ListQuery extends Selectors {
  readonly limit: number | undefined;
  readonly continueAfter: string | undefined;
  /** The revision to list at: what a continue token or an exact match asks for. */
  readonly atRevision: number | undefined;
  /** The list must be at least this new. */
  readonly notOlderThan: number | undefined;
}

interface ContinueToken {
  readonly v: string;
  readonly rv: number;
  readonly start: string;
}

/** An opaque token from which a list goes on. */
export const continueToken = (revision: number, start: string): string =>
  Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start })).toString('base64url');

function parseContinue(text: string): ContinueToken {
  try {
    const token = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as ContinueToken;
    if (
      token.v === 'meta.k8s.io/v1' &&
      Number.isSafeInteger(token.rv) &&
      token.rv >= 0 &&
      typeof token.start === 'string'
    ) {
      return token;
    }
  } catch (error) {
    const why = error instanceof SyntaxError ? error.message : 'unreadable';
    throw badRequest(`invalid continue token: continue key is not valid: ${why}`);
  }
  throw badRequest('invalid continue token: continue key is not valid: unrecognized encoded value');
}

const matches = ['Exact', 'NotOlderThan', ''];

/** 422 for combinations of resourceVersionMatch that mean nothing. */
function checkVersionMatch(query: URLSearchParams, watching: boolean): void {
  const match = query.get('resourceVersionMatch') ?? '';
  const version = query.get('resourceVersion') ?? '';
  const errors: FieldError[] = [];
  const field = 'resourceVersionMatch';
  const sendInitial = query.has('sendInitialEvents');
  if (watching) {
    if (sendInitial && match === '') {
      errors.push(
        forbidden(field, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'),
      );
    } else if (!sendInitial && match !== '') {
      errors.push(
        forbidden(
          field,
          'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
        ),
      );
    } else if (match !== '' && match !== 'NotOlderThan') {
      errors.push(notSupported(field, match, ['NotOlderThan']));
    }
  } else if (sendInitial) {
    errors.push(forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  } else if (match !== '') {
    if (version === '') {
      errors.push(
        forbidden(field, 'resourceVersionMatch is forbidden unless resourceVersion is provided'),
      );
    }
    if ((query.get('continue') ?? '') !== '') {
      errors.push(forbidden(field, 'resourceVersionMatch is forbidden when continue is provided'));
    }
    if (!matches.includes(match)) errors.push(notSupported(field, match, matches));
    if (match === 'Exact' && version === '0') {
      errors.push(
        forbidden(field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'),
      );
    }
  }
  if (errors.length > 0) throw invalidOptions('ListOptions', errors);
}

/** The options of a list. `prefix` is put before a continue token's key. */
export function listQuery(resource: ResourceDefinition, query: URLSearchParams): ListQuery {
  if (query.size === 0) return everything;
  checkVersionMatch(query, false);
  const limit = integerParameter(query, 'limit');
  const revision = revisionParameter(query);
  const token = query.get('continue') ?? '';
  const shared = {
    ...selectorsOf(resource, query),
    limit: limit !== undefined && limit > 0 ? limit : undefined,
  };
  if (token !== '') {
    if (revision !== undefined && revision !== 0) {
      throw badRequest('specifying resource version is not allowed when using continue');
    }
    const { rv, start } = parseContinue(token);
    return {
      ...shared,
      continueAfter: start,
      atRevision: rv === 0 ? undefined : rv,
      notOlderThan: undefined,
    };
  }
  const exact =
    query.get('resourceVersionMatch') === 'Exact' ||
    // An old client's limited list at a version means exactly this version.
    (query.get('resourceVersionMatch') === null &&
      limit !== undefined &&
      limit > 0 &&
      revision !== undefined &&
      revision > 0);
  return {
    ...shared,
    continueAfter: undefined,
    atRevision: exact ? revision : undefined,
    notOlderThan: exact ? undefined : revision,
  };
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

export interface WatchQuery extends Selectors {
  readonly afterRevision: number | undefined;
  readonly initialEvents: 'none' | 'state' | 'state-and-end';
  readonly bookmarks: boolean;
  readonly timeoutSeconds: number | undefined;
}

export function watchQuery(resource: ResourceDefinition, query: URLSearchParams): WatchQuery {
  checkVersionMatch(query, true);
  const revision = revisionParameter(query);
  const sendInitial = booleanParameter(query, 'sendInitialEvents');
  const bookmarks = booleanParameter(query, 'allowWatchBookmarks');
  const timeoutSeconds = integerParameter(query, 'timeoutSeconds');
  const fromNow = revision === undefined || revision === 0;
  return {
    ...selectorsOf(resource, query),
    afterRevision: fromNow ? undefined : revision,
    initialEvents: sendInitial
      ? bookmarks
        ? 'state-and-end'
        : 'state'
      : fromNow && !query.has('sendInitialEvents')
        ? 'state'
        : 'none',
    bookmarks,
    timeoutSeconds: timeoutSeconds !== undefined && timeoutSeconds > 0 ? timeoutSeconds : undefined,
  };
}
