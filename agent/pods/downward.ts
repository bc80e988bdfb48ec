/** The downward API: fields of a pod and resources of its containers as text. Pure. */
import type { Pod, ResourceFieldSelector } from '../../api/core/v1/types.js';
import { parseQuantity, quantityMilliValue, quantityValue } from '../../api/quantity.js';
import { podContainers } from './pod-containers.js';
import type { NodeFacts } from './ports.js';

/** A reference that cannot be answered; its message goes into the container's status. */
export class DownwardError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DownwardError';
  }
}

/** Like Go's `%q`, for values in the files of labels and annotations. */
const quoted = (value: string): string => JSON.stringify(value);

const mapText = (values: Readonly<Record<string, string>> | undefined): string =>
  Object.entries(values ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${quoted(value)}`)
    .join('\n');

const subscripted = /^metadata\.(labels|annotations)\['(.+)'\]$/;

/** The value of a field path such as `metadata.labels['app']` or `status.podIP`. */
export function fieldText(
  pod: Pod,
  fieldPath: string,
  facts: { readonly node: NodeFacts; readonly podIPs: readonly string[] },
): string {
  const [, kind, name] = subscripted.exec(fieldPath) ?? [];
  if (name !== undefined) {
    return (kind === 'labels' ? pod.metadata.labels : pod.metadata.annotations)?.[name] ?? '';
  }
  switch (fieldPath) {
    case 'metadata.name':
      return pod.metadata.name;
    case 'metadata.namespace':
      return pod.metadata.namespace ?? '';
    case 'metadata.uid':
      return pod.metadata.uid;
    case 'metadata.labels':
      return mapText(pod.metadata.labels);
    case 'metadata.annotations':
      return mapText(pod.metadata.annotations);
    case 'spec.nodeName':
      return pod.spec.nodeName ?? '';
    case 'spec.serviceAccountName':
      return pod.spec.serviceAccountName ?? '';
    case 'status.hostIP':
      return facts.node.ips[0] ?? '';
    case 'status.hostIPs':
      return facts.node.ips.join(',');
    case 'status.podIP':
      return facts.podIPs[0] ?? '';
    case 'status.podIPs':
      return facts.podIPs.join(',');
    default:
      throw new DownwardError(`unsupported fieldPath: ${fieldPath}`);
  }
}

/** A container's request or limit, in units of the divisor, rounded up. Limits default to what the node can give. */
export function resourceText(
  pod: Pod,
  selector: ResourceFieldSelector,
  options: { readonly containerName: string; readonly node: NodeFacts },
): string {
  const name = selector.containerName ?? options.containerName;
  const container = podContainers(pod).find((each) => each.container.name === name)?.container;
  if (container === undefined) throw new DownwardError(`container ${name} not found`);
  const [kind = '', ...rest] = selector.resource.split('.');
  const resource = rest.join('.');
  if (kind !== 'limits' && kind !== 'requests') {
    throw new DownwardError(`unsupported container resource: ${selector.resource}`);
  }
  const { limits, requests } = container.resources ?? {};
  const given =
    kind === 'limits' ? limits?.[resource] : (requests?.[resource] ?? limits?.[resource]);
  const { cpuMilli, memoryBytes } = options.node.allocatable;
  const capacity =
    resource === 'cpu' ? `${cpuMilli}m` : resource === 'memory' ? `${memoryBytes}` : '0';
  const amount = given ?? (kind === 'limits' ? capacity : '0');
  const divisor =
    selector.divisor === undefined || selector.divisor === '' || selector.divisor === '0'
      ? '1'
      : selector.divisor;
  const measure = resource === 'cpu' ? quantityMilliValue : quantityValue;
  return String(Math.ceil(measure(parseQuantity(amount)) / measure(parseQuantity(divisor))));
}
