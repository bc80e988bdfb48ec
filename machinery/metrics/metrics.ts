/**
 * The only door to the metrics registry. A component declares its metrics once, with Kubernetes' names where they exist,
 * and `/metrics` writes them in the Prometheus text format. Label values come from small fixed sets.
 */
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { SeriesHistogram } from './series-histogram.js';

export interface MetricOptions {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
}

/** Kept by the registry as they are: never changed once they were given. */
export type Labels = Readonly<Record<string, string | number>>;

export interface CounterMetric {
  readonly increment: (labels?: Labels, by?: number) => void;
}

export interface GaugeMetric {
  readonly set: (value: number, labels?: Labels) => void;
  readonly add: (by: number, labels?: Labels) => void;
}

export interface HistogramMetric {
  readonly observe: (value: number, labels?: Labels) => void;
}

export class Metrics {
  private readonly registry = new Registry();
  private readonly seriesHistograms: SeriesHistogram[] = [];

  /** With `process`, adds process CPU, memory, event-loop and garbage collection figures. */
  constructor(options: { readonly process?: boolean } = {}) {
    if (options.process === true) collectDefaultMetrics({ register: this.registry });
  }

  counter({ name, help, labels = [] }: MetricOptions): CounterMetric {
    const counter = new Counter({
      name,
      help,
      labelNames: [...labels],
      registers: [this.registry],
    });
    return {
      increment: (values = {}, by = 1) => {
        counter.inc(values, by);
      },
    };
  }

  /** With `collect`, the value is read when scraped. */
  gauge(options: MetricOptions & { readonly collect?: () => number }): GaugeMetric {
    const { name, help, labels = [], collect } = options;
    const gauge: Gauge = new Gauge({
      name,
      help,
      labelNames: [...labels],
      registers: [this.registry],
      ...(collect === undefined
        ? {}
        : {
            collect: () => {
              gauge.set(collect());
            },
          }),
    });
    return {
      set: (value, values = {}) => {
        gauge.set(values, value);
      },
      add: (by, values = {}) => {
        gauge.inc(values, by);
      },
    };
  }

  histogram(options: MetricOptions & { readonly buckets: readonly number[] }): HistogramMetric {
    const { name, help, labels = [], buckets } = options;
    const histogram = new Histogram({
      name,
      help,
      labelNames: [...labels],
      buckets: [...buckets],
      registers: [this.registry],
    });
    return {
      observe: (value, values = {}) => {
        histogram.observe(values, value);
      },
    };
  }

  /** For what is observed so often that looking up the series each time would show. */
  seriesHistogram(
    options: MetricOptions & { readonly buckets: readonly number[] },
  ): SeriesHistogram {
    const histogram = new SeriesHistogram(options);
    this.seriesHistograms.push(histogram);
    return histogram;
  }

  /** The Prometheus text exposition and its content type. */
  async render(): Promise<{ readonly contentType: string; readonly body: string }> {
    const parts = [await this.registry.metrics()];
    for (const histogram of this.seriesHistograms) parts.push(histogram.render());
    return { contentType: this.registry.contentType, body: parts.join('\n') };
  }
}

/** Seconds, from a millisecond to a minute: for requests and runtime operations. */
export const latencyBucketsSeconds = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
] as const;

/** Seconds, from a millisecond to sixteen, each twice the one before: for what comes before a request is served. */
export const shortLatencyBucketsSeconds = [
  0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1.024, 2.048, 4.096, 8.192,
  16.384,
] as const;
