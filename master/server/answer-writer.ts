/**
 * Writes single objects and failures to HTTP: stored bytes as they are, and the other forms (tables, metadata, YAML,
 * protobuf) rendered from the parsed object. Lists and watches have writers of their own.
 *
 * Called by the HTTP server.
 */
import { notAcceptableForm } from '../../api/meta/status-error.js';
import type { KubeObject, Status } from '../../api/meta/v1/types.js';
import { sealEnvelope } from '../../api/protobuf/encode.js';
import { writtenObject } from '../../api/schema/unset-fields.js';
import { isPretty, sendBytes, sendValue } from './answer-target.js';
import type { AnswerTarget } from './answer-target.js';
import type { ApiAnswer } from './api-request.js';
import { bareObject } from './bare-object.js';
import { contentTypes } from './negotiation.js';
import { metadataMessageOf, protobufOf } from './protobuf-answers.js';
import { includeObjectOf, partialMetadata, tableOf } from './table.js';

type ObjectAnswer = ApiAnswer & { readonly type: 'object' };

/** Sends an object whole. What nothing declares goes out as JSON, whatever was asked for. */
function sendWhole(target: AnswerTarget, answer: ObjectAnswer): Promise<void> {
  const { object, bytes, status, resource } = answer;
  const { format } = target.accepted;
  if (format === 'protobuf') {
    const encoded = protobufOf(object, resource);
    if (encoded !== undefined) return sendBytes(target, status, contentTypes.protobuf, encoded);
  }
  if (format !== 'yaml' && bytes !== undefined && !isPretty(target)) {
    return sendBytes(target, status, contentTypes.json, bytes);
  }
  return sendValue(target, status, writtenObject(object, resource));
}

function sendMetadata(target: AnswerTarget, answer: ObjectAnswer): Promise<void> {
  const { status, resource } = answer;
  const object = bareObject(answer.object, resource);
  const { format, metaVersion } = target.accepted;
  if (format !== 'protobuf') return sendValue(target, status, partialMetadata(object, metaVersion));
  const type = { apiVersion: `meta.k8s.io/${metaVersion}`, kind: 'PartialObjectMetadata' };
  const encoded = sealEnvelope(type, metadataMessageOf(object));
  return sendBytes(target, status, contentTypes.protobuf, encoded);
}

/** Sends one object in the accepted form. */
export function sendObject(target: AnswerTarget, answer: ObjectAnswer): Promise<void> {
  const { object, status, resource } = answer;
  const { form, metaVersion } = target.accepted;
  if (status === 204) {
    target.response.writeHead(204).end();
    return Promise.resolve();
  }
  if (form === 'Object' || resource === undefined) return sendWhole(target, answer);
  switch (form) {
    case 'PartialObjectMetadata':
      return sendMetadata(target, answer);
    case 'PartialObjectMetadataList':
      throw notAcceptableForm(form, resource, false);
    case 'Table': {
      const metadata = { resourceVersion: object.metadata.resourceVersion };
      const options = {
        resource,
        metaVersion,
        includeObject: includeObjectOf(target.query),
        nowMs: target.clock.now(),
      };
      return sendValue(target, status, tableOf(object, metadata, options));
    }
  }
}

/** Sends a failure. */
export function sendStatus(target: AnswerTarget, status: Status): Promise<void> {
  const seconds = status.details?.retryAfterSeconds;
  if (seconds !== undefined) target.response.setHeader('Retry-After', String(seconds));
  const object = status as unknown as KubeObject;
  return sendWhole(target, {
    type: 'object',
    status: status.code ?? 500,
    object,
    bytes: undefined,
  });
}
