/** What a benchmark says: figures against a floor of the same run. */

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What design.md asks for, in words. */
  readonly target: string;
  readonly isMet: boolean;
  /** The floor or peer measured in the same run, in the same unit. */
  readonly floor?: number;
  readonly ratio?: number;
}

/** The value below which this fraction of the samples lies. */
export function quantile(samples: Iterable<number>, fraction: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))] ?? NaN;
}

const cell = (value: number | undefined): string =>
  value === undefined ? '' : value >= 100 ? value.toFixed(0) : value.toFixed(2);

/** A table for people. */
export function figuresTable(figures: readonly Figure[]): string {
  const rows = [
    ['what', 'value', 'unit', 'floor', 'ratio', 'target', ''],
    ...figures.map((figure) => [
      figure.name,
      cell(figure.value),
      figure.unit,
      cell(figure.floor),
      cell(figure.ratio),
      figure.target,
      figure.isMet ? 'met' : 'MISSED',
    ]),
  ];
  const widths = rows[0]?.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((text, column) => text.padEnd(widths?.[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Runs `work` over the items, this many at once. */
export async function inParallel<T>(
  items: readonly T[],
  concurrency: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}
