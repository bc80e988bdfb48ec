/**
 * A kind in another version of its group: the same types under that version's names, and objects that are stored in the one
 * version and shown in the other. Nested types are renamed when somebody first looks at them.
 *
 * Called by `api/pre-release-resources.ts`.
 */
import type { KubeObject } from '../meta/v1/types.js';
import { preRelease } from './pre-release.js';
import { apiVersionOf, defineResource } from './resource.js';
import type { ResourceDefinition } from './resource.js';
import type { Definition, Field, Schema } from './schema.js';

/** Types that look otherwise in the other version, by those they stand for; in the names of the version they are made from. */
export type Replaced = ReadonlyMap<Definition, Definition>;

interface Renaming {
  /** The packages' names. */
  readonly from: string;
  readonly to: string;
  readonly replaced: Replaced;
}

const nothing: Replaced = new Map();
const renamed = new WeakMap<Replaced, WeakMap<Definition, Map<string, Definition>>>();

const packageOf = ({ name }: Definition): string => name.slice(0, name.lastIndexOf('.'));

function schemaIn(schema: Schema, renaming: Renaming): Schema {
  switch (schema.type) {
    case 'scalar':
      return schema;
    case 'list':
      return { ...schema, items: schemaIn(schema.items, renaming) };
    case 'map':
      return { ...schema, values: schemaIn(schema.values, renaming) };
    case 'ref':
      return { ...schema, target: () => definitionIn(schema.target(), renaming) };
  }
}

/** What one definition is called in other packages. */
function namesOf(definition: Definition, replaced: Replaced): Map<string, Definition> {
  const all = renamed.get(replaced) ?? new WeakMap<Definition, Map<string, Definition>>();
  const names = all.get(definition) ?? new Map<string, Definition>();
  renamed.set(replaced, all.set(definition, names));
  return names;
}

/** The same type in the package `to` if it is one of the package `from`; always the same object for the same question. */
function definitionIn(definition: Definition, renaming: Renaming): Definition {
  const { from, to, replaced } = renaming;
  if (packageOf(definition) !== from) return definition;
  const names = namesOf(definition, replaced);
  const known = names.get(to);
  if (known !== undefined) return known;
  const shape = replaced.get(definition) ?? definition;
  const fields = Object.fromEntries(
    Object.entries(shape.fields).map(([key, field]): [string, Field] => [
      key,
      { ...field, schema: schemaIn(field.schema, renaming) },
    ]),
  );
  const made: Definition = { ...shape, name: `${to}${shape.name.slice(from.length)}`, fields };
  names.set(to, made);
  return made;
}

/** A type with all it refers to in its own package, as another version of the group names them. */
export function inVersion(
  definition: Definition,
  version: string,
  replaced: Replaced = nothing,
): Definition {
  const from = packageOf(definition);
  const to = `${from.slice(0, from.lastIndexOf('.'))}.${version}`;
  return definitionIn(definition, { from, to, replaced });
}

export interface OtherVersion {
  readonly version: string;
  /** The minor release of Kubernetes 1 from which on it is deprecated. */
  readonly deprecated: number;
}

/** A resource in another version whose types have the same fields, stored as the given one. */
export function alsoIn<T extends KubeObject>(
  resource: ResourceDefinition<T>,
  { version, deprecated }: OtherVersion,
): ResourceDefinition<T> {
  const { group, kind, plural } = resource;
  const apiVersion = apiVersionOf({ group, version });
  // The warning of the version it is made from is not its own.
  const { deprecation: _, ...same } = resource;
  return defineResource<T>({
    ...same,
    version,
    schema: inVersion(resource.schema, version),
    ...preRelease({ group, version, kind, deprecated }),
    storedAs: { group, version: resource.version, plural },
    convert: {
      toStored: (object) => ({ ...object, apiVersion: resource.apiVersion }),
      // Sound because both versions' types have the same fields.
      fromStored: (object) => ({ ...object, apiVersion }) as T,
    },
  });
}
