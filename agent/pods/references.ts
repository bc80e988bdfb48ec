/**
 * ConfigMaps and Secrets pods refer to, each followed by an informer of its own for as long as a pod uses it, so that the
 * agent sees no more of the cluster's secrets than its pods need.
 */
import { configMaps } from '../../api/core/v1/config-map.js';
import { secrets } from '../../api/core/v1/secret.js';
import type { ConfigMap, Secret, Service } from '../../api/core/v1/types.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { ResourceRef } from '../../api/schema/resource.js';
import { findObject } from '../../machinery/client/find-object.js';
import { Informer, type InformerDependencies } from '../../machinery/informer/informer.js';
import type { Lister } from '../../machinery/informer/lister.js';

interface Followed {
  readonly informer: Informer<KubeObject>;
  readonly stop: AbortController;
  readonly listeners: Set<() => void>;
}

export interface ReferencesOptions extends InformerDependencies {
  readonly services: Lister<Service>;
}

export class References {
  private readonly options: ReferencesOptions;
  private readonly followed = new Map<string, Followed>();

  constructor(options: ReferencesOptions) {
    this.options = options;
  }

  configMap(namespace: string, name: string): Promise<ConfigMap | undefined> {
    return this.find(configMaps, namespace, name);
  }

  secret(namespace: string, name: string): Promise<Secret | undefined> {
    return this.find(secrets, namespace, name);
  }

  services(namespace: string): readonly Service[] {
    return this.options.services.list(namespace);
  }

  /** Calls back when the object changes after now; returns how to stop. */
  watch(
    source: {
      readonly kind: 'ConfigMap' | 'Secret';
      readonly namespace: string;
      readonly name: string;
    },
    onChange: () => void,
  ): () => void {
    const { kind, namespace, name } = source;
    const key = `${kind}/${namespace}/${name}`;
    const resource = kind === 'Secret' ? secrets : configMaps;
    const followed = this.followed.get(key) ?? this.follow(key, resource, { namespace, name });
    followed.listeners.add(onChange);
    return () => {
      followed.listeners.delete(onChange);
      if (followed.listeners.size > 0) return;
      followed.stop.abort();
      this.followed.delete(key);
    };
  }

  private follow(
    key: string,
    resource: ResourceRef,
    target: { readonly namespace: string; readonly name: string },
  ): Followed {
    const selection = {
      namespace: target.namespace,
      fieldSelector: `metadata.name=${target.name}`,
    };
    const informer = new Informer(resource, { ...this.options, selection });
    const listeners = new Set<() => void>();
    const changed = (): void => {
      if (!informer.hasSynced) return;
      for (const listener of listeners) listener();
    };
    informer.addHandler({ onAdd: changed, onUpdate: changed, onDelete: changed });
    const followed = { informer, stop: new AbortController(), listeners };
    this.followed.set(key, followed);
    void informer.run(followed.stop.signal);
    return followed;
  }

  /** From the cache where the object is followed; else from the API. */
  private async find<T extends KubeObject>(
    resource: ResourceRef<T>,
    namespace: string,
    name: string,
  ): Promise<T | undefined> {
    const followed = this.followed.get(`${resource.kind}/${namespace}/${name}`);
    if (followed?.informer.hasSynced === true) {
      const cached = followed.informer.lister.get({ namespace, name });
      if (cached !== undefined) return cached as T;
    }
    return findObject(this.options.client, resource, { namespace, name });
  }
}
