/**
 * The bridge between `kubectl apply` on the client and on the server: the annotation that holds what the client applied last.
 * Only the manager `kubectl` crosses it, as in Kubernetes.
 */
import type { JsonObject } from '../patch/json-value.js';
import { isJsonObject } from '../patch/json-value.js';
import { compareObjectsOf, fieldsOf } from './compare.js';
import { appliedProblems } from './check-applied.js';
import { difference, emptySet } from './field-set.js';
import type { FieldSet } from './field-set.js';
import type { StructShape } from './shape.js';

const annotation = 'kubectl.kubernetes.io/last-applied-configuration';
const manager = 'kubectl';

/** As in the validation of annotations: no object may hold more. */
const maxAnnotationsBytes = 256 * 1024;

/** Whether the manager is the one that client-side apply and server-side apply share. */
export const crossesOver = (name: string): boolean => name === manager;

function annotationsOf(object: JsonObject): JsonObject | undefined {
  const { metadata } = object;
  if (!isJsonObject(metadata)) return undefined;
  const { annotations } = metadata;
  return isJsonObject(annotations) ? annotations : undefined;
}

function lastAppliedOf(object: JsonObject): string | undefined {
  const text = annotationsOf(object)?.[annotation];
  return typeof text === 'string' && text !== '' ? text : undefined;
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The fields that the client applied and that still are as it applied them: those the server's apply may take over. */
export function appliedByClient(
  shape: StructShape,
  apiVersion: string,
  live: JsonObject,
): FieldSet {
  const text = lastAppliedOf(live);
  const last = text === undefined ? undefined : parsed(text);
  if (last?.apiVersion !== apiVersion) return emptySet;
  if (appliedProblems(shape, last) !== undefined) return emptySet;
  const fields = fieldsOf(shape, last);
  const compared = compareObjectsOf(shape, last, live);
  if (compared === undefined) return fields;
  const { added, modified, removed } = compared;
  return [modified, added, removed].reduce(difference, fields);
}

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner)]));
};

/** The configuration as the annotation holds it. */
function annotationText(config: JsonObject): string {
  const metadata = isJsonObject(config.metadata) ? config.metadata : {};
  const annotations = annotationsOf(config);
  const others =
    annotations === undefined
      ? {}
      : {
          annotations: Object.fromEntries(
            Object.entries(annotations).filter(([name]) => name !== annotation),
          ),
        };
  return `${JSON.stringify(sorted({ ...config, metadata: { ...metadata, ...others } }))}\n`;
}

const sizeOf = (annotations: JsonObject): number =>
  Object.entries(annotations).reduce(
    (size, [name, value]) => size + name.length + (typeof value === 'string' ? value.length : 0),
    0,
  );

/** An object with the annotation brought up to date where it has one; without it where that would be too large. */
export function withLastApplied(
  object: JsonObject,
  live: JsonObject,
  config: JsonObject,
): JsonObject {
  if (lastAppliedOf(live) === undefined) return object;
  const { [annotation]: _old, ...others } = annotationsOf(object) ?? {};
  const updated = { ...others, [annotation]: annotationText(config) };
  const annotations = sizeOf(updated) > maxAnnotationsBytes ? others : updated;
  return { ...object, metadata: { ...(object.metadata as JsonObject), annotations } };
}
