/** Every resource's registry, found by group and plural, and by version where a resource has several. */
import { pathNotFound } from '../../api/meta/status-error.js';
import type { ResourceDefinition } from '../../api/schema/resource.js';
import type { ResourceRegistry } from './resource-registry.js';

const nameOf = ({ group, plural }: Pick<ResourceDefinition, 'group' | 'plural'>): string =>
  `${group}/${plural}`;

export class Registries {
  /** The versions of each resource; the first stands for the resource where no version is named. */
  private readonly byName = new Map<string, ResourceRegistry[]>();

  /** Adds a registry; of a resource's versions, the one it is stored in comes first. */
  add(registry: ResourceRegistry): void {
    const name = nameOf(registry.resource);
    this.byName.set(name, [...(this.byName.get(name) ?? []), registry]);
  }

  /** Takes a resource away, or changes its versions all at once. */
  replace(group: string, plural: string, versions: readonly ResourceRegistry[]): void {
    const name = nameOf({ group, plural });
    if (versions.length === 0) this.byName.delete(name);
    else this.byName.set(name, [...versions]);
  }

  /** Undefined for a resource, or a version of it, that is not served. */
  find(group: string, plural: string, version?: string): ResourceRegistry | undefined {
    const versions = this.byName.get(nameOf({ group, plural }));
    if (version === undefined) return versions?.[0];
    return versions?.find(({ resource }) => resource.version === version);
  }

  /** Throws a 404 for a resource that is not served. */
  of(group: string, plural: string): ResourceRegistry {
    const registry = this.find(group, plural);
    if (registry === undefined) throw pathNotFound();
    return registry;
  }

  all(): readonly ResourceRegistry[] {
    return [...this.byName.values()].flat();
  }
}
