/** Routes to the pods of other nodes that share a link with this one. Pure: nodes and what the kernel has in, commands out. */
import type { Node } from '../../api/core/v1/types.js';

/** Marks routes as ours in the kernel's table, so that stale ones are told from everybody else's. */
export const routeProtocol = 112;

export interface PodRoute {
  readonly destination: string;
  readonly gateway: string;
}

const isIpv4 = (text: string): boolean => /^\d+\.\d+\.\d+\.\d+(?:\/\d+)?$/.test(text);

/** One route a node: its pod range by its internal address. Nodes without either are left out. */
export function wantedRoutes(nodes: readonly Node[], ownName: string): readonly PodRoute[] {
  return nodes.flatMap((node) => {
    if (node.metadata.name === ownName) return [];
    const ranges = node.spec.podCIDRs ?? [node.spec.podCIDR ?? ''];
    const destination = ranges.find(isIpv4);
    const gateway = (node.status.addresses ?? []).find(
      ({ type, address }) => type === 'InternalIP' && isIpv4(address),
    )?.address;
    return destination === undefined || gateway === undefined ? [] : [{ destination, gateway }];
  });
}

/** `ip -batch` lines that make the kernel's routes of our protocol the wanted ones. */
export function routeCommands(
  wanted: readonly PodRoute[],
  present: readonly PodRoute[],
): readonly string[] {
  const same = (a: PodRoute) => (b: PodRoute) =>
    a.destination === b.destination && a.gateway === b.gateway;
  const destinations = new Set(wanted.map(({ destination }) => destination));
  const stale = present.filter(({ destination }) => !destinations.has(destination));
  const fresh = wanted.filter((route) => !present.some(same(route)));
  return [
    ...stale.map(({ destination }) => `route del ${destination} proto ${routeProtocol}`),
    ...fresh.map(
      ({ destination, gateway }) =>
        `route replace ${destination} via ${gateway} proto ${routeProtocol}`,
    ),
  ];
}
