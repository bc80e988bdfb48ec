/** Every resource's registry, found by group and plural; versions of one resource share it. */
import { pathNotFound } from '../../api/meta/status-error.js';
import type { ResourceRegistry } from './resource-registry.js';

export class Registries {
  private readonly byName = new Map<string, ResourceRegistry>();

  add(registry: ResourceRegistry): void {
    this.byName.set(`${registry.resource.group}/${registry.resource.plural}`, registry);
  }

  /** Undefined for a resource that is not served. */
  find(group: string, plural: string): ResourceRegistry | undefined {
    return this.byName.get(`${group}/${plural}`);
  }

  /** Throws a 404 for a resource that is not served. */
  of(group: string, plural: string): ResourceRegistry {
    const registry = this.find(group, plural);
    if (registry === undefined) throw pathNotFound();
    return registry;
  }

  all(): readonly ResourceRegistry[] {
    return [...this.byName.values()];
  }
}
