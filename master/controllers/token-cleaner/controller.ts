/**
 * Token cleaner: deletes the Secrets of bootstrap tokens that have expired.
 *
 * Started by `master/controllers.ts`.
 */
import { secrets } from '../../../api/core/v1/secret.js';
import type { Secret } from '../../../api/core/v1/types.js';
import {
  defineController,
  type ControllerDefinition,
} from '../../../machinery/controller/controller.js';
import { reconcile, type TokenCleanerSnapshot } from './reconcile.js';
import { tokenNamespace, tokenSecretType } from '../../../api/core/v1/bootstrap-token.js';
import { keyParts } from '../../../machinery/informer/object-cache.js';

export const tokenCleaner = (): ControllerDefinition<Secret, TokenCleanerSnapshot> =>
  defineController<Secret, TokenCleanerSnapshot>({
    name: 'token_cleaner',
    primary: secrets,
    watches: [],
    snapshot: (key, listers, nowMs) => {
      const { namespace = '', name } = keyParts(key);
      if (namespace !== tokenNamespace) return undefined;
      const secret = listers.of(secrets).get({ namespace, name });
      return secret?.type === tokenSecretType ? { secret, nowMs } : undefined;
    },
    reconcile,
  });
