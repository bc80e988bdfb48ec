/** From a request's body to the object it means, and the short answers of subresources. */
import { badRequest, failure, unsupportedMediaType } from '../../api/meta/status-error.js';
import type { KubeObject, Status } from '../../api/meta/v1/types.js';
import { decodeValue, parseBody, parseConfiguration } from '../registry/decode.js';
import type { ExpectedKind, FieldValidation, ParsedBody } from '../registry/decode.js';
import type { ApplyOptions } from '../registry/field-ownership.js';
import type { WriteContext } from '../registry/hooks.js';
import { JsonSyntaxError, parseJson } from '../registry/json-text.js';
import { type PatchType, patchedObject, patchTypeOf } from '../registry/patching.js';
import { nothingRepeated, patchProblems, repeatedLines } from '../registry/strict-problems.js';
import type { ApiAnswer, ApiBody, ApiRequest } from './api-request.js';
import { checkPatchOptions, writeOptions } from './query-options.js';

/** The JSON value of a body. Protobuf is decoded by the expected schema. */
export function bodyValue(
  body: ApiBody,
  expected: Pick<ExpectedKind, 'kind' | 'schema'>,
  validation: FieldValidation,
): ParsedBody {
  if (body.type === 'value') return { value: body.value, repeated: nothingRepeated };
  return parseBody(body, expected, validation !== 'Ignore');
}

/** Decodes the body as an object of a kind, without defaults. Warnings go to the request. */
export async function decodeAs(
  request: ApiRequest,
  expected: ExpectedKind,
  fieldValidation: FieldValidation = 'Ignore',
): Promise<KubeObject> {
  const body = await request.body();
  const { value, repeated } = bodyValue(body, expected, fieldValidation);
  const decoded = decodeValue(value, expected, {
    fieldValidation,
    repeated,
    ...(body.type === 'bytes' ? { raw: body.bytes } : {}),
  });
  if (body.type === 'bytes') request.warnings.push(...decoded.warnings);
  return decoded.object;
}

interface ParsedPatch {
  readonly patch: unknown;
  /** What is wrong with it, whatever it makes of an object. */
  readonly problems: readonly string[];
}

function parsePatch(body: ApiBody, type: PatchType, validation: FieldValidation): ParsedPatch {
  if (body.type === 'value') return { patch: body.value, problems: [] };
  const text = body.bytes.toString('utf8');
  try {
    const patch = parseJson(text);
    return { patch, problems: validation === 'Ignore' ? [] : patchProblems(type, text, patch) };
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw badRequest(`error decoding patch: ${error.message}`);
  }
}

const applyMediaType = 'application/apply-patch+yaml';

/** Kubernetes refuses a patch of an unknown type before it looks at what is patched. */
const unsupportedPatch = (): Error =>
  failure({
    code: 415,
    reason: 'UnsupportedMediaType',
    message: '415: Unsupported Media Type',
    details: {},
  });

/** What applying a configuration makes of the stored object; undefined where there is none yet. */
export type ApplyTo = (
  stored: KubeObject | undefined,
  config: unknown,
  options: ApplyOptions,
) => unknown;

/** What a PUT or PATCH asks for. */
export interface Wanted {
  /** A fresh draft from the stored object; undefined where there is nothing to patch. */
  readonly from: (stored: KubeObject | undefined) => KubeObject | undefined;
  /** The context the write is to be made in. */
  readonly context: WriteContext;
}

/** Custom resources declare no merge keys. */
const customPatchMediaTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  applyMediaType,
];

/**
 * What a PUT or PATCH wants an object to become. The body is read once, here. `applyTo` is absent where nothing can be
 * applied.
 */
export async function wantedBy(
  request: ApiRequest,
  expected: ExpectedKind,
  context: WriteContext,
  applyTo?: ApplyTo,
): Promise<Wanted> {
  const patching = request.target.verb === 'patch';
  const { fieldValidation } = writeOptions(
    request.query,
    patching ? 'PatchOptions' : 'UpdateOptions',
    'Warn',
  );
  const body = await request.body();
  if (!patching) return replacementBy(request, body, expected, { fieldValidation, context });
  if (applyTo !== undefined && body.mediaType === applyMediaType) {
    return appliedBy(request, body, expected, { fieldValidation, context, applyTo });
  }
  checkPatchOptions(request.query, false);
  const type = patchTypeOf(body.mediaType);
  const isCustom = expected.decode !== undefined;
  if (type === undefined || (isCustom && type === 'strategic')) {
    throw isCustom ? unsupportedMediaType(customPatchMediaTypes) : unsupportedPatch();
  }
  const { patch, problems } = parsePatch(body, type, fieldValidation);
  const from = (stored: KubeObject | undefined): KubeObject | undefined => {
    if (stored === undefined) return undefined;
    const options = { expected, fieldValidation, problems };
    const { object, warnings } = patchedObject(stored, patch, type, options);
    context.warnings.splice(0, context.warnings.length, ...warnings);
    unpinFrom(object, stored);
    return object;
  };
  return { from, context: { ...context, patches: true } };
}

interface WriteForm {
  readonly fieldValidation: FieldValidation;
  readonly context: WriteContext;
}

function replacementBy(
  request: ApiRequest,
  body: ApiBody,
  expected: ExpectedKind,
  { fieldValidation, context }: WriteForm,
): Wanted {
  const { value, repeated } = bodyValue(body, expected, fieldValidation);
  const options = {
    fieldValidation,
    repeated,
    ...(body.type === 'bytes' ? { raw: body.bytes } : {}),
  };
  const { object, warnings } = decodeValue(value, expected, options);
  if (body.type === 'bytes') request.warnings.push(...warnings);
  let first: KubeObject | undefined = object;
  const from = (): KubeObject => {
    const draft = first ?? decodeValue(value, expected, options).object;
    first = undefined;
    return draft;
  };
  return { from, context };
}

function appliedBy(
  request: ApiRequest,
  body: ApiBody,
  expected: ExpectedKind,
  { fieldValidation, context, applyTo }: WriteForm & { readonly applyTo: ApplyTo },
): Wanted {
  const { manager, force } = checkPatchOptions(request.query, true);
  const { value, repeated } =
    body.type === 'value'
      ? { value: body.value, repeated: nothingRepeated }
      : parseConfiguration(body);
  const { lines = [] } = repeated;
  const from = (stored: KubeObject | undefined): KubeObject => {
    const applied = applyTo(stored, value, { manager, force });
    if (lines.length > 0 && fieldValidation !== 'Ignore') {
      const why = `error strict decoding YAML: error converting YAML to JSON: ${repeatedLines(lines)}`;
      if (fieldValidation === 'Strict') throw badRequest(why);
      context.warnings.splice(0, context.warnings.length, ...lines);
    }
    const { object } = decodeValue(applied, expected, { fieldValidation: 'Ignore' });
    if (stored !== undefined) unpinFrom(object, stored);
    return object;
  };
  return { from, context: { ...context, manager, applies: true } };
}

/** A patch that does not name a version applies to whatever version there is. */
function unpinFrom(object: KubeObject, stored: KubeObject): void {
  if (object.metadata.resourceVersion === stored.metadata.resourceVersion) unpin(object);
}

const unpin = ({ metadata }: KubeObject): void => {
  Reflect.deleteProperty(metadata, 'resourceVersion');
};

/** A Status that says no more than that it worked. */
export function successAnswer(code: number): ApiAnswer {
  const status: Status = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    code,
  };
  return {
    type: 'object',
    status: code,
    object: status as unknown as KubeObject,
    bytes: undefined,
  };
}

/** An object that is only an answer, such as a review. */
export const transientAnswer = (status: number, object: unknown): ApiAnswer => ({
  type: 'object',
  status,
  object: object as KubeObject,
  bytes: undefined,
});
