/** The network a node uses when nobody put a CNI configuration there. */
import { loadNetworkList } from '../../cni/conflist.js';
import type { NetworkList } from '../../cni/types.js';

export interface DefaultNetworkOptions {
  /** The node's own range, from its `spec.podCIDR`. */
  readonly podCidr: string;
  /** Folder of the address locks. */
  readonly dataDir: string;
  readonly mtu?: number;
}

/** The bridge that pods are wired to. */
export const bridgeName = 'cni0';

/** A bridge whose first address is the pods' gateway, addresses from the node's range, and host ports. */
function defaultNetwork({ podCidr, dataDir, mtu }: DefaultNetworkOptions): NetworkList {
  return {
    cniVersion: '1.1.0',
    name: 'pintle',
    plugins: [
      {
        type: 'bridge',
        bridge: bridgeName,
        isGateway: true,
        isDefaultGateway: true,
        hairpinMode: true,
        routeThroughGateway: true,
        ...(mtu === undefined ? {} : { mtu }),
        ipam: { type: 'host-local', ranges: [[{ subnet: podCidr }]], dataDir },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
}

export interface ChosenNetwork {
  readonly list: NetworkList;
  /** True for the network of our own, which is wired by the built-in plugins whatever files there are. */
  readonly builtin: boolean;
}

/** What somebody configured in `folder`, else the default. */
export async function chooseNetwork(
  folder: string,
  options: DefaultNetworkOptions,
): Promise<ChosenNetwork> {
  const list = await loadNetworkList(folder);
  return list === undefined
    ? { list: defaultNetwork(options), builtin: true }
    : { list, builtin: false };
}
