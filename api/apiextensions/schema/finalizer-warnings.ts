/** Finalizers of custom resources may have any name; users are warned of those that others may have thought of as well. */
import { foregroundFinalizer, orphanFinalizer } from '../../meta/finalizers.js';
import type { KubeObject } from '../../meta/v1/types.js';
import { qualifiedNameErrors } from '../../validation/names.js';

const standard = new Set([orphanFinalizer, foregroundFinalizer, 'kubernetes']);

function warningsOf(finalizer: string): readonly string[] {
  const tell = (why: string): string => `metadata.finalizers: ${JSON.stringify(finalizer)}: ${why}`;
  const warnings = qualifiedNameErrors(finalizer).map(tell);
  if (finalizer.includes('/') || standard.has(finalizer)) return warnings;
  const form = finalizer.includes('.')
    ? 'prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts with other finalizer writers'
    : 'prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers';
  return [...warnings, tell(form)];
}

/** What to say of the finalizers that a write adds. */
export function finalizerWarnings(
  object: KubeObject,
  stored: KubeObject | undefined,
): readonly string[] {
  const known = new Set(stored?.metadata.finalizers);
  const added = (object.metadata.finalizers ?? []).filter((finalizer) => !known.has(finalizer));
  return added.length === 0 ? [] : [...new Set(added)].sort().flatMap(warningsOf);
}
