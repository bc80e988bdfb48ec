/**
 * From a request's body to a typed, defaulted object: media type, syntax, kind and version, types, unknown and duplicate
 * fields by `fieldValidation`. Failures are the Status that Kubernetes gives.
 *
 * Called by the server for every body; called by the registry for every patched object.
 */
import {
  badRequest,
  failure,
  invalidObject,
  unsupportedMediaType,
} from '../../api/meta/status-error.js';
import type { StatusError } from '../../api/meta/status-error.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import { objectMeta } from '../../api/meta/v1/object-meta.js';
import { apiVersionOf } from '../../api/schema/resource.js';
import type { CustomDecoder } from '../../api/schema/resource.js';
import type { Definition } from '../../api/schema/schema.js';
import { isJsonObject } from '../../api/patch/json-value.js';
import { invalid } from '../../api/validation/field-error.js';
import {
  decodeObject,
  hasMessage,
  openEnvelope,
  ProtobufError,
} from '../../api/protobuf/decode.js';
import { invariant } from '../../machinery/invariant.js';
import { DecodeError, decodeTyped } from './codec.js';
import type { Decoded } from './codec.js';
import { duplicateFields, JsonSyntaxError, parseJson } from './json-text.js';
import { isNothing, nothingRepeated, problemsOf } from './strict-problems.js';
import type { Problems, Repeated } from './strict-problems.js';
import type { YamlReading } from './yaml/read.js';

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

/** The kind a body must be of. */
export interface ExpectedKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly schema: Definition;
  /** In place of the schema's decoder. */
  readonly decode?: CustomDecoder;
}

export interface RequestBody {
  readonly bytes: Buffer;
  /** The media type without parameters; empty when the client named none. */
  readonly mediaType: string;
  /** What the body says, where the media type is YAML. */
  readonly yaml?: YamlReading;
}

/** A body's JSON value with what it writes twice. */
export interface ParsedBody {
  readonly value: unknown;
  readonly repeated: Repeated;
}

const objectMediaTypes = [
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
];

/** Custom resources have no protobuf form. */
const customMediaTypes = objectMediaTypes.slice(0, 2);

const isJson = (mediaType: string): boolean => mediaType === '' || mediaType === 'application/json';

const summary = (bytes: Buffer): string =>
  bytes.length <= 30 ? bytes.toString('hex') : `${bytes.subarray(0, 30).toString('hex')} ...`;

const unrecognised = (kind: string, why: string, bytes: Buffer): StatusError =>
  badRequest(
    `the object provided is unrecognized (must be of type ${kind}): ${why} (${summary(bytes)})`,
  );

/** Parses a body of an object media type. `kind` is only named in messages; `schema` is what protobuf is decoded by. */
export function parseBody(
  body: RequestBody,
  { kind, schema }: Pick<ExpectedKind, 'kind' | 'schema'>,
  findDuplicates: boolean,
): ParsedBody {
  if (isJson(body.mediaType)) {
    const text = body.bytes.toString('utf8');
    try {
      const value = parseJson(text);
      const duplicates = findDuplicates ? duplicateFields(text, value) : [];
      return { value, repeated: { duplicates } };
    } catch (error) {
      if (!(error instanceof JsonSyntaxError)) throw error;
      const why = `couldn't get version/kind; json parse error: ${error.message}`;
      throw unrecognised(kind, why, body.bytes);
    }
  }
  if (body.mediaType === 'application/yaml') {
    const reading = yamlOf(body);
    if ('fault' in reading) throw unrecognised(kind, reading.fault, body.bytes);
    return { value: reading.value, repeated: { duplicates: [], lines: reading.duplicates } };
  }
  if (body.mediaType === 'application/vnd.kubernetes.protobuf' && hasMessage(schema)) {
    return { value: parseProtobuf(body.bytes, kind, schema), repeated: nothingRepeated };
  }
  throw unsupportedMediaType(hasMessage(schema) ? objectMediaTypes : customMediaTypes);
}

/** The YAML of a body, which was read when it arrived. */
function yamlOf({ yaml }: RequestBody): YamlReading {
  invariant(yaml !== undefined, 'bodies of YAML come with what they say');
  return yaml;
}

/** The body of an apply: YAML, which JSON is, too. Duplicates come as Go's messages about them. */
export function parseConfiguration(body: RequestBody): ParsedBody {
  const reading = yamlOf(body);
  if (!('fault' in reading)) {
    return { value: reading.value, repeated: { duplicates: [], lines: reading.duplicates } };
  }
  throw badRequest(`error decoding YAML: error converting YAML to JSON: ${reading.fault}`);
}

/** Protobuf bodies are decoded by the expected kind's schema; they cannot hold fields it does not know. */
function parseProtobuf(bytes: Buffer, kind: string, schema: Definition): unknown {
  try {
    return decodeObject(openEnvelope(bytes), schema);
  } catch (error) {
    if (!(error instanceof ProtobufError)) throw error;
    throw unrecognised(kind, error.message, bytes);
  }
}

const textField = (value: unknown, name: string): string => {
  const field = (value as Record<string, unknown>)[name];
  return typeof field === 'string' ? field : '';
};

/** Refuses a body that says it is of another kind or version. */
function checkKind(value: object, expected: ExpectedKind, body: Buffer | undefined): void {
  const apiVersion = textField(value, 'apiVersion') || apiVersionOf(expected);
  const kind = textField(value, 'kind') || expected.kind;
  const version = apiVersion.split('/').at(-1) ?? '';
  if (kind === expected.kind && apiVersion === apiVersionOf(expected)) return;
  if (kind === expected.kind) {
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${apiVersionOf(expected)})`,
    );
  }
  if (body !== undefined && textField(value, 'apiVersion') === '') {
    throw badRequest(`no kind "${kind}" is registered for version "${apiVersion}" in scheme`);
  }
  throw badRequest(
    `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${expected.kind}: converting (${version}.${kind}) to (${internalGroup(expected.group)}.${expected.kind}): unknown conversion`,
  );
}

/** What Kubernetes calls a group among its own: `core`, or the first part of the name. */
const internalGroup = (group: string): string =>
  group === '' ? 'core' : (group.split('.')[0] ?? group);

/** Decodes by the schema, or as the resource itself does. */
export const decodeExpected = (
  expected: Pick<ExpectedKind, 'schema' | 'decode'>,
  value: unknown,
): Decoded => expected.decode?.(value) ?? decodeTyped(expected.schema, value);

/** Bodies of custom resources must say what they are. */
function checkCustomKind(value: object, expected: ExpectedKind): void {
  const [apiVersion, kind] = [textField(value, 'apiVersion'), textField(value, 'kind')];
  if (kind === '' || apiVersion === '') {
    const missing = kind === '' ? 'Kind' : 'apiVersion';
    throw badRequest(
      `${expected.kind} in version ${JSON.stringify(expected.version)} cannot be handled as a ${expected.kind}: unmarshalerDecoder: Object '${missing}' is missing in '${JSON.stringify(value)}'`,
    );
  }
  if (apiVersion !== apiVersionOf(expected)) {
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${apiVersionOf(expected)})`,
    );
  }
  if (kind === expected.kind) return;
  const { metadata } = value as { metadata?: object };
  const name = metadata === undefined ? '' : textField(metadata, 'name');
  const error = invalid('kind', kind, `must be ${expected.kind}`);
  throw invalidObject({ group: expected.group, kind }, name, [error]);
}

export interface DecodeOptions {
  readonly fieldValidation: FieldValidation;
  readonly repeated?: Repeated;
  /** The raw body, for messages. */
  readonly raw?: Buffer;
}

export interface DecodedObject {
  readonly object: KubeObject;
  readonly warnings: readonly string[];
}

function problemsIn(
  unknown: readonly string[],
  expected: ExpectedKind,
  { fieldValidation, repeated = nothingRepeated, raw }: DecodeOptions,
): Problems | undefined {
  if (fieldValidation === 'Ignore') return undefined;
  if (unknown.length === 0 && isNothing(repeated)) return undefined;
  // YAML and custom resources are read first, and then compared with what is declared.
  const isReadAtOnce = repeated.lines === undefined && expected.decode === undefined;
  return problemsOf(unknown, repeated, isReadAtOnce ? raw?.toString('utf8') : undefined);
}

/** Decodes a JSON value as the expected kind; a missing apiVersion, kind or metadata is filled in. */
export function decodeValue(
  value: unknown,
  expected: ExpectedKind,
  options: DecodeOptions,
): DecodedObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const found = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;
    const why = `couldn't get version/kind; json parse error: json: cannot unmarshal ${found} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`;
    throw unrecognised(expected.kind, why, options.raw ?? Buffer.from(''));
  }
  if (expected.decode === undefined) checkKind(value, expected, options.raw);
  else checkCustomKind(value, expected);
  try {
    const { object, unknownFields } = decodeExpected(expected, value);
    const problems = problemsIn(unknownFields, expected, options);
    if (options.fieldValidation === 'Strict' && problems !== undefined) {
      throw badRequest(
        `${expected.kind} in version ${JSON.stringify(expected.version)} cannot be handled as a ${expected.kind}: ${problems.error}`,
      );
    }
    const { metadata, ...rest } = object;
    return {
      object: {
        ...rest,
        apiVersion: apiVersionOf(expected),
        kind: expected.kind,
        metadata: metadata ?? {},
      } as KubeObject,
      warnings: problems?.warnings ?? [],
    };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw badRequest(
      `${expected.kind} in version ${JSON.stringify(expected.version)} cannot be handled as a ${expected.kind}: ${error.message}`,
    );
  }
}

const positions = new Map(
  Object.entries(objectMeta.fields).map(([name, { proto }]) => [name, Number(proto)]),
);

/** Metadata with its fields in the order that Kubernetes writes them in, which is that of their numbers. */
const inWrittenOrder = (metadata: object): object =>
  Object.fromEntries(
    Object.entries(metadata).sort(
      ([left], [right]) => (positions.get(left) ?? 0) - (positions.get(right) ?? 0),
    ),
  );

/** A patched object that cannot be decoded: 422 about the patch, as Kubernetes words it. */
export function invalidPatchResult(patched: unknown, why: string): StatusError {
  // Go's patch library sorts the fields of what it touches and leaves the rest as it was.
  const sorted = Object.entries(patched as object).sort(([left], [right]) =>
    left < right ? -1 : 1,
  );
  const { metadata } = patched as { readonly metadata?: unknown };
  const shown = JSON.stringify({
    ...Object.fromEntries(sorted),
    ...(isJsonObject(metadata) ? { metadata: inWrittenOrder(metadata) } : {}),
  });
  const detail = `Invalid value: ${JSON.stringify(shown)}: ${why}`;
  return failure({
    code: 422,
    reason: 'Invalid',
    message: ` "" is invalid: patch: ${detail}`,
    details: { causes: [{ reason: 'FieldValueInvalid', message: detail, field: 'patch' }] },
  });
}
