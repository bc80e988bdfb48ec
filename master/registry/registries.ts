/** Every resource's registry, found by group, plural and version. */
import { pathNotFound } from '../../api/meta/status-error.js';
import type { ResourceRegistry } from './resource-registry.js';

export class Registries {
  private readonly stored = new Map<string, ResourceRegistry>();
  private readonly byVersion = new Map<string, ResourceRegistry>();

  /** Of a resource's versions, the one it is stored in comes first. */
  add(registry: ResourceRegistry): void {
    const { group, plural, version } = registry.resource;
    const name = `${group}/${plural}`;
    if (!this.stored.has(name)) this.stored.set(name, registry);
    this.byVersion.set(`${name}/${version}`, registry);
  }

  /** In a version, or in the one the resource is stored in; undefined for a resource that is not served. */
  find(group: string, plural: string, version?: string): ResourceRegistry | undefined {
    return version === undefined
      ? this.stored.get(`${group}/${plural}`)
      : this.byVersion.get(`${group}/${plural}/${version}`);
  }

  /** Throws a 404 for a resource that is not served. */
  of(group: string, plural: string): ResourceRegistry {
    const registry = this.find(group, plural);
    if (registry === undefined) throw pathNotFound();
    return registry;
  }

  all(): readonly ResourceRegistry[] {
    return [...this.byVersion.values()];
  }
}
