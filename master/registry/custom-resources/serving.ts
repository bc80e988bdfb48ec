/**
 * Serves custom resources: keeps one registry for each served version of each established definition, over one cache of the
 * objects, and tells what is served as the set changes.
 *
 * Driven by `lifecycle.ts`. A definition that changes is swapped in at once; watches of a resource that goes away end.
 */
import { jsonEqual } from '../../../api/patch/json-value.js';
import {
  customResourceOf,
  schemaOfVersion,
} from '../../../api/apiextensions/schema/custom-resource.js';
import type { JsonSchema } from '../../../api/apiextensions/schema/json-schema.js';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionVersion,
} from '../../../api/apiextensions/v1/types.js';
import { hasCondition } from '../../../api/meta/conditions.js';
import { failure } from '../../../api/meta/status-error.js';
import type { ResourceDefinition } from '../../../api/schema/resource.js';
import { convertedStore } from '../converted-store.js';
import type { ResourceHooks } from '../hooks.js';
import type { Stamps } from '../metadata.js';
import { storePrefix } from '../object-key.js';
import { otherVersions } from '../other-versions.js';
import type { KindVersion } from '../other-versions.js';
import type { WrittenForm } from '../../../api/schema/unset-fields.js';
import type { Registries } from '../registries.js';
import { ResourceRegistry } from '../resource-registry.js';
import type { ResourceStore } from '../../watch/resource-store.js';
import { conversionTo } from './conversion.js';
import { customDecoder } from './decoder.js';
import { compareVersions } from './versions.js';
import { WebhookConversion } from './webhook-conversion.js';
import type { CallWebhook } from './webhook-conversion.js';
import { webhookStore } from './webhook-store.js';

/** Opens the cache of one resource's objects. */
export type OpenCache = (resource: {
  readonly prefix: string;
  readonly kind: string;
  readonly apiVersion: string;
  readonly form?: WrittenForm | undefined;
}) => Promise<ResourceStore>;

export interface ServingOptions {
  readonly registries: Registries;
  readonly openCache: OpenCache;
  readonly stamps: Stamps;
  readonly builtIn: readonly ResourceDefinition[];
  /** Reaches the webhooks that convert. */
  readonly callWebhook: CallWebhook;
}

interface Served {
  readonly uid: string;
  /** What of the definition decides how it is served. */
  readonly shape: unknown;
  readonly cache: ResourceStore;
  readonly versions: readonly ResourceRegistry[];
  /** Of the version objects are stored in, whether it is served or not. */
  readonly storage: ResourceRegistry;
}

const refuseWhileTerminating = (): never => {
  throw failure({
    code: 405,
    reason: 'MethodNotAllowed',
    message: 'create not allowed while custom resource definition is terminating',
    details: {},
  });
};

const terminating: ResourceHooks = { reserveForCreate: refuseWhileTerminating };

export class CustomResources {
  private readonly options: ServingOptions;
  private readonly served = new Map<string, Served>();
  private resources: readonly ResourceDefinition[];

  constructor(options: ServingOptions) {
    this.options = options;
    this.resources = options.builtIn;
  }

  /** Everything the API serves, custom or not; the same array as long as nothing changes. */
  readonly all = (): readonly ResourceDefinition[] => this.resources;

  /** How many objects a definition still has. */
  count(name: string): number {
    return this.served.get(name)?.cache.count() ?? 0;
  }

  /** A registry of a definition's objects. */
  registryOf(name: string): ResourceRegistry | undefined {
    return this.served.get(name)?.storage;
  }

  /** Serves a definition as it is now. */
  async serve(crd: CustomResourceDefinition): Promise<void> {
    const { name, uid } = crd.metadata;
    const before = this.served.get(name);
    if (before !== undefined && before.uid !== uid) this.drop(crd);
    if (!hasCondition(crd, 'Established')) return;
    const { group } = crd.spec;
    const { plural, kind } = crd.status.acceptedNames ?? crd.spec.names;
    const storage = crd.spec.versions.find((version) => version.storage) ?? crd.spec.versions[0];
    if (storage === undefined) return;
    const known = this.served.get(name)?.cache;
    const cache =
      known ??
      (await this.options.openCache({
        prefix: storePrefix({ group, plural }),
        kind,
        apiVersion: `${group}/${storage.name}`,
      }));
    const shape = [crd.spec, crd.status.acceptedNames, crd.metadata.deletionTimestamp];
    if (before?.uid === uid && jsonEqual(before.shape, shape)) return;
    const kindVersions: KindVersion[] = [];
    const registry = (version: CustomResourceDefinitionVersion): ResourceRegistry =>
      this.registryFor(crd, { version, storage, kindVersions }, cache);
    const versions = crd.spec.versions
      .filter(({ served }) => served)
      .sort((a, b) => compareVersions(a.name, b.name))
      .map(registry);
    const ofStorage = versions.find(({ resource }) => resource.version === storage.name);
    this.served.set(name, {
      uid,
      shape,
      cache,
      versions,
      storage: ofStorage ?? registry(storage),
    });
    this.options.registries.replace(group, plural, versions);
    this.tell();
  }

  /** Stops serving a definition; watches of its objects end. */
  drop({ metadata, spec }: CustomResourceDefinition): void {
    const served = this.served.get(metadata.name);
    if (served === undefined) return;
    this.served.delete(metadata.name);
    this.options.registries.replace(spec.group, spec.names.plural, []);
    served.cache.close();
    this.tell();
  }

  private registryFor(
    crd: CustomResourceDefinition,
    {
      version,
      storage,
      kindVersions,
    }: {
      readonly version: CustomResourceDefinitionVersion;
      readonly storage: CustomResourceDefinitionVersion;
      /** Every version that gets a registry is added to these. */
      readonly kindVersions: KindVersion[];
    },
    cache: ResourceStore,
  ): ResourceRegistry {
    const resource = customResourceOf(crd, version, customDecoder);
    const schemaOf = (name: string): JsonSchema => {
      const found = crd.spec.versions.find((candidate) => candidate.name === name);
      return schemaOfVersion(found ?? version);
    };
    const convert = conversionTo({ crd, version: version.name, storage: storage.name, schemaOf });
    // Who owns what is compared as if only the version differed, whoever converts: a webhook would take time.
    const own = { resource, convert };
    kindVersions.push(own);
    const isLeaving = crd.metadata.deletionTimestamp !== undefined;
    return new ResourceRegistry({
      resource,
      store:
        crd.spec.conversion?.strategy === 'Webhook'
          ? this.webhookStoreFor(crd, { resource, storage: storage.name, schemaOf }, cache)
          : convertedStore(cache, resource, convert),
      stamps: this.options.stamps,
      otherVersion: otherVersions(own, () => kindVersions),
      ...(isLeaving ? { hooks: terminating } : {}),
    });
  }

  private webhookStoreFor(
    crd: CustomResourceDefinition,
    options: {
      readonly resource: ResourceDefinition;
      readonly storage: string;
      readonly schemaOf: (version: string) => JsonSchema;
    },
    cache: ResourceStore,
  ): ResourceStore {
    const { resource, storage, schemaOf } = options;
    const { callWebhook: call, stamps } = this.options;
    const conversion = new WebhookConversion({ crd, call, random: stamps.random, schemaOf });
    return webhookStore({ store: cache, resource, storage, conversion });
  }

  private tell(): void {
    const custom = [...this.served.values()]
      .flatMap(({ versions }) => versions.map(({ resource }) => resource))
      .sort((a, b) =>
        a.group === b.group ? compareVersions(a.version, b.version) : a.group < b.group ? -1 : 1,
      );
    this.resources = [...this.options.builtIn, ...custom];
  }
}
