/** A namespace lives on while its own finalizers say that there is content, and says so in its phase. */
import type { Namespace } from '../../api/core/v1/types.js';
import type { ResourceHooks } from './hooks.js';

export const namespaceHooks: ResourceHooks = {
  holdsDeletion: (object) => ((object as Partial<Namespace>).spec?.finalizers ?? []).length > 0,
  markDeleting: (draft) => {
    const namespace = draft as Namespace;
    namespace.status = { ...namespace.status, phase: 'Terminating' };
  },
};
