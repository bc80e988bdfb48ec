/** Writes what is used of a quota on behalf of admission: a status update of the API server's own, guarded by the version read. */
import { hasReason } from '../../api/meta/status-error.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { WriteUsed } from '../admission/plugins/quota-ledger.js';
import { admitAll } from '../registry/hooks.js';
import type { Registries } from '../registry/registries.js';

type WithStatus = KubeObject & { readonly status?: object };

const itself = { username: 'system:apiserver', groups: ['system:masters'] };

export const quotaWriter =
  (registries: Registries): WriteUsed =>
  async (quota, used) => {
    const { namespace = '', name, resourceVersion } = quota.metadata;
    const registry = registries.of('', 'resourcequotas');
    const context = { dryRun: false, admission: admitAll, requester: itself, warnings: [] };
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
        context,
      );
      return true;
    } catch (error) {
      if (hasReason(error, 'Conflict') || hasReason(error, 'NotFound')) return false;
      throw error;
    }
  };
