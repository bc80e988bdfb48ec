/** The index of pods by the node they are bound to, for controllers that look at the pods of a node. */
import type { Pod } from '../../api/core/v1/types.js';

/** Pods by `spec.nodeName`. Those that are not bound are not found: nobody asks for them, and there may be many. */
export function byNode({ spec: { nodeName = '' } }: Pod): readonly string[] {
  return nodeName === '' ? [] : [nodeName];
}
