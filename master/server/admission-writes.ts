/** What admission has written on its behalf, as the API server itself. */
import { hasReason } from '../../api/meta/status-error.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { CreateNamespace } from '../admission/plugins/namespace-auto-provision.js';
import type { WriteUsed } from '../admission/plugins/quota-ledger.js';
import type { Registries } from '../registry/registries.js';
import { ownWrite } from '../registry/own-writes.js';

type WithStatus = KubeObject & { readonly status?: object };

/** Writes what is used of a quota into its status, guarded by the version that was read. */
export const quotaWriter =
  (registries: Registries): WriteUsed =>
  async (quota, used) => {
    const { namespace = '', name, resourceVersion } = quota.metadata;
    const registry = registries.of('', 'resourcequotas');
    try {
      await registry.update(
        { namespace, name },
        (stored) => {
          if (stored === undefined) throw registry.notFound(name);
          const { status } = stored as WithStatus;
          const metadata = { ...stored.metadata, resourceVersion };
          return { ...stored, metadata, status: { ...status, used } } as KubeObject;
        },
        { type: 'status' },
        ownWrite(),
      );
      return true;
    } catch (error) {
      if (hasReason(error, 'Conflict') || hasReason(error, 'NotFound')) return false;
      throw error;
    }
  };

/** Creates a namespace that admission finds missing. */
export const namespaceCreator =
  (registries: Registries): CreateNamespace =>
  async (name) => {
    const registry = registries.of('', 'namespaces');
    const draft = { apiVersion: 'v1', kind: 'Namespace', metadata: { name }, spec: {} };
    const object = draft as unknown as KubeObject;
    registry.resource.defaults?.(object);
    await registry.create(object, '', ownWrite());
  };
