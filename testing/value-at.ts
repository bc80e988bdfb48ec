/** Looking into values whose shape a test knows and the compiler does not. */

/** The value at a path such as `spec.ports[0].name` or `metadata.labels['a.b/c']`, or undefined. */
export function valueAt(value: unknown, place: string): unknown {
  const steps = place.match(/\['[^']+'\]|[^.[\]]+/g) ?? [];
  return steps.reduce<unknown>(
    (at, step) =>
      typeof at === 'object' && at !== null
        ? (at as Readonly<Record<string, unknown>>)[step.replace(/^\['|'\]$/g, '')]
        : undefined,
    value,
  );
}
