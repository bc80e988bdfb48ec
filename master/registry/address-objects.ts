/**
 * IPAddress objects, which say for clients what Service has which cluster address. The addresses themselves are handed out by
 * `ServiceAddresses`; the objects follow every write of a Service within moments, come back when somebody deletes them, and
 * are put right on start. Objects that somebody else made are left alone: they keep their address from Services.
 *
 * Called through `ServiceAddresses` and by `openRegistries`. Must never refuse or delay a write of a Service.
 */
import type { Service } from '../../api/core/v1/types.js';
import { hasReason } from '../../api/meta/status-error.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import {
  ipAddresses,
  managerLabel,
  serviceAddressManager,
} from '../../api/networking/v1/ip-address.js';
import type { IPAddress } from '../../api/networking/v1/types.js';
import { ipFamilyOf } from '../../api/validation/addresses.js';
import type { ResourceRegistry } from './resource-registry.js';
import { clusterAddressOf, type AddressListener } from './service-addresses.js';
import { ownWrite } from './own-writes.js';

const servicesRef = { group: '', resource: 'services' } as const;

const familyLabel = 'ipaddress.kubernetes.io/ip-family';

/** Whether the object is one of those kept here. */
export const isManaged = ({ metadata }: KubeObject): boolean =>
  metadata.labels?.[managerLabel] === serviceAddressManager;

/** Whether the object says that the Service has the address. */
function isOf({ spec }: IPAddress, { namespace, name }: Service['metadata']): boolean {
  const { group, resource, ...parent } = spec.parentRef;
  const isService = (group ?? '') === servicesRef.group && resource === servicesRef.resource;
  return isService && parent.name === name && parent.namespace === namespace;
}

type Draft = Omit<IPAddress, 'metadata'> & { readonly metadata: Partial<IPAddress['metadata']> };

function draftOf(address: string, { metadata }: Service): KubeObject {
  const draft: Draft = {
    apiVersion: ipAddresses.apiVersion,
    kind: ipAddresses.kind,
    metadata: {
      name: address,
      labels: { [familyLabel]: ipFamilyOf(address) ?? '', [managerLabel]: serviceAddressManager },
    },
    spec: {
      parentRef: {
        ...servicesRef,
        namespace: metadata.namespace ?? '',
        name: metadata.name,
      },
    },
  };
  return draft as KubeObject;
}

export interface AddressObjectsOptions {
  readonly registry: ResourceRegistry;
  readonly findService: (namespace: string, name: string) => Service | undefined;
  /** An object could not be written. The next start puts it right. */
  readonly failed: (address: string, error: unknown) => void;
}

export class AddressObjects implements AddressListener {
  private readonly registry: ResourceRegistry;
  private readonly findService: AddressObjectsOptions['findService'];
  private readonly failed: AddressObjectsOptions['failed'];
  /** What is being written of each address: one thing at a time. */
  private readonly pending = new Map<string, Promise<void>>();

  constructor({ registry, findService, failed }: AddressObjectsOptions) {
    this.registry = registry;
    this.findService = findService;
    this.failed = failed;
  }

  taken(address: string, service: Service): void {
    this.enqueue(address, () => this.create(address, service));
  }

  freed(address: string, { metadata }: Service): void {
    this.enqueue(address, async () => {
      const stored = this.find(address);
      if (stored === undefined || !isManaged(stored) || !isOf(stored, metadata)) return;
      await this.remove(stored);
    });
  }

  /** An object is gone. The Service that has the address gets it back. */
  objectDeleted(object: KubeObject): void {
    const { namespace = '', name } = (object as IPAddress).spec.parentRef;
    const address = object.metadata.name;
    const service = this.findService(namespace, name);
    if (service !== undefined && clusterAddressOf(service) === address) {
      this.taken(address, service);
    }
  }

  /** Writes what is missing and takes away what belongs to no Service. `holders` has the Service of each address. */
  async restore(holders: ReadonlyMap<string, Service>): Promise<void> {
    const { items } = await this.registry.list({});
    for (const { object } of items) {
      const { name } = object.metadata;
      if (isManaged(object) && !holders.has(name)) this.enqueue(name, () => this.remove(object));
    }
    for (const [address, service] of holders) this.taken(address, service);
    await this.settled();
  }

  /** Resolves once everything that was asked for has been written. */
  async settled(): Promise<void> {
    while (this.pending.size > 0) await Promise.all(this.pending.values());
  }

  private find(address: string): IPAddress | undefined {
    return this.registry.find({ namespace: '', name: address })?.object as IPAddress | undefined;
  }

  private enqueue(address: string, write: () => Promise<void>): void {
    const before = this.pending.get(address) ?? Promise.resolve();
    const written = before.then(write).catch((error: unknown) => {
      this.failed(address, error);
    });
    const done = written.then(() => {
      if (this.pending.get(address) === done) this.pending.delete(address);
    });
    this.pending.set(address, done);
  }

  private async create(address: string, service: Service): Promise<void> {
    const stored = this.find(address);
    if (stored !== undefined && (!isManaged(stored) || isOf(stored, service.metadata))) return;
    // What is there belongs to a Service that had the address before.
    if (stored !== undefined) await this.remove(stored);
    await this.registry.create(draftOf(address, service), '', ownWrite());
  }

  private async remove({ metadata }: KubeObject): Promise<void> {
    const options = { preconditions: { uid: metadata.uid } };
    try {
      await this.registry.delete({ namespace: '', name: metadata.name }, options, ownWrite());
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
    }
  }
}
