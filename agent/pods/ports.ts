/** What pod workers need of the parts of the agent they compose; implemented beside, wired in `main.ts`. */
import type { ConfigMap, Pod, Secret, Service } from '../../api/core/v1/types.js';
import type { FoundImage, ImageRequest } from '../images/images.js';
import type { PodNetworkResult, PodNetworkTarget } from '../network/pod-network.js';

/** Wires sandboxes to the cluster's network. Not asked about pods on the host's network. */
export interface PodNetwork {
  /** Idempotent: a namespace that is wired already keeps its addresses. Brings `lo` up too. */
  setup(target: PodNetworkTarget): Promise<PodNetworkResult>;
  /** Idempotent; works after the namespace is gone and after a restart of the agent. */
  teardown(target: PodNetworkTarget): Promise<void>;
  /** What `setup` gave this sandbox, also before a restart of the agent; undefined when it is not (or no longer) wired. */
  check(target: PodNetworkTarget): Promise<PodNetworkResult | undefined>;
}

/** Where a volume mount of a container finds its files on the host. */
export interface PreparedMount {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  readonly propagation: 'private' | 'rslave' | 'rshared';
}

/** Makes the volumes of pods. Everything is keyed by the pod's uid and can be taken down knowing nothing else. */
export interface PodVolumes {
  /** Idempotent; writes every volume of the pod and keeps those that change up to date until `unmount`. */
  mount(pod: Pod): Promise<void>;
  /** The mounts of one container; `variables` expand `subPathExpr`. Only after `mount`. */
  mountsFor(
    pod: Pod,
    containerName: string,
    variables: ReadonlyMap<string, string>,
  ): Promise<readonly PreparedMount[]>;
  /** Takes up changes of the pod's own metadata. */
  update(pod: Pod): void;
  unmount(podUid: string): Promise<void>;
  /** The uids of pods that have something on disk. */
  podsOnDisk(): Promise<readonly string[]>;
}

/** Gets images; failures are `ImageError`s whose reason is what the container's status shows. */
export interface PodImages {
  /** The image if it is known to be here without asking anyone and the policy does not want a pull. */
  presentNow(request: Pick<ImageRequest, 'image' | 'pullPolicy'>): FoundImage | undefined;
  ensure(request: ImageRequest): Promise<FoundImage>;
}

export interface PodEvent {
  readonly type: 'Normal' | 'Warning';
  /** CamelCase, as `kubectl describe` shows it. */
  readonly reason: string;
  readonly message: string;
  /** Such as `spec.containers{web}`. */
  readonly fieldPath?: string;
}

/** Records events about pods; never fails and never waits. */
export interface PodEvents {
  record(pod: Pod, event: PodEvent): void;
}

/** Objects pods refer to. A missing object gives undefined; any other failure rejects. */
export interface PodReferences {
  configMap(namespace: string, name: string): Promise<ConfigMap | undefined>;
  secret(namespace: string, name: string): Promise<Secret | undefined>;
  /** Services whose variables a pod of the namespace sees. */
  services(namespace: string): readonly Service[];
}

/** What pods may know about the node they run on. */
export interface NodeFacts {
  readonly name: string;
  readonly ips: readonly string[];
  /** What containers without a limit may use. */
  readonly allocatable: { readonly cpuMilli: number; readonly memoryBytes: number };
}
