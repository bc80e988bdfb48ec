/** NodePorts: a host port can be held once for each protocol and address; `0.0.0.0` collides with every address. */
import type { NodeView } from './node-facts.js';
import type { NodeFilter, Plugin, Rejection } from './plugin.js';
import { anyAddress, type HostPort, type PodFacts } from './pod-facts.js';

const name = 'NodePorts';
const rejection: Rejection = {
  plugin: name,
  reasons: ["node(s) didn't have free ports for the requested pod ports"],
  unresolvable: false,
};

const keyFor = (address: string, { protocol, port }: HostPort): string =>
  `${protocol}/${port}/${address}`;

/** Every address of a port, held by whichever address; counts of it show that anything at all is there. */
const someAddress = 'any';

/** The keys under which `NodeView.hostPorts` counts a port. */
export const hostPortKeys = (port: HostPort): readonly string[] => [
  keyFor(port.address, port),
  keyFor(someAddress, port),
];

function isTaken(node: NodeView, port: HostPort): boolean {
  if (port.address === anyAddress) return node.hostPorts.has(keyFor(someAddress, port));
  return (
    node.hostPorts.has(keyFor(anyAddress, port)) || node.hostPorts.has(keyFor(port.address, port))
  );
}

function filter({ hostPorts }: PodFacts): NodeFilter | undefined {
  if (hostPorts.length === 0) return undefined;
  return (node) => (hostPorts.some((port) => isTaken(node, port)) ? rejection : undefined);
}

/** The plugin. */
export const nodePorts: Plugin = {
  name,
  filter,
  requeueOn: ['NodeAdded', 'NodeUpdated', 'PodGone'],
};
