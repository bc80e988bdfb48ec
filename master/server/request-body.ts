/** From a request's body to the object it means, and the short answers of subresources. */
import { badRequest, unsupportedMediaType } from '../../api/meta/status-error.js';
import type { KubeObject, Status } from '../../api/meta/v1/types.js';
import { decodeValue, parseBody } from '../registry/decode.js';
import type { ExpectedKind, FieldValidation, ParsedBody } from '../registry/decode.js';
import type { WriteContext } from '../registry/hooks.js';
import { patchedObject, patchTypeOf } from '../registry/patching.js';
import type { ApiAnswer, ApiBody, ApiRequest } from './api-request.js';
import { writeOptions } from './query-options.js';

/** The JSON value of a body. Protobuf is decoded by the expected schema. */
export function bodyValue(
  body: ApiBody,
  expected: Pick<ExpectedKind, 'kind' | 'schema'>,
  validation: FieldValidation,
): ParsedBody {
  if (body.type === 'value') return { value: body.value, duplicates: [] };
  return parseBody(body, expected, validation !== 'Ignore');
}

/** Decodes the body as an object of a kind, without defaults. Warnings go to the request. */
export async function decodeAs(
  request: ApiRequest,
  expected: ExpectedKind,
  fieldValidation: FieldValidation = 'Ignore',
): Promise<KubeObject> {
  const body = await request.body();
  const { value, duplicates } = bodyValue(body, expected, fieldValidation);
  const decoded = decodeValue(value, expected, {
    fieldValidation,
    duplicates,
    ...(body.type === 'bytes' ? { raw: body.bytes } : {}),
  });
  if (body.type === 'bytes') request.warnings.push(...decoded.warnings);
  return decoded.object;
}

function parsePatch(body: ApiBody): unknown {
  if (body.type === 'value') return body.value;
  try {
    return JSON.parse(body.bytes.toString('utf8')) as unknown;
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unreadable';
    throw badRequest(`error decoding patch: ${why}`);
  }
}

const patchMediaTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
];

/**
 * What a PUT or PATCH wants an object to become, as a function of the stored one that gives a fresh draft each time. The
 * body is read once, here.
 */
export async function wantedBy(
  request: ApiRequest,
  expected: ExpectedKind,
  context: WriteContext,
): Promise<(stored: KubeObject) => KubeObject> {
  const patching = request.target.verb === 'patch';
  const { fieldValidation } = writeOptions(
    request.query,
    patching ? 'PatchOptions' : 'UpdateOptions',
    'Warn',
  );
  if (!patching) {
    const wanted = await decodeAs(request, expected, fieldValidation);
    let spare: KubeObject | undefined = wanted;
    const original = structuredClone(wanted);
    return () => {
      const draft = spare ?? structuredClone(original);
      spare = undefined;
      return draft;
    };
  }
  const body = await request.body();
  const type = patchTypeOf(body.mediaType);
  if (type === undefined) throw unsupportedMediaType(patchMediaTypes);
  const patch = parsePatch(body);
  return (stored) => {
    const { object, warnings } = patchedObject(stored, patch, type, { expected, fieldValidation });
    context.warnings.splice(0, context.warnings.length, ...warnings);
    const { resourceVersion } = stored.metadata;
    // A patch that does not name a version applies to whatever version there is.
    if (object.metadata.resourceVersion === resourceVersion) unpin(object);
    return object;
  };
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
