/**
 * A histogram for what is observed dozens of times a request. Its series are looked up once and kept by whoever observes, so that an
 * observation is a few additions; the registry's own histograms look theirs up by their labels each time, in over a microsecond.
 */

/** Counts one value. */
export type Observe = (value: number) => void;

interface Series {
  readonly labels: string;
  /** How many values were at most each limit and above the one before; the last are above all. */
  readonly counts: Float64Array;
  sum: number;
}

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');

export class SeriesHistogram {
  private readonly name: string;
  private readonly help: string;
  private readonly buckets: readonly number[];
  private readonly series = new Map<string, Series>();

  /** `buckets` are the upper limits, growing. */
  constructor(options: {
    readonly name: string;
    readonly help: string;
    readonly buckets: readonly number[];
  }) {
    this.name = options.name;
    this.help = options.help;
    this.buckets = options.buckets;
  }

  /** What counts values under these labels. The series shows once there is a value. */
  observer(labels: Readonly<Record<string, string>>): Observe {
    const { buckets } = this;
    let series: Series | undefined;
    return (value) => {
      series ??= this.seriesOf(labels);
      let bucket = 0;
      while (bucket < buckets.length && value > (buckets[bucket] ?? 0)) bucket += 1;
      series.counts[bucket] = (series.counts[bucket] ?? 0) + 1;
      series.sum += value;
    };
  }

  /** In the Prometheus text format. */
  render(): string {
    const lines = [`# HELP ${this.name} ${this.help}`, `# TYPE ${this.name} histogram`];
    for (const { labels, counts, sum } of this.series.values()) {
      let total = 0;
      counts.forEach((count, bucket) => {
        total += count;
        const limit = bucket < this.buckets.length ? String(this.buckets[bucket]) : '+Inf';
        lines.push(`${this.name}_bucket{le="${limit}",${labels}} ${String(total)}`);
      });
      lines.push(`${this.name}_sum{${labels}} ${String(sum)}`);
      lines.push(`${this.name}_count{${labels}} ${String(total)}`);
    }
    return `${lines.join('\n')}\n`;
  }

  private seriesOf(labels: Readonly<Record<string, string>>): Series {
    const key = Object.entries(labels)
      .map(([name, value]) => `${name}="${escaped(value)}"`)
      .join(',');
    let series = this.series.get(key);
    if (series === undefined) {
      series = { labels: key, counts: new Float64Array(this.buckets.length + 1), sum: 0 };
      this.series.set(key, series);
    }
    return series;
  }
}
