/** Takes out what a structural schema does not name, and says where it was. */
import { isJsonObject, itemsOf, propertyOf, typeMetaFields, valuesOf } from './json-schema.js';
import type { JsonSchema } from './json-schema.js';

const pathOf = (parent: string, name: string): string =>
  parent === '' ? name : `${parent}.${name}`;

interface Place {
  readonly path: string;
  /** A resource of its own, whose apiVersion, kind and metadata stay. */
  readonly isResource: boolean;
}

class Pruner {
  readonly pruned: string[] = [];

  /** Changes the value. Without a schema nothing is known. */
  walk(value: unknown, schema: JsonSchema | undefined, { path, isResource }: Place): void {
    if (Array.isArray(value)) {
      const items = schema && itemsOf(schema);
      for (const [position, element] of value.entries()) {
        this.child(element, items, `${path}[${String(position)}]`);
      }
      return;
    }
    if (!isJsonObject(value)) return;
    const keeps = schema?.['x-kubernetes-preserve-unknown-fields'] === true;
    for (const name of Object.keys(value)) {
      if (isResource && typeMetaFields.has(name)) continue;
      const property = schema && propertyOf(schema, name);
      const where = pathOf(path, name);
      if (property !== undefined) this.child(value[name], property, where);
      else if (
        schema?.additionalProperties !== undefined &&
        schema.additionalProperties !== false
      ) {
        const values = valuesOf(schema);
        if (!keeps || values !== undefined) this.child(value[name], values, where);
      } else if (!keeps) {
        this.pruned.push(where);
        Reflect.deleteProperty(value, name);
      }
    }
  }

  private child(value: unknown, schema: JsonSchema | undefined, path: string): void {
    const isResource = schema?.['x-kubernetes-embedded-resource'] === true;
    this.walk(value, schema, { path, isResource });
  }
}

/** Prunes a whole custom resource in place; gives the paths of what was taken out. */
export function pruneObject(object: unknown, schema: JsonSchema): readonly string[] {
  const pruner = new Pruner();
  pruner.walk(object, schema, { path: '', isResource: true });
  return pruner.pruned;
}

/** The same for a value that is no resource, such as a default. */
export function pruneValue(value: unknown, schema: JsonSchema): readonly string[] {
  const pruner = new Pruner();
  const isResource = schema['x-kubernetes-embedded-resource'] === true;
  pruner.walk(value, schema, { path: '', isResource });
  return pruner.pruned;
}
