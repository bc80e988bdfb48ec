/**
 * ServiceCIDRs: says that a range is ready, and keeps a range that is deleted until no Service has an address of it that no other
 * range holds.
 *
 * Started by `master/controllers.ts`. It goes by IPAddress objects and never hands out an address itself.
 */
import {
  ipAddresses,
  managerLabel,
  serviceAddressManager,
} from '../../../api/networking/v1/ip-address.js';
import { serviceCidrs } from '../../../api/networking/v1/service-cidr.js';
import type { IPAddress, ServiceCIDR } from '../../../api/networking/v1/types.js';
import { defineController, watchOf } from '../../../machinery/controller/controller.js';
import type { Listers } from '../../../machinery/informer/lister.js';
import { holdsAddress, isCovered, overlap, soleAddressOf } from './ranges.js';
import { reconcile, type ServiceCidrSnapshot } from './reconcile.js';

const byManager = 'manager';

const managerOf = ({ metadata }: IPAddress): string => metadata.labels?.[managerLabel] ?? '';

/** The ranges being deleted that something happened to; the others need not know. */
const terminating = (
  listers: Listers,
  isConcerned: (range: ServiceCIDR) => boolean,
): readonly string[] =>
  listers
    .of(serviceCidrs)
    .list()
    .filter((range) => range.metadata.deletionTimestamp !== undefined && isConcerned(range))
    .map(({ metadata }) => metadata.name);

function snapshot(name: string, listers: Listers, nowMs: number): ServiceCidrSnapshot | undefined {
  const range = listers.of(serviceCidrs).get({ name });
  if (range === undefined) return undefined;
  if (range.metadata.deletionTimestamp === undefined) {
    return { range, soleAddress: undefined, nowMs };
  }
  const all = listers.of(serviceCidrs).list();
  const addresses = listers.of(ipAddresses).byIndex(byManager, serviceAddressManager);
  const soleAddress = isCovered(range, all)
    ? undefined
    : soleAddressOf(
        range,
        all,
        addresses.map(({ metadata }) => metadata.name),
      );
  return { range, soleAddress, nowMs };
}

/** The definition of the controller. */
export const serviceCidrController = defineController<ServiceCIDR, ServiceCidrSnapshot>({
  name: 'service_cidr',
  primary: serviceCidrs,
  watches: [
    watchOf<ServiceCIDR>({
      resource: serviceCidrs,
      enqueue: (range, listers) => terminating(listers, (other) => overlap(range, other)),
    }),
    watchOf<IPAddress>({
      resource: ipAddresses,
      enqueue: (address, listers) =>
        managerOf(address) === serviceAddressManager
          ? terminating(listers, (range) => holdsAddress(range, address.metadata.name))
          : [],
      indexes: { [byManager]: (address) => [managerOf(address)] },
    }),
  ],
  snapshot,
  reconcile,
});
