/**
 * Which form of answer a client accepts: JSON, YAML or protobuf, and the object itself, a table of it or only its metadata.
 *
 * Called by the server for every request, so that headers seen before are remembered.
 */
import { failure, notAcceptable } from '../../api/meta/status-error.js';
import type { StatusError } from '../../api/meta/status-error.js';
import { maxKnownAcceptHeaders } from './limits.js';

export type Format = 'json' | 'yaml' | 'protobuf';
export type Form = 'Object' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';

export interface Accepted {
  readonly format: Format;
  readonly form: Form;
  /** The meta.k8s.io version of a table or partial object. */
  readonly metaVersion: 'v1' | 'v1beta1';
  /** The header asks for indentation. */
  readonly pretty: boolean;
}

/** The forms an answer can have beside JSON and YAML. */
export interface Forms {
  /** Whether whole objects can be protobuf, which those of custom resources cannot; their metadata always can. */
  readonly protobufObjects: boolean;
  /** Whether objects can be rows of a table, which those that are answered and never stored cannot. */
  readonly tables: boolean;
}

/** What is asked, beside the header: a watch streams. */
export interface Offer extends Forms {
  readonly watching: boolean;
}

/** The media type of each form. */
export const contentTypes: Readonly<Record<Format, string>> = {
  json: 'application/json',
  yaml: 'application/yaml',
  protobuf: 'application/vnd.kubernetes.protobuf',
};

/** The media types of documents that are no resources, as a 406 names them. */
export const servedMediaTypes = Object.values(contentTypes);

const plainJson: Accepted = { format: 'json', form: 'Object', metaVersion: 'v1', pretty: false };

interface Range {
  readonly mediaType: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
  /** 0 for what names a type and a subtype, more for wildcards. */
  readonly wildcards: number;
}

function parseRange(text: string): Range {
  const [type = '', ...rest] = text.split(';').map((part) => part.trim());
  const parameters = new Map<string, string>();
  for (const parameter of rest) {
    const [name = '', value = ''] = parameter.split('=', 2);
    parameters.set(name.trim().toLowerCase(), value.trim());
  }
  const quality = Number(parameters.get('q') ?? '1');
  const mediaType = type.toLowerCase();
  const wildcards = mediaType.split('*').length - 1;
  return { mediaType, parameters, quality, wildcards };
}

/** A map and no object: what clients write must not find what objects inherit. */
const formats: ReadonlyMap<string, Format> = new Map([
  ['application/json', 'json'],
  ['application/yaml', 'yaml'],
  ['application/vnd.kubernetes.protobuf', 'protobuf'],
  ['application/*', 'json'],
  ['*/*', 'json'],
]);

const isForm = (form: string): form is Form =>
  form === 'Table' || form === 'PartialObjectMetadata' || form === 'PartialObjectMetadataList';

const isTrue = (value: string | undefined): boolean => value === '1' || value === 'true';

function acceptRange({ mediaType, parameters }: Range, offer: Offer): Accepted | undefined {
  const format = formats.get(mediaType);
  if (format === undefined || (offer.watching && format === 'yaml')) return undefined;
  const stream = parameters.get('stream') ?? '';
  if (stream !== '' && (stream !== 'watch' || format === 'yaml')) return undefined;
  const pretty = isTrue(parameters.get('pretty'));
  const form = parameters.get('as');
  if (form === undefined) {
    // Group and version of a form that is not named are no way to name the object itself.
    if (parameters.has('g') || parameters.has('v')) return undefined;
    const isServed = format !== 'protobuf' || offer.protobufObjects;
    return isServed ? { format, form: 'Object', metaVersion: 'v1', pretty } : undefined;
  }
  const version = parameters.get('v');
  if (!isForm(form) || parameters.get('g') !== 'meta.k8s.io') return undefined;
  if (version !== 'v1' && version !== 'v1beta1') return undefined;
  // A table has no protobuf form.
  if (form === 'Table' && (format === 'protobuf' || !offer.tables)) return undefined;
  return { format, form, metaVersion: version, pretty };
}

/** Whether any range names a type the route produces at all, parameters aside. */
const isProduced = (ranges: readonly Range[]): boolean =>
  ranges.some(({ mediaType }) => mediaType !== 'application/*' && formats.has(mediaType));

/** Kubernetes' router refuses types nothing is made of, in words of its own. */
const notProduced = (): StatusError =>
  failure({ code: 406, reason: 'NotAcceptable', message: '406: Not Acceptable', details: {} });

/** Types in which events can follow one another. */
const streamedMediaTypes = [contentTypes.json, contentTypes.protobuf].map(
  (mediaType) => `${mediaType};stream=watch`,
);

function refusal(ranges: readonly Range[], offer: Offer): StatusError {
  const asAnswer = { ...offer, watching: false };
  if (ranges.some((range) => acceptRange(range, asAnswer) !== undefined)) {
    return notAcceptable(streamedMediaTypes);
  }
  const accepted = servedMediaTypes.filter(
    (mediaType) => mediaType !== contentTypes.protobuf || offer.protobufObjects,
  );
  return notAcceptable(accepted);
}

const bySpecificity = (a: Range, b: Range): number =>
  b.quality - a.quality || a.wildcards - b.wildcards;

function decide(accept: string, offer: Offer): Accepted | StatusError {
  const ranges = accept.split(',').map(parseRange).sort(bySpecificity);
  if (!isProduced(ranges)) return notProduced();
  for (const range of ranges) {
    const accepted = acceptRange(range, offer);
    if (accepted !== undefined) return accepted;
  }
  return refusal(ranges, offer);
}

/** Decisions by header, one table for each offer. Clients send few different headers; those of a hostile one push others out. */
const known = new Map<string, Accepted | StatusError>();

function decision(accept: string | undefined, offer: Offer): Accepted | StatusError {
  if (accept === undefined || accept === '' || accept === 'application/json' || accept === '*/*') {
    return plainJson;
  }
  const { watching, protobufObjects, tables } = offer;
  const key = `${watching ? 'w' : ''}${protobufObjects ? 'p' : ''}${tables ? 't' : ''} ${accept}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const decided = decide(accept, offer);
  if (known.size >= maxKnownAcceptHeaders) known.clear();
  known.set(key, decided);
  return decided;
}

const everything: Offer = { watching: false, protobufObjects: true, tables: true };

/** The first acceptable range of the highest quality. Undefined for a header that accepts nothing served. */
export function negotiate(
  accept: string | undefined,
  offer: Offer = everything,
): Accepted | undefined {
  const decided = decision(accept, offer);
  return decided instanceof Error ? undefined : decided;
}

/** As `negotiate`; throws a 406. */
export function negotiateOrThrow(accept: string | undefined, offer: Offer = everything): Accepted {
  const decided = decision(accept, offer);
  if (decided instanceof Error) throw decided;
  return decided;
}

/** The media type of a body without its parameters; empty where the client names none, `unknown` where it cannot be read. */
export function mediaTypeOf(contentType: string | undefined): string {
  if (contentType === undefined || contentType === '') return '';
  const mediaType = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return mediaType === '' ? 'unknown' : mediaType;
}
