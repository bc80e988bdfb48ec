/**
 * Which UDP flows would go on to the wrong place after a change, as `conntrack -D` arguments. Pure.
 *
 * The kernel translates a UDP flow as it did its first packet for as long as packets come. So flows to endpoints that are
 * gone are forgotten, and, when a port gets its first endpoint, those that met no endpoint at all.
 */
import type { ServiceChange } from './restore.js';
import type { UdpPort } from './ruleset.js';

const nothing: UdpPort = { addresses: [], nodePort: undefined, endpoints: [] };

const addressOf = (endpoint: string): string => endpoint.slice(0, endpoint.lastIndexOf(':'));

function staleOfPort(before: UdpPort, after: UdpPort): readonly (readonly string[])[] {
  const addresses = [...new Set([...before.addresses, ...after.addresses])];
  const nodePorts = [before.nodePort, after.nodePort].filter((port) => port !== undefined);
  const waysIn = [
    ...addresses.map((address) => ['--orig-dst', address]),
    ...[...new Set(nodePorts)].map((port) => ['--orig-port-dst', String(port)]),
  ];
  const gone = before.endpoints.filter((endpoint) => !after.endpoints.includes(endpoint));
  const goneAddresses = [...new Set(gone.map(addressOf))];
  if (before.endpoints.length === 0 && after.endpoints.length > 0)
    return waysIn.map((way) => ['-D', '-p', 'udp', ...way]);
  return waysIn.flatMap((way) =>
    goneAddresses.map((address) => ['-D', '-p', 'udp', ...way, '--dst-nat', address]),
  );
}

/** Arguments of the conntrack deletions a set of changes calls for. */
export function staleFlows(changes: Iterable<ServiceChange>): readonly (readonly string[])[] {
  const stale: (readonly string[])[] = [];
  for (const { before, after } of changes) {
    const names = new Set([...(before?.udp.keys() ?? []), ...(after?.udp.keys() ?? [])]);
    for (const name of names)
      stale.push(...staleOfPort(before?.udp.get(name) ?? nothing, after?.udp.get(name) ?? nothing));
  }
  return stale;
}
