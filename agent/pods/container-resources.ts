/** Requests and limits as what the kernel is told, by Kubernetes' conversions. Pure. */
import type { Container, Pod } from '../../api/core/v1/types.js';
import { parseQuantity, quantityMilliValue, quantityValue } from '../../api/quantity.js';

const sharesPerCpu = 1024;
const minShares = 2;
const maxShares = 262_144;
const quotaPeriodUs = 100_000;
const minQuotaUs = 1000;
const guaranteedOomScore = -997;
const bestEffortOomScore = 1000;
/** What the sandbox gets: it is the last to go. */
export const sandboxOomScore = -998;

export interface KernelResources {
  readonly cpuShares: number;
  readonly cpuQuotaUs?: number;
  readonly cpuPeriodUs?: number;
  readonly memoryBytes?: number;
}

/** CPU in shares and quota, memory in bytes; 0 where nothing is limited. */
export function kernelResources({ resources = {} }: Container): KernelResources {
  const { limits = {}, requests = {} } = resources;
  const requested = requests.cpu ?? limits.cpu;
  const milli = requested === undefined ? 0 : quantityMilliValue(parseQuantity(requested));
  const shares = Math.floor((milli * sharesPerCpu) / 1000);
  const quotaMilli = limits.cpu === undefined ? 0 : quantityMilliValue(parseQuantity(limits.cpu));
  const memory = limits.memory === undefined ? 0 : quantityValue(parseQuantity(limits.memory));
  return {
    cpuShares: Math.min(Math.max(shares, minShares), maxShares),
    ...(quotaMilli === 0
      ? {}
      : {
          cpuQuotaUs: Math.max(Math.floor((quotaMilli * quotaPeriodUs) / 1000), minQuotaUs),
          cpuPeriodUs: quotaPeriodUs,
        }),
    ...(memory === 0 ? {} : { memoryBytes: memory }),
  };
}

/** The kernel's inclination to kill the container when memory runs out: -1000 never, 1000 first. */
export function oomScoreOf(
  pod: Pod,
  container: Container,
  options: { readonly qosClass: string; readonly nodeMemoryBytes: number },
): number {
  if (pod.spec.priorityClassName === 'system-node-critical') return guaranteedOomScore;
  if (options.qosClass === 'Guaranteed') return guaranteedOomScore;
  if (options.qosClass === 'BestEffort') return bestEffortOomScore;
  const { requests = {} } = container.resources ?? {};
  const memory = requests.memory === undefined ? 0 : quantityValue(parseQuantity(requests.memory));
  const score = 1000 - Math.floor((1000 * memory) / Math.max(options.nodeMemoryBytes, 1));
  // Above guaranteed pods, below best-effort ones.
  return Math.min(Math.max(score, 1000 + guaranteedOomScore), bestEffortOomScore - 1);
}
