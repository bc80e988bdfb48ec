/**
 * A kind in an older version whose types differ from those it is stored as. Defaults, checks, preparations and columns are those
 * of the stored version, to which objects are translated for them; so errors name the fields of the stored version, as
 * Kubernetes' do.
 *
 * Called by `api/pre-release-resources.ts`.
 */
import type { KubeObject } from '../meta/v1/types.js';
import { inVersion } from './other-version.js';
import type { OtherVersion, Replaced } from './other-version.js';
import { preRelease } from './pre-release.js';
import { apiVersionOf, defineResource } from './resource.js';
import type { ResourceDefinition, Strategy } from './resource.js';

export interface OtherShape extends OtherVersion {
  readonly replaced: Replaced;
  /** Gives an object in the shape of the stored version; what it is given stays as it is. */
  readonly toStored: (object: KubeObject) => KubeObject;
  readonly fromStored: (object: KubeObject) => KubeObject;
}

/** Lets `act` change an object in its stored shape. */
function changeAsStored(
  draft: KubeObject,
  { toStored, fromStored }: Pick<OtherShape, 'toStored' | 'fromStored'>,
  act: (stored: KubeObject) => void,
): void {
  const stored = structuredClone(toStored(draft));
  act(stored);
  const changed = fromStored(stored);
  for (const name of Object.keys(draft)) {
    if (!(name in changed)) Reflect.deleteProperty(draft, name);
  }
  Object.assign(draft, changed);
}

function strategyOf<T extends KubeObject>(
  strategy: Strategy<T>,
  shape: Pick<OtherShape, 'toStored' | 'fromStored'>,
): Strategy<KubeObject> {
  const { prepareForCreate, prepareForUpdate, prepareForStatusUpdate } = strategy;
  const { tracksGeneration, requiresVersion, statusKeeps, allowCreateOnUpdate } = strategy;
  const as = (object: KubeObject): T => shape.toStored(object) as T;
  return {
    ...(tracksGeneration === undefined ? {} : { tracksGeneration }),
    ...(requiresVersion === undefined ? {} : { requiresVersion }),
    ...(statusKeeps === undefined ? {} : { statusKeeps }),
    ...(allowCreateOnUpdate === undefined ? {} : { allowCreateOnUpdate }),
    ...(prepareForCreate && {
      prepareForCreate: (draft, now, requester) => {
        changeAsStored(draft, shape, (stored) => {
          prepareForCreate(stored as T, now, requester);
        });
      },
    }),
    ...(prepareForUpdate && {
      prepareForUpdate: (draft, before, now) => {
        changeAsStored(draft, shape, (stored) => {
          prepareForUpdate(stored as T, as(before), now);
        });
      },
    }),
    ...(prepareForStatusUpdate && {
      prepareForStatusUpdate: (draft, before, now) => {
        changeAsStored(draft, shape, (stored) => {
          prepareForStatusUpdate(stored as T, as(before), now);
        });
      },
    }),
  };
}

/** The parts of a declaration that look at one object at a time. */
function partsOf<T extends KubeObject>(resource: ResourceDefinition<T>, shape: OtherShape) {
  const { defaults, validateCreate, validateUpdate, validateStatusUpdate, columns } = resource;
  const as = (object: KubeObject): T => shape.toStored(object) as T;
  return {
    ...(defaults && {
      defaults: (draft: KubeObject) => {
        changeAsStored(draft, shape, (stored) => {
          defaults(stored as T);
        });
      },
    }),
    validate: (object: KubeObject, stored?: KubeObject) =>
      resource.validate(as(object), stored && as(stored)),
    ...(validateCreate && { validateCreate: (object: KubeObject) => validateCreate(as(object)) }),
    ...(validateUpdate && {
      validateUpdate: (object: KubeObject, stored: KubeObject) =>
        validateUpdate(as(object), as(stored)),
    }),
    ...(validateStatusUpdate && {
      validateStatusUpdate: (object: KubeObject, stored: KubeObject) =>
        validateStatusUpdate(as(object), as(stored)),
    }),
    strategy: strategyOf(resource.strategy, shape),
    ...(columns && {
      columns: columns.map(({ cell, ...column }) => ({
        ...column,
        cell: (object: KubeObject, now: number) => cell(as(object), now),
      })),
    }),
    selectableFields: Object.fromEntries(
      Object.entries(resource.selectableFields).map(([field, read]) => [
        field,
        (object: KubeObject) => read(as(object)),
      ]),
    ),
  };
}

/** A resource in another version, stored as the given one. Kinds with named subresources or warnings of their own have no such versions. */
export function reshapedIn<T extends KubeObject>(
  resource: ResourceDefinition<T>,
  shape: OtherShape,
): ResourceDefinition {
  const { version, deprecated, replaced } = shape;
  const { group, kind, plural, scope, status, nameFormat, shortNames, categories } = resource;
  const apiVersion = apiVersionOf({ group, version });
  const toStored = (object: KubeObject): KubeObject => ({
    ...shape.toStored(object),
    apiVersion: resource.apiVersion,
  });
  const fromStored = (object: KubeObject): KubeObject => ({
    ...shape.fromStored(object),
    apiVersion,
  });
  return defineResource<KubeObject>({
    ...{ group, version, kind, plural, scope, nameFormat, shortNames, categories },
    ...(status === undefined ? {} : { status }),
    ...preRelease({ group, version, kind, deprecated }),
    schema: inVersion(resource.schema, version, replaced),
    ...partsOf(resource, { ...shape, toStored, fromStored }),
    storedAs: { group, version: resource.version, plural },
    convert: { toStored, fromStored },
  });
}
