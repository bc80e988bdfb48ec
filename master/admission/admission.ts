/**
 * The admission step: a chain of checks and changes that writes pass after authorisation and before validation, in Kubernetes'
 * order. `mutate` may change the draft, `validate` only refuses.
 *
 * Called by the server for every write. Plugins read other objects through an `AdmissionReader` and never write.
 */
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { ResourceDefinition } from '../../api/schema/resource.js';

export interface AdmissionAttributes {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  readonly resource: ResourceDefinition;
  /** Empty for the resource itself. */
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** The draft; absent for deletions. */
  readonly object?: KubeObject;
  readonly stored?: KubeObject;
  readonly dryRun: boolean;
  readonly user: { readonly username: string; readonly groups: readonly string[] };
}

export interface AdmissionPlugin {
  readonly name: string;
  readonly mutate?: (attributes: AdmissionAttributes) => void;
  readonly validate?: (attributes: AdmissionAttributes) => void;
}

/** What plugins know of the cluster, as of every write acknowledged so far. */
export interface AdmissionReader {
  readonly find: (
    group: string,
    plural: string,
    key: { readonly namespace: string; readonly name: string },
  ) => KubeObject | undefined;
}

export class AdmissionChain {
  private readonly plugins: readonly AdmissionPlugin[];

  constructor(plugins: readonly AdmissionPlugin[]) {
    this.plugins = plugins;
  }

  mutate(attributes: AdmissionAttributes): void {
    for (const plugin of this.plugins) plugin.mutate?.(attributes);
  }

  validate(attributes: AdmissionAttributes): void {
    for (const plugin of this.plugins) plugin.validate?.(attributes);
  }
}

/** Whether a request is about pods themselves, not one of their subresources. */
export const isPods = ({ resource, subresource }: AdmissionAttributes): boolean =>
  resource.group === '' && resource.plural === 'pods' && subresource === '';
