/** What a Service's Endpoints should hold: addresses grouped by the ports they offer, in one canonical order. Pure. */
import { compareText } from '../../../api/compare-text.js';
import { isPodReady, isPodTerminal } from '../../../api/core/v1/pod/conditions.js';
import { hostnameBehind, podAddresses, targetPortOf } from '../../../api/core/v1/service-pods.js';
import type {
  EndpointAddress,
  EndpointPort,
  EndpointSubset,
  Pod,
  Service,
} from '../../../api/core/v1/types.js';
import { addressesPerEndpoints } from './limits.js';

interface Address {
  readonly address: EndpointAddress;
  readonly ready: boolean;
  readonly ports: readonly EndpointPort[];
}

function ipOf(service: Service, pod: Pod): string | undefined {
  const wantsIPv6 = service.spec.ipFamilies?.[0] === 'IPv6';
  return podAddresses(pod).find((ip) => ip.includes(':') === wantsIPv6);
}

function portsFor(service: Service, pod: Pod): readonly EndpointPort[] {
  const ports: EndpointPort[] = [];
  for (const servicePort of service.spec.ports ?? []) {
    const port = targetPortOf(pod, servicePort);
    if (port === undefined) continue;
    const { name = '', protocol = 'TCP', appProtocol } = servicePort;
    ports.push({
      ...(name === '' ? {} : { name }),
      port,
      protocol,
      ...(appProtocol === undefined ? {} : { appProtocol }),
    });
  }
  return ports;
}

function addressOf(service: Service, pod: Pod): Address | undefined {
  const publishesAll = service.spec.publishNotReadyAddresses === true;
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  if (isPodTerminal(pod) || (terminating && !publishesAll)) return undefined;
  const ip = ipOf(service, pod);
  const ports = portsFor(service, pod);
  const isPortless = (service.spec.ports ?? []).length === 0;
  if (ip === undefined || (ports.length === 0 && !isPortless)) return undefined;
  const { namespace, name, uid } = pod.metadata;
  const hostname = hostnameBehind(service, pod);
  const { nodeName } = pod.spec;
  const address: EndpointAddress = {
    ip,
    ...(hostname === undefined ? {} : { hostname }),
    ...(nodeName === undefined ? {} : { nodeName }),
    targetRef: { kind: 'Pod', ...(namespace === undefined ? {} : { namespace }), name, uid },
  };
  return { address, ready: publishesAll || isPodReady(pod), ports };
}

const addressKey = ({ ip, targetRef }: EndpointAddress): string => `${ip}|${targetRef?.uid ?? ''}`;

const portKey = ({ name = '', port, protocol = 'TCP', appProtocol = '' }: EndpointPort): string =>
  `${name}|${port}|${protocol}|${appProtocol}`;

/** Ports offered by the same addresses share a subset, as Kubernetes packs them. */
function packed(addresses: readonly Address[]): EndpointSubset[] {
  const byPort = new Map<string, { port: EndpointPort | undefined; addresses: Address[] }>();
  for (const address of addresses) {
    const ports = address.ports.length === 0 ? [undefined] : address.ports;
    for (const port of ports) {
      const key = port === undefined ? '' : portKey(port);
      const entry = byPort.get(key) ?? { port, addresses: [] };
      entry.addresses.push(address);
      byPort.set(key, entry);
    }
  }
  const byAddresses = new Map<string, { ports: EndpointPort[]; addresses: readonly Address[] }>();
  for (const { port, addresses: sharing } of byPort.values()) {
    const key = sharing.map(({ address }) => addressKey(address)).join(',');
    const entry = byAddresses.get(key) ?? { ports: [], addresses: sharing };
    if (port !== undefined) entry.ports.push(port);
    byAddresses.set(key, entry);
  }
  return [...byAddresses.values()]
    .map(subsetOf)
    .sort((a, b) => compareText(JSON.stringify(a.ports), JSON.stringify(b.ports)));
}

function subsetOf(entry: { ports: EndpointPort[]; addresses: readonly Address[] }): EndpointSubset {
  const side = (ready: boolean): EndpointAddress[] =>
    entry.addresses.filter((one) => one.ready === ready).map(({ address }) => address);
  const [addresses, notReadyAddresses] = [side(true), side(false)];
  const ports = entry.ports.sort((a, b) => compareText(portKey(a), portKey(b)));
  return {
    ...(addresses.length === 0 ? {} : { addresses }),
    ...(notReadyAddresses.length === 0 ? {} : { notReadyAddresses }),
    ...(ports.length === 0 ? {} : { ports }),
  };
}

export interface DesiredSubsets {
  readonly subsets: EndpointSubset[];
  /** Whether addresses were left out because there are too many. */
  readonly truncated: boolean;
}

/** Ready addresses are the last to be left out. */
export function desiredSubsets(service: Service, pods: readonly Pod[]): DesiredSubsets {
  const all = pods
    .map((pod) => addressOf(service, pod))
    .filter((address) => address !== undefined)
    .sort((a, b) => compareText(addressKey(a.address), addressKey(b.address)));
  if (all.length <= addressesPerEndpoints) return { subsets: packed(all), truncated: false };
  const kept = new Set(
    [...all].sort((a, b) => Number(b.ready) - Number(a.ready)).slice(0, addressesPerEndpoints),
  );
  return { subsets: packed(all.filter((address) => kept.has(address))), truncated: true };
}
