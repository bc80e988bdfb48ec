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
import {
  forbidden,
  invalid,
  notSupported,
  required,
  tooLong,
} from '../../api/validation/field-error.js';
import { maxManagerBytes } from '../../api/managed-fields/limits.js';
import type { FieldError } from '../../api/validation/field-error.js';
import type { FieldValidation } from '../registry/decode.js';

/** A 422 about the options of a request; `kind` names them, such as `ListOptions`. */
export const invalidOptions = (kind: string, errors: readonly FieldError[]): Error =>
  invalidObject({ group: 'meta.k8s.io', kind }, '', errors);

/** Why Go would not parse `text`, which is to be written as `digits`, as a number up to `most`. */
function numberFault(text: string, digits: RegExp, most: bigint): string | undefined {
  if (!digits.test(text)) return 'invalid syntax';
  const value = BigInt(text.replace('+', ''));
  return value > most || value < -most - 1n ? 'value out of range' : undefined;
}

/** A whole number, or undefined when absent; 400 for anything else. */
export function integerParameter(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  const fault = numberFault(text, /^[-+]?\d+$/, 2n ** 63n - 1n);
  if (fault !== undefined) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: ${fault}`);
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
  const fault = numberFault(text, /^\d+$/, 2n ** 64n - 1n);
  if (fault !== undefined) {
    const quoted = JSON.stringify(text);
    throw badRequest(
      `resourceVersion: Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: ${fault}`,
    );
  }
  return Number(text);
}

/** What an apply needs to know of its query. */
export interface ApplyQuery {
  readonly manager: string;
  readonly force: boolean;
}

/** Checks what holds for some kinds of patches only: apply needs a manager, nothing else can be forced. */
export function checkPatchOptions(query: URLSearchParams, applies: boolean): ApplyQuery {
  const manager = query.get('fieldManager') ?? '';
  const errors: FieldError[] = [];
  if (!applies && query.has('force')) {
    errors.push(forbidden('force', 'may not be specified for non-apply patch'));
  }
  if (applies && manager === '') {
    errors.push(required('fieldManager', 'is required for apply patch'));
  }
  if (errors.length > 0) throw invalidOptions('PatchOptions', errors);
  return { manager, force: booleanParameter(query, 'force') };
}

export interface WriteOptions {
  readonly dryRun: boolean;
  readonly fieldValidation: FieldValidation;
}

function managerErrors(manager: string): readonly FieldError[] {
  const field = 'fieldManager';
  const strange = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.exec(manager);
  return [
    ...(Buffer.byteLength(manager) > maxManagerBytes ? [tooLong(field, maxManagerBytes)] : []),
    ...(strange === null
      ? []
      : [
          invalid(
            field,
            manager,
            `invalid character ${codePoint(strange[0])} (at position ${String(strange.index)})`,
          ),
        ]),
  ];
}

const codePoint = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;

/** The start of a client's `User-Agent` up to the first slash, without what cannot be shown: its name as a manager. */
export function managerFromUserAgent(userAgent: string): string {
  let manager = '';
  for (const character of userAgent.split('/', 1)[0] ?? '') {
    if (!/[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(character)) continue;
    if (Buffer.byteLength(manager + character) > maxManagerBytes) break;
    manager += character;
  }
  return manager === '' ? 'unknown' : manager;
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
  errors.push(...managerErrors(query.get('fieldManager') ?? ''));
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
  const { selectableFields } = resource;
  const hasOwnFields = Object.keys(selectableFields).length > 0 || resource.decode !== undefined;
  // Kinds of the whole cluster that say nothing of fields take the selector, too: they have no namespace.
  if (field === 'metadata.namespace' && (resource.scope === 'Namespaced' || !hasOwnFields)) {
    return (object) => object.metadata.namespace ?? '';
  }
  const read = Object.hasOwn(selectableFields, field) ? selectableFields[field] : undefined;
  if (read !== undefined) return read;
  throw badRequest(
    hasOwnFields
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

/** The first requirement that a field has one value. */
const exactly = (
  requirements: readonly FieldRequirement[],
  field: string,
): FieldRequirement | undefined =>
  requirements.find((requirement) => requirement.field === field && requirement.operator === '=');

/** The label and field selectors of a request as one function, or undefined where they select everything. */
export function selectorsOf(resource: ResourceDefinition, query: URLSearchParams): Selectors {
  const labelText = query.get('labelSelector') ?? '';
  const fieldText = query.get('fieldSelector') ?? '';
  const labels = labelText === '' ? undefined : parseSelector(parseLabelSelector, labelText);
  const fields = fieldText === '' ? [] : parseSelector(parseFieldSelector, fieldText);
  const readers = new Map(fields.map(({ field }) => [field, fieldReader(resource, field)]));
  const checkLabels = labels !== undefined && !matchesEverything(labels);
  const [name, namespace] = [
    exactly(fields, 'metadata.name'),
    exactly(fields, 'metadata.namespace'),
  ];
  const others = fields.filter((field) => field !== name && field !== namespace);
  const predicate =
    !checkLabels && others.length === 0
      ? undefined
      : (object: KubeObject): boolean =>
          (!checkLabels || matchesLabels(labels, object.metadata.labels)) &&
          matchesFields(others, (field) => readers.get(field)?.(object) ?? '');
  return {
    name: name?.value,
    namespace: namespace?.value,
    predicate,
  };
}
