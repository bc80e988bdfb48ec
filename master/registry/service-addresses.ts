/**
 * Cluster addresses and node ports of Services: chosen or taken as asked, each held by one Service. The pools live in memory,
 * are rebuilt from the stored Services on start, and are touched within one turn of the event loop, so that two writes never
 * get the same number.
 *
 * Called by the registry through `ResourceHooks` for services.
 */
import { familyErrors } from '../../api/core/v1/service-families.js';
import {
  getsNodePorts,
  needsHealthCheckPort,
  usesNodePorts,
} from '../../api/core/v1/service-facts.js';
import type { Service, ServicePort, ServiceSpec } from '../../api/core/v1/types.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import { internalError, invalidObject } from '../../api/meta/status-error.js';
import { child, index, invalid } from '../../api/validation/field-error.js';
import type { FieldError } from '../../api/validation/field-error.js';
import type { Random } from '../../machinery/clock/random.js';
import type { Reservation, ResourceHooks } from './hooks.js';
import type { HeldNumbers } from './held-numbers.js';
import { NumberPool } from './number-pool.js';
import { ServiceRanges } from './service-ranges.js';
import { addressFromNumber, numberFromAddress } from '../../api/validation/addresses.js';

/** Told about every cluster address once the write that took it, or gave it back, is durable. */
export interface AddressListener {
  readonly taken: (address: string, service: Service) => void;
  readonly freed: (address: string, service: Service) => void;
  /** Told about every IPAddress object that is gone. */
  readonly objectDeleted: (object: KubeObject) => void;
}

export interface ServiceAddressOptions {
  /** The configured range, IPv4, such as `10.96.0.0/12`. */
  readonly serviceCidr: string;
  readonly random: Random;
}

const nodePorts = { first: 30_000, last: 32_767, reserved: 86 } as const;

const ownerOf = ({ metadata }: KubeObject): string => metadata.uid;

/** The cluster address of a Service, if it has one. */
export const clusterAddressOf = (service: Service | undefined): string | undefined =>
  numberFromAddress(service?.spec.clusterIP ?? '') === undefined
    ? undefined
    : service?.spec.clusterIP;

/** Only what had none may get an address: validation says that others may not change theirs, taken elsewhere or not. */
const needsAddress = (spec: ServiceSpec, before: ServiceSpec | undefined): boolean =>
  spec.type !== 'ExternalName' &&
  spec.clusterIP !== 'None' &&
  (before === undefined || before.type === 'ExternalName');

/** Numbers taken for one write, with how to give them back. */
class Taken {
  private readonly undo: (() => void)[] = [];

  add(held: HeldNumbers, number: number, owner: string): void {
    this.undo.push(() => {
      held.release(number, owner);
    });
  }

  release(): void {
    for (const give of this.undo.splice(0)) give();
  }
}

export class ServiceAddresses {
  /** Where cluster addresses come from. */
  readonly addresses: ServiceRanges;
  /** A port of the nodes is one Service's, over whatever protocols. */
  private readonly ports: NumberPool;
  private listener: AddressListener | undefined;

  constructor({ serviceCidr, random }: ServiceAddressOptions) {
    this.addresses = new ServiceRanges({ configured: serviceCidr, random });
    this.ports = new NumberPool({ ...nodePorts, random });
  }

  /** Takes what a stored Service holds, on start. */
  restore(object: KubeObject): void {
    const owner = ownerOf(object);
    this.eachHeld(object as Service, (held, number) => {
      held.take(number, owner);
    });
  }

  /** From now on the listener hears of every address. */
  listen(listener: AddressListener): void {
    this.listener = listener;
  }

  /** Keeps the address of a stored IPAddress from Services, unless it is the address of one already. */
  reserveAddressObject(object: KubeObject): boolean {
    const number = numberFromAddress(object.metadata.name);
    return number !== undefined && this.addresses.held.take(number, ownerOf(object));
  }

  /** What the registry calls for IPAddress objects. */
  readonly addressHooks: ResourceHooks = {
    reserveForCreate: (draft) => {
      const took = this.reserveAddressObject(draft);
      return {
        commit: () => undefined,
        release: () => {
          if (took) this.releaseAddressObject(draft);
        },
      };
    },
    deleted: (object) => {
      this.releaseAddressObject(object);
      this.listener?.objectDeleted(object);
    },
  };

  private releaseAddressObject(object: KubeObject): void {
    const number = numberFromAddress(object.metadata.name);
    if (number !== undefined) this.addresses.held.release(number, ownerOf(object));
  }

  /** What the registry calls for services. */
  readonly hooks: ResourceHooks = {
    reserveForCreate: (draft) => this.reserve(draft as Service, undefined),
    reserveForUpdate: (draft, stored) => this.reserve(draft as Service, stored as Service),
    deleted: (object) => {
      const service = object as Service;
      this.releaseAll(service);
      this.announce(service, undefined);
    },
  };

  private releaseAll(service: Service): void {
    const owner = ownerOf(service);
    this.eachHeld(service, (held, number) => {
      held.release(number, owner);
    });
  }

  private eachHeld({ spec }: Service, visit: (held: HeldNumbers, number: number) => void): void {
    const address = numberFromAddress(spec.clusterIP ?? '');
    if (address !== undefined) visit(this.addresses.held, address);
    for (const { nodePort = 0 } of spec.ports ?? []) {
      if (nodePort !== 0) visit(this.ports.held, nodePort);
    }
    const { healthCheckNodePort = 0 } = spec;
    if (healthCheckNodePort !== 0) visit(this.ports.held, healthCheckNodePort);
  }

  private reserve(draft: Service, stored: Service | undefined): Reservation {
    const errors = familyErrors(draft.spec, stored?.spec);
    if (errors.length > 0) throw refuse(draft, ...errors);
    const taken = new Taken();
    try {
      if (needsAddress(draft.spec, stored?.spec)) this.reserveAddress(draft, taken);
      if (usesNodePorts(draft.spec)) this.reservePorts(draft, taken);
      if (getsNodePorts(draft.spec)) this.choosePorts(draft, taken, stored === undefined);
      if (needsHealthCheckPort(draft.spec)) this.reserveHealthPort(draft, taken);
    } catch (error) {
      taken.release();
      throw error;
    }
    return {
      commit: () => {
        if (stored !== undefined) this.releaseUnused(stored, draft);
        this.announce(stored, draft);
      },
      release: () => {
        taken.release();
      },
    };
  }

  private announce(before: Service | undefined, after: Service | undefined): void {
    const [had, has] = [clusterAddressOf(before), clusterAddressOf(after)];
    if (had === has) return;
    if (before !== undefined && had !== undefined) this.listener?.freed(had, before);
    if (after !== undefined && has !== undefined) this.listener?.taken(has, after);
  }

  /** After an update, gives back what the Service no longer has. */
  private releaseUnused(stored: Service, draft: Service): void {
    const owner = ownerOf(stored);
    const kept = new Map<HeldNumbers, Set<number>>();
    this.eachHeld(draft, (held, number) => {
      kept.set(held, (kept.get(held) ?? new Set()).add(number));
    });
    this.eachHeld(stored, (held, number) => {
      if (kept.get(held)?.has(number) !== true) held.release(number, owner);
    });
  }

  private reserveAddress(draft: Service, taken: Taken): void {
    const owner = ownerOf(draft);
    const { spec } = draft;
    const asked = spec.clusterIP ?? '';
    if (asked === '') {
      const number = this.addresses.takeAny(owner);
      if (number === undefined) {
        throw internalError(new Error('failed to allocate a serviceIP: range is full'));
      }
      taken.add(this.addresses.held, number, owner);
      spec.clusterIP = addressFromNumber(number);
      spec.clusterIPs = [spec.clusterIP];
      return;
    }
    const number = numberFromAddress(asked);
    // Validation says what is wrong with something that is no IPv4 address.
    if (number === undefined || this.addresses.held.isHeldBy(number, owner)) return;
    const field = 'spec.clusterIPs';
    if (!this.addresses.contains(number)) {
      const why = `failed to allocate IP ${asked}: the provided network does not match the current range`;
      throw refuse(draft, invalid(field, [asked], why));
    }
    if (!this.addresses.held.take(number, owner)) {
      const why = `failed to allocate IP ${asked}: provided IP is already allocated`;
      throw refuse(draft, invalid(field, [asked], why));
    }
    taken.add(this.addresses.held, number, owner);
    spec.clusterIPs ??= [asked];
  }

  /** Takes the ports that the Service names. */
  private reservePorts(draft: Service, taken: Taken): void {
    for (const [position, { nodePort = 0 }] of (draft.spec.ports ?? []).entries()) {
      const field = child(index('spec.ports', position), 'nodePort');
      if (nodePort !== 0) this.takePort(draft, nodePort, field, taken);
    }
  }

  /** Chooses the others. A new Service gets one number for a port over several protocols, as DNS wants it. */
  private choosePorts({ spec, metadata }: Service, taken: Taken, isNew: boolean): void {
    const { ports = [] } = spec;
    const sharedWith = ({ port }: ServicePort): number | undefined =>
      ports.find((other) => other.port === port && (other.nodePort ?? 0) !== 0)?.nodePort;
    for (const port of ports) {
      if ((port.nodePort ?? 0) !== 0) continue;
      const shared = isNew ? sharedWith(port) : undefined;
      port.nodePort = shared ?? this.takeAnyPort(metadata.uid, taken);
    }
  }

  private reserveHealthPort(draft: Service, taken: Taken): void {
    const { healthCheckNodePort = 0 } = draft.spec;
    if (healthCheckNodePort === 0) {
      draft.spec.healthCheckNodePort = this.takeAnyPort(ownerOf(draft), taken);
    } else this.takePort(draft, healthCheckNodePort, 'spec.healthCheckNodePort', taken);
  }

  private takeAnyPort(owner: string, taken: Taken): number {
    const number = this.ports.takeAny(owner);
    if (number === undefined) {
      throw internalError(new Error('failed to allocate a nodePort: range is full'));
    }
    taken.add(this.ports.held, number, owner);
    return number;
  }

  private takePort(draft: Service, port: number, field: string, taken: Taken): void {
    const owner = ownerOf(draft);
    if (this.ports.held.isHeldBy(port, owner)) return;
    if (!this.ports.contains(port)) {
      const why = `provided port is not in the valid range. The range of valid ports is ${String(nodePorts.first)}-${String(nodePorts.last)}`;
      throw refuse(draft, invalid(field, port, why));
    }
    if (!this.ports.held.take(port, owner)) {
      throw refuse(draft, invalid(field, port, 'provided port is already allocated'));
    }
    taken.add(this.ports.held, port, owner);
  }
}

const refuse = ({ metadata }: Service, ...errors: readonly FieldError[]): Error =>
  invalidObject({ group: '', kind: 'Service' }, metadata.name, errors);
