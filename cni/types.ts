/** The shapes of the CNI specification 1.1 (https://www.cni.dev/docs/spec/), with the specification's own field names. */

/** Specification versions these plugins and this runtime speak, oldest first. */
export const supportedVersions = ['0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'] as const;
export const currentVersion = '1.1.0';

export interface CniInterface {
  readonly name: string;
  readonly mac?: string;
  readonly mtu?: number;
  /** Path of the network namespace; absent for interfaces of the host. */
  readonly sandbox?: string;
}

export interface CniIp {
  /** Address with prefix length. */
  readonly address: string;
  readonly gateway?: string;
  /** Index into `interfaces`. */
  readonly interface?: number;
}

export interface CniRoute {
  readonly dst: string;
  readonly gw?: string;
  readonly mtu?: number;
}

export interface CniDns {
  readonly nameservers?: readonly string[];
  readonly domain?: string;
  readonly search?: readonly string[];
  readonly options?: readonly string[];
}

/** What a successful ADD answers. */
export interface CniResult {
  readonly cniVersion: string;
  readonly interfaces?: readonly CniInterface[];
  readonly ips?: readonly CniIp[];
  readonly routes?: readonly CniRoute[];
  readonly dns?: CniDns;
}

/** One port of the host mapped into a container; the `portMappings` capability. */
export interface PortMapping {
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly hostIP?: string;
}

export interface RuntimeConfig {
  readonly portMappings?: readonly PortMapping[];
  readonly [capability: string]: unknown;
}

/** One plugin of a configuration list. Plugins read further fields of their own. */
export interface PluginEntry {
  readonly type: string;
  readonly capabilities?: Readonly<Record<string, boolean>>;
  readonly [field: string]: unknown;
}

/** The configuration one plugin execution receives. */
export interface PluginConfig extends PluginEntry {
  readonly cniVersion: string;
  readonly name: string;
  readonly runtimeConfig?: RuntimeConfig;
  readonly prevResult?: CniResult;
  readonly 'cni.dev/valid-attachments'?: readonly Attachment[];
}

/** A network configuration list: plugins run in order for ADD and CHECK, in reverse for DEL. */
export interface NetworkList {
  readonly cniVersion: string;
  readonly name: string;
  readonly disableCheck?: boolean;
  readonly disableGC?: boolean;
  readonly plugins: readonly PluginEntry[];
}

/** What names one attachment of a container to a network. */
export interface Attachment {
  readonly containerID: string;
  readonly ifname: string;
}

/** The CNI_* parameters of one execution. */
export interface CniCall {
  readonly containerId: string;
  readonly ifName: string;
  /** Path of the container's network namespace; may be absent for DEL. */
  readonly netns?: string | undefined;
  /** CNI_ARGS: `K8S_POD_NAME` and the like. */
  readonly args?: Readonly<Record<string, string>>;
  /** Folders plugins are looked up in. */
  readonly path: readonly string[];
}

/** A plugin: all calls are idempotent, and DEL succeeds when there is nothing left to delete. */
export interface Plugin {
  readonly add: (config: PluginConfig, call: CniCall) => Promise<CniResult>;
  readonly check: (config: PluginConfig, call: CniCall) => Promise<void>;
  readonly del: (config: PluginConfig, call: CniCall) => Promise<void>;
  /** Rejects with code 50 or 51 when an ADD could not work now. */
  readonly status: (config: PluginConfig) => Promise<void>;
  /** Removes whatever belongs to attachments that are not in `cni.dev/valid-attachments`. */
  readonly gc: (config: PluginConfig) => Promise<void>;
}
