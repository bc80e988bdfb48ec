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

/** What was measured, before it is judged. */
type Measured = Pick<Figure, 'name' | 'value' | 'unit' | 'floor'>;
type MeasuredWithFloor = Measured & { readonly floor: number };

const judged = (measured: Measured, target: string, isMet: boolean): Figure => ({
  ...measured,
  target,
  isMet,
  ...(measured.floor === undefined ? {} : { ratio: measured.value / measured.floor }),
});

/** A figure that is not to exceed a limit. */
export const atMost = (limit: number, measured: Measured): Figure =>
  judged(measured, `≤ ${String(limit)}`, measured.value <= limit);

/** A figure that is not to exceed so many times its floor. */
export const atMostTimesFloor = (times: number, measured: MeasuredWithFloor): Figure =>
  judged(measured, `≤ ${String(times)} × floor`, measured.value / measured.floor <= times);

/** A figure that is to reach a limit. */
export const atLeast = (limit: number, measured: Measured): Figure =>
  judged(measured, `≥ ${String(limit)}`, measured.value >= limit);

/** A figure that is to reach so many times its floor. */
export const atLeastTimesFloor = (times: number, measured: MeasuredWithFloor): Figure =>
  judged(measured, `≥ ${String(times)} × floor`, measured.value / measured.floor >= times);

/** What others are compared with. */
export const floorOnly = (measured: Measured): Figure => judged(measured, 'a floor', true);

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
