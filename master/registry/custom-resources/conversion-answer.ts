/**
 * What a conversion webhook answered, checked: what an object is, and who owns it, is not the webhook's to change. Pure;
 * the sentences are Kubernetes'.
 */
import { isJsonObject } from '../../../api/apiextensions/schema/json-schema.js';
import type { JsonObject } from '../../../api/apiextensions/schema/json-schema.js';
import { goType } from '../../../api/managed-fields/go-text.js';
import type { KubeObject } from '../../../api/meta/v1/types.js';
import { jsonEqual } from '../../../api/patch/json-value.js';
import type { FieldError } from '../../../api/validation/field-error.js';
import { validateAnnotations, validateLabels } from '../../../api/validation/labels.js';

/** An answer that cannot be used; the message goes on after the name of what was to be converted. */
export class ConversionProblem extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ConversionProblem';
  }
}

export interface Asked {
  readonly uid: string;
  /** `v1` or `v1beta1`; the older one did not name what it answers. */
  readonly reviewVersion: string;
  readonly objects: readonly KubeObject[];
  /** The apiVersion that objects were to be converted to. */
  readonly wanted: string;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

const failed = (why: string): never => {
  throw new ConversionProblem(`failed: ${why}`);
};

const kindText = ({ apiVersion, kind }: JsonObject): string => {
  const [group, version] = text(apiVersion).includes('/')
    ? text(apiVersion).split('/')
    : ['', text(apiVersion)];
  return `${group ?? ''}/${version ?? ''}, Kind=${text(kind)}`;
};

function responseIn(answer: unknown, { uid, reviewVersion }: Asked): JsonObject {
  const review = isJsonObject(answer) ? answer : {};
  const isChecked = reviewVersion === 'v1';
  const expected = `apiextensions.k8s.io/${reviewVersion}, Kind=ConversionReview`;
  if (isChecked && kindText(review) !== expected) {
    failed(`expected webhook response of ${expected}, got ${kindText(review)}`);
  }
  const { response } = review;
  if (!isJsonObject(response)) return failed('no response provided');
  if (isChecked && response.uid !== uid) {
    failed(
      `expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(text(response.uid))}`,
    );
  }
  return response;
}

/** The objects of an answer, as many as were asked for. Throws ConversionProblem. */
export function convertedObjects(answer: unknown, asked: Asked): readonly unknown[] {
  const response = responseIn(answer, asked);
  const result = isJsonObject(response.result) ? response.result : {};
  if (result.status !== 'Success') {
    const status = `response.result.status was '${text(result.status)}', not 'Success'`;
    failed(text(result.message) === '' ? status : text(result.message));
  }
  const objects: readonly unknown[] = Array.isArray(response.convertedObjects)
    ? response.convertedObjects
    : [];
  const expected = asked.objects.length;
  if (objects.length !== expected) {
    throw new ConversionProblem(
      `returned ${String(objects.length)} objects, expected ${String(expected)}`,
    );
  }
  return objects;
}

const invalidObject = (why: string): never => {
  throw new ConversionProblem(`returned invalid object: ${why}`);
};

const invalidMetadata = (why: string): never => {
  throw new ConversionProblem(`returned invalid metadata: ${why}`);
};

type Texts = Readonly<Record<string, string>>;

function isTexts(value: JsonObject, field: string): value is Record<string, string> {
  for (const [name, content] of Object.entries(value)) {
    if (typeof content === 'string') continue;
    invalidMetadata(
      `metadata.${field}[${name}] must be a string, but is ${goType(content)} in converted object`,
    );
  }
  return true;
}

/** Labels or annotations that the webhook may have changed. */
function changedTexts(
  value: unknown,
  field: 'labels' | 'annotations',
  before: Texts | undefined,
): Texts | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isJsonObject(value)) {
    return invalidMetadata(
      `invalid metadata.${field} of type ${goType(value)} in converted object`,
    );
  }
  if (!isTexts(value, field)) return undefined;
  if (jsonEqual(value, before ?? {})) return value;
  const errors =
    field === 'labels'
      ? validateLabels(value, 'metadata.labels')
      : validateAnnotations(value, 'metadata.annotation');
  if (errors.length > 0) invalidMetadata(listed(errors));
  return value;
}

function listed(errors: readonly FieldError[]): string {
  const texts = errors.map(({ field, message }) => `${field}: ${message}`);
  return texts.length === 1 ? texts.join('') : `[${texts.join(', ')}]`;
}

const identities = [
  ['name', 'name'],
  ['namespace', 'namespace'],
  ['uid', 'UID'],
] as const;

/** What the webhook made of an object, with everything put back that it may not change. Throws ConversionProblem. */
export function acceptedObject(made: unknown, original: KubeObject, wanted: string): KubeObject {
  const converted = isJsonObject(made) ? made : {};
  const { apiVersion, kind, metadata, ...content } = converted;
  const at = 'returned invalid object at index 0: invalid';
  if (apiVersion !== wanted) {
    const expected = `expected ${wanted}, received ${text(apiVersion)}`;
    throw new ConversionProblem(`${at} groupVersion (${expected})`);
  }
  if (kind !== original.kind) {
    const expected = `expected ${original.kind}, received ${text(kind)}`;
    throw new ConversionProblem(`${at} kind (${expected})`);
  }
  const given = isJsonObject(metadata) ? metadata : {};
  for (const [name, shown] of identities) {
    const [before, after] = [original.metadata[name] ?? '', text(given[name])];
    if (before !== after) invalidObject(`must have the same ${shown}: ${before} != ${after}`);
  }
  if (metadata === undefined) invalidMetadata('missing metadata in converted object');
  if (!isJsonObject(metadata)) {
    invalidMetadata(`invalid metadata of type ${goType(metadata)} in converted object`);
  }
  const { labels: oldLabels, annotations: oldAnnotations, ...kept } = original.metadata;
  const labels = changedTexts(given.labels, 'labels', oldLabels);
  const annotations = changedTexts(given.annotations, 'annotations', oldAnnotations);
  return {
    ...content,
    apiVersion: wanted,
    kind: original.kind,
    metadata: {
      ...kept,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
  };
}
