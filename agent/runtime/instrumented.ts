/** A runtime that counts and times its operations under the kubelet's metric names and bounds how many run at once. */
import { latencyBucketsSeconds, type Metrics } from '../../machinery/metrics/metrics.js';
import type { Clock } from '../../machinery/clock/clock.js';
import { Turns } from '../../machinery/turns.js';
import type { Runtime } from './runtime.js';
import { isRuntimeError } from './runtime-error.js';

type Operation = 'create' | 'start' | 'kill' | 'remove' | 'inspect' | 'list' | 'exec' | 'pullImage';

export interface InstrumentedOptions {
  readonly metrics: Metrics;
  readonly clock: Clock;
  /** Creations, starts and removals at the same time; the engine gets slower with more. */
  readonly concurrency: number;
}

/** Kubelet's names of the operations. */
const operationNames: Readonly<Record<Operation, string>> = {
  create: 'create_container',
  start: 'start_container',
  kill: 'stop_container',
  remove: 'remove_container',
  inspect: 'container_status',
  list: 'list_containers',
  exec: 'exec',
  pullImage: 'pull_image',
};

/** Wraps a runtime. */
export function instrumented(runtime: Runtime, options: InstrumentedOptions): Runtime {
  const { metrics, clock } = options;
  const labels = ['operation_type'];
  const total = metrics.counter({
    name: 'kubelet_runtime_operations_total',
    help: 'Operations of the container engine.',
    labels,
  });
  const failures = metrics.counter({
    name: 'kubelet_runtime_operations_errors_total',
    help: 'Operations of the container engine that failed.',
    labels,
  });
  const duration = metrics.histogram({
    name: 'kubelet_runtime_operations_duration_seconds',
    help: 'Seconds operations of the container engine took.',
    labels,
    buckets: latencyBucketsSeconds,
  });
  const turns = new Turns(options.concurrency);
  const measured = async <T>(operation: Operation, task: () => Promise<T>): Promise<T> => {
    const operation_type = operationNames[operation];
    const beganMs = clock.monotonicMs();
    total.increment({ operation_type });
    try {
      return await task();
    } catch (error) {
      if (!isRuntimeError(error, 'notRunning')) failures.increment({ operation_type });
      throw error;
    } finally {
      duration.observe((clock.monotonicMs() - beganMs) / 1000, { operation_type });
    }
  };
  return {
    version: () => runtime.version(),
    list: () => measured('list', () => runtime.list()),
    inspect: (id) => measured('inspect', () => runtime.inspect(id)),
    create: (spec) => turns.run(() => measured('create', () => runtime.create(spec))),
    start: (id) => turns.run(() => measured('start', () => runtime.start(id))),
    kill: (id, signal) => measured('kill', () => runtime.kill(id, signal)),
    remove: (id) => turns.run(() => measured('remove', () => runtime.remove(id))),
    events: (signal, onOpen) => runtime.events(signal, onOpen),
    exec: (id, execOptions) => measured('exec', () => runtime.exec(id, execOptions)),
    attach: (id, attachOptions) => runtime.attach(id, attachOptions),
    logs: (id, logOptions) => runtime.logs(id, logOptions),
    logPath: (id) => runtime.logPath(id),
    usage: (id) => runtime.usage(id),
    prepare: () => runtime.prepare(),
    inspectImage: (reference) => runtime.inspectImage(reference),
    listImages: () => runtime.listImages(),
    pullImage: (reference, pullOptions) =>
      measured('pullImage', () => runtime.pullImage(reference, pullOptions)),
    removeImage: (id) => runtime.removeImage(id),
  };
}
