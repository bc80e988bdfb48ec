/**
 * Networking of pods: wires each sandbox into the node's CNI network and remembers how, so that a restarted agent finds
 * pods as it left them. Called by the pod workers through `PodNetwork` of `agent/pods/ports.ts`; calls about one sandbox
 * come one after another.
 */
import type { PluginCatalog } from '../../cni/catalog.js';
import { linkExists } from '../../cni/network-commands.js';
import { hostLinkName } from '../../cni/bridge.js';
import { Network, type AttachmentRequest } from '../../cni/network.js';
import type { CniResult, PortMapping } from '../../cni/types.js';
import type { Logger } from '../../machinery/log/log.js';
import { Turns } from '../../machinery/turns.js';
import { maxParallelWirings } from './limits.js';
import type { ChosenNetwork } from './default-network.js';

export interface HostPort {
  readonly containerPort: number;
  readonly hostPort: number;
  readonly hostIP?: string | undefined;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
}

/** The network namespace of one sandbox of a pod. A pod that gets a new sandbox gets a new target. */
export interface PodNetworkTarget {
  readonly podUid: string;
  readonly namespace: string;
  readonly name: string;
  readonly sandboxId: string;
  /** `/proc/PID/ns/net`; absent at teardown when the sandbox has no process any more. */
  readonly netnsPath?: string | undefined;
  readonly hostPorts: readonly HostPort[];
}

export interface PodNetworkResult {
  /** The pod's addresses, the primary one first. */
  readonly ips: readonly string[];
}

export interface CniPodNetworkOptions {
  readonly network: ChosenNetwork;
  readonly catalog: PluginCatalog;
  readonly pluginFolders: readonly string[];
  /** Where CNI results are kept, such as `DATA_DIR/cni/results`. */
  readonly resultFolder: string;
  readonly logger: Logger;
}

const ifName = 'eth0';

const portMapping = (port: HostPort): PortMapping => ({
  hostPort: port.hostPort,
  containerPort: port.containerPort,
  protocol: port.protocol.toLowerCase() as PortMapping['protocol'],
  ...(port.hostIP === undefined ? {} : { hostIP: port.hostIP }),
});

/** Addresses inside the sandbox; plugins may also report those of interfaces on the host. */
function addressesOf(result: CniResult): readonly string[] {
  const inside = (result.ips ?? []).filter(
    (ip) => ip.interface === undefined || result.interfaces?.[ip.interface]?.sandbox !== undefined,
  );
  return inside.map((ip) => ip.address.split('/')[0] ?? '');
}

export class CniPodNetwork {
  private readonly options: CniPodNetworkOptions;
  private readonly network: Network;
  private readonly turns = new Turns(maxParallelWirings);

  constructor(options: CniPodNetworkOptions) {
    this.options = options;
    this.network = new Network({
      list: options.network.list,
      catalog: options.catalog,
      cacheFolder: options.resultFolder,
    });
  }

  async setup(target: PodNetworkTarget): Promise<PodNetworkResult> {
    const known = await this.check(target);
    if (known !== undefined) return known;
    const result = await this.turns.run(() => this.network.add(this.requestFor(target)));
    return { ips: addressesOf(result) };
  }

  async teardown(target: PodNetworkTarget): Promise<void> {
    await this.turns.run(() => this.network.del(this.requestFor(target)));
  }

  async check(target: PodNetworkTarget): Promise<PodNetworkResult | undefined> {
    const request = this.requestFor(target);
    const cached = await this.network.cached(request);
    if (cached === undefined) return undefined;
    if (this.options.network.builtin) {
      // The veth pair lives exactly as long as the sandbox's namespace, so it alone tells, without starting a process.
      if (!linkExists(hostLinkName(target.sandboxId, ifName))) return undefined;
    } else if (target.netnsPath !== undefined) {
      const wired = await this.network.check({ ...request, netns: target.netnsPath }).then(
        () => true,
        (error: unknown) => {
          this.options.logger.warn('pod is not wired as it was', { pod: target.name, error });
          return false;
        },
      );
      if (!wired) return undefined;
    }
    return { ips: addressesOf(cached.result) };
  }

  /** Removes the wiring, addresses and host ports of every sandbox but those given, whoever left them behind. */
  async collectGarbage(sandboxIds: readonly string[]): Promise<void> {
    const valid = sandboxIds.map((containerID) => ({ containerID, ifname: ifName }));
    const leaked = await this.network.gc(valid);
    for (const { containerID } of leaked)
      this.options.logger.info('removed the network of a sandbox that is gone', {
        sandbox: containerID,
      });
  }

  /** Rejects when pods could not be wired now. */
  async status(): Promise<void> {
    await this.network.status();
  }

  private requestFor(target: PodNetworkTarget): AttachmentRequest {
    return {
      containerId: target.sandboxId,
      ifName,
      netns: target.netnsPath,
      path: this.options.pluginFolders,
      args: {
        IgnoreUnknown: '1',
        K8S_POD_NAMESPACE: target.namespace,
        K8S_POD_NAME: target.name,
        K8S_POD_INFRA_CONTAINER_ID: target.sandboxId,
        K8S_POD_UID: target.podUid,
      },
      capabilities: { portMappings: target.hostPorts.map(portMapping) },
    };
  }
}
