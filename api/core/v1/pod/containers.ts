import { child, index } from '../../../validation/field-error.js';
import type { Container, EphemeralContainer, PodSpec } from '../types.js';

/** A container of any role. */
export type AnyContainer = Container | EphemeralContainer;

/** Init, app and ephemeral containers, in this order. */
export const allContainers = (spec: PodSpec): readonly AnyContainer[] => [
  ...(spec.initContainers ?? []),
  ...spec.containers,
  ...(spec.ephemeralContainers ?? []),
];

/** Each container of a pod with its path, in the order Kubernetes visits them. */
export const placedContainers = (
  spec: PodSpec,
  field: string,
): readonly { readonly container: AnyContainer; readonly path: string }[] =>
  (['initContainers', 'containers', 'ephemeralContainers'] as const).flatMap((list) =>
    (spec[list] ?? []).map((container, position) => ({
      container,
      path: index(child(field, list), position),
    })),
  );
