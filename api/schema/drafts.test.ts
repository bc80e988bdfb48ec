/** Objects as the registry would have them, for the tests of kinds. */
import type { KubeObject } from '../meta/v1/types.js';
import type { FieldError } from '../validation/field-error.js';
import type { ResourceDefinition } from './resource.js';

export const draftTime = Date.parse('2026-01-02T03:04:05Z');

/** A new object of a kind, defaulted and prepared for its creation; `fields` are those beside apiVersion, kind and metadata. */
export function created<T extends KubeObject>(
  resource: ResourceDefinition<T>,
  fields: object,
  metadata: object = {},
): T {
  const draft = {
    apiVersion: resource.apiVersion,
    kind: resource.kind,
    metadata: {
      name: 'a',
      uid: 'u',
      namespace: 'n',
      creationTimestamp: '2026-01-02T03:04:05Z',
      ...metadata,
    },
    ...structuredClone(fields),
  } as unknown as T;
  resource.defaults?.(draft);
  resource.strategy.prepareForCreate?.(draft, draftTime);
  return draft;
}

/** The same object as it is stored, with a version. */
export function storedAs<T extends KubeObject>(object: T): T {
  const copy = structuredClone(object);
  copy.metadata.resourceVersion = '1';
  return copy;
}

/** A stored object with something else in its spec. */
export function changed<T extends KubeObject & { spec: object }>(
  stored: T,
  spec: Partial<T['spec']>,
): T {
  const copy = structuredClone(stored);
  Object.assign(copy.spec, structuredClone(spec));
  return copy;
}

/** Refusals as they are shown, without the values of structures. */
export const refusals = (errors: readonly FieldError[] | undefined): string[] =>
  (errors ?? []).map(({ field, message }) => `${field}: ${message.replaceAll(/\{.*\}/g, '{…}')}`);

/** What a table shows of an object, by column. */
export const row = <T extends KubeObject>(
  { columns = [] }: ResourceDefinition<T>,
  object: T,
  ageMs = 600_000,
): Record<string, unknown> =>
  Object.fromEntries(columns.map(({ name, cell }) => [name, cell(object, draftTime + ageMs)]));
