/** How the server itself writes: as its own user, past admission. */
import type { Requester } from '../../api/schema/resource.js';
import { mastersGroup } from '../../api/user-names.js';
import { admitAll, type WriteContext } from './hooks.js';

/** The server's own user, which may do everything. */
export const serverUser: Requester = { username: 'system:apiserver', groups: [mastersGroup] };

/** The context of one such write. */
export const ownWrite = (): WriteContext => ({
  dryRun: false,
  admission: admitAll,
  requester: serverUser,
  warnings: [],
});
