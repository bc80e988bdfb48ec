import type { Pod } from '../types.js';

/** Marks what a node made in the API of a pod that it has from elsewhere. */
export const mirrorAnnotation = 'kubernetes.io/config.mirror';

/** Whether the pod only shows what its node runs anyway; its node could otherwise refer to whatever it likes to read. */
export const isMirrorPod = ({ metadata }: Pick<Pod, 'metadata'>): boolean =>
  metadata.annotations?.[mirrorAnnotation] !== undefined;
