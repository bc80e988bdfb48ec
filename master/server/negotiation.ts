/** Which form of answer a client accepts: JSON or YAML, and the object itself, a table of it or only its metadata. */
import { notAcceptable } from '../../api/meta/status-error.js';

export type Form = 'Object' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';

export interface Accepted {
  readonly format: 'json' | 'yaml';
  readonly form: Form;
  /** The meta.k8s.io version of a table or partial object. */
  readonly metaVersion: 'v1' | 'v1beta1';
}

/** The media types named in a 406. */
export const servedMediaTypes = [
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
];

const plainJson: Accepted = { format: 'json', form: 'Object', metaVersion: 'v1' };

interface Range {
  readonly mediaType: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

function parseRange(text: string): Range {
  const [mediaType = '', ...rest] = text.split(';').map((part) => part.trim());
  const parameters = new Map<string, string>();
  for (const parameter of rest) {
    const [name = '', value = ''] = parameter.split('=', 2);
    parameters.set(name.trim().toLowerCase(), value.trim());
  }
  const quality = Number(parameters.get('q') ?? '1');
  return { mediaType: mediaType.toLowerCase(), parameters, quality };
}

const forms = new Set(['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList']);

function acceptRange({ mediaType, parameters }: Range): Accepted | undefined {
  const format =
    mediaType === 'application/json' || mediaType === '*/*' || mediaType === 'application/*'
      ? 'json'
      : mediaType === 'application/yaml'
        ? 'yaml'
        : undefined;
  if (format === undefined) return undefined;
  const form = parameters.get('as');
  if (form === undefined) return { format, form: 'Object', metaVersion: 'v1' };
  const version = parameters.get('v');
  if (!forms.has(form) || parameters.get('g') !== 'meta.k8s.io') return undefined;
  if (version !== 'v1' && version !== 'v1beta1') return undefined;
  return { format, form: form as Form, metaVersion: version };
}

/** The first acceptable range of the highest quality. Undefined for a header that accepts nothing served. */
export function negotiate(accept: string | undefined): Accepted | undefined {
  if (accept === undefined || accept === '' || accept === 'application/json' || accept === '*/*') {
    return plainJson;
  }
  const ranges = accept.split(',').map(parseRange);
  ranges.sort((a, b) => b.quality - a.quality);
  for (const range of ranges) {
    const accepted = acceptRange(range);
    if (accepted !== undefined) return accepted;
  }
  return undefined;
}

/** As `negotiate`; throws a 406. */
export function negotiateOrThrow(accept: string | undefined): Accepted {
  const accepted = negotiate(accept);
  if (accepted === undefined) throw notAcceptable(servedMediaTypes);
  return accepted;
}

/** The media type of a body without its parameters; empty where the client names none, `unknown` where it cannot be read. */
export function mediaTypeOf(contentType: string | undefined): string {
  if (contentType === undefined || contentType === '') return '';
  const mediaType = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return mediaType === '' ? 'unknown' : mediaType;
}
