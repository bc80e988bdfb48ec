import type { Container, EphemeralContainer, PodSpec } from '../types.js';

/** A container of any role. */
export type AnyContainer = Container | EphemeralContainer;

/** Init, app and ephemeral containers, in this order. */
export const allContainers = (spec: PodSpec): readonly AnyContainer[] => [
  ...(spec.initContainers ?? []),
  ...spec.containers,
  ...(spec.ephemeralContainers ?? []),
];
