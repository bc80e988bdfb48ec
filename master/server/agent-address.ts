/** Where the agent of a node listens, by what the node says of itself. */
import type { Node } from '../../api/core/v1/types.js';
import { badRequest } from '../../api/meta/status-error.js';
import type { Registries } from '../registry/registries.js';
import type { AgentConnection } from './api-request.js';

const agentPort = 10_250;

export type AgentAddress = Omit<AgentConnection, 'path'>;

/** The address by which a node is reached; undefined when it has told none. */
export function nodeAddressOf(node: Node | undefined): string | undefined {
  const addresses = node?.status.addresses ?? [];
  const found =
    addresses.find(({ type }) => type === 'InternalIP') ??
    addresses.find(({ type }) => type === 'Hostname');
  return found?.address;
}

/** Throws a 400 for a node that cannot be reached. */
export function agentAddressOf(registries: Registries, nodeName: string): AgentAddress {
  const stored = registries.of('', 'nodes').find({ namespace: '', name: nodeName });
  const node = stored?.object as Node | undefined;
  const host = nodeAddressOf(node);
  if (host === undefined) {
    throw badRequest(`node ${JSON.stringify(nodeName)} has no address to reach its agent by`);
  }
  return { host, port: node?.status.daemonEndpoints?.kubeletEndpoint?.Port ?? agentPort, nodeName };
}
