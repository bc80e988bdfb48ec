/** What volumes need of the rest of the agent, and the errors they fail with. */
import type {
  ConfigMap,
  Pod,
  ResourceFieldSelector,
  Secret,
  ServiceAccountTokenProjection,
} from '../../api/core/v1/types.js';

/** A volume that cannot be made; its message is shown in the pod's FailedMount event. */
export class VolumeError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'VolumeError';
  }
}

export interface ServiceAccountToken {
  readonly token: string;
  readonly expiresAtMs: number;
}

export interface VolumeSources {
  configMap(namespace: string, name: string): Promise<ConfigMap | undefined>;
  secret(namespace: string, name: string): Promise<Secret | undefined>;
  /** Calls back when the object changes; returns how to stop that. */
  watch(
    source: {
      readonly kind: 'ConfigMap' | 'Secret';
      readonly namespace: string;
      readonly name: string;
    },
    onChange: () => void,
  ): () => void;
  token(pod: Pod, projection: ServiceAccountTokenProjection): Promise<ServiceAccountToken>;
  fieldText(pod: Pod, fieldPath: string): string;
  resourceText(pod: Pod, selector: ResourceFieldSelector): string;
}
