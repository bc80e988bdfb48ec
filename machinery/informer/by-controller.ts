/** The index of objects by what manages them, for controllers that adopt. */
import { controllerOf } from '../../api/meta/controller-ref.js';
import type { KubeObject } from '../../api/meta/v1/types.js';

/** The value of the index for objects of a namespace that nobody manages. */
export const orphansOf = (namespace: string | undefined): string => `orphans/${namespace ?? ''}`;

/** Objects by the uid of what manages them; those nobody manages by their namespace. */
export function byController(object: KubeObject): readonly string[] {
  const controller = controllerOf(object);
  return [controller === undefined ? orphansOf(object.metadata.namespace) : controller.uid];
}
