/** RuntimeClass: a pod gets the overhead, node selector and tolerations of its runtime class. */
import type { Pod, Toleration } from '../../../api/core/v1/types.js';
import type { KubeObject } from '../../../api/meta/v1/types.js';
import { compareQuantities } from '../../../api/quantity.js';
import type { AdmissionAttributes, AdmissionPlugin, AdmissionReader } from '../admission.js';
import { refusal } from '../refusals.js';
import { concernsPods } from '../sorts.js';
import { mergeTolerations } from './tolerations.js';

type Amounts = Readonly<Record<string, string>>;

/** What this plugin reads of a RuntimeClass. */
interface RuntimeClass extends KubeObject {
  readonly overhead?: { readonly podFixed?: Amounts };
  readonly scheduling?: {
    readonly nodeSelector?: Readonly<Record<string, string>>;
    readonly tolerations?: readonly Toleration[];
  };
}

function sameAmounts(left: Amounts, right: Amounts): boolean {
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => {
      const [a, b] = [left[name], right[name]];
      return a !== undefined && b !== undefined && compareQuantities(a, b) === 0;
    })
  );
}

function classOf(
  attributes: AdmissionAttributes,
  reader: AdmissionReader,
): RuntimeClass | undefined {
  const name = (attributes.object as Pod).spec.runtimeClassName ?? '';
  if (name === '') return undefined;
  const found = reader.find('node.k8s.io', 'runtimeclasses', { namespace: '', name });
  if (found !== undefined) return found;
  throw refusal(attributes, `pod rejected: RuntimeClass "${name}" not found`);
}

const mismatch = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";

function setOverhead(attributes: AdmissionAttributes, { overhead }: RuntimeClass): void {
  if (overhead === undefined) return;
  const { spec } = attributes.object as Pod;
  const { podFixed = {} } = overhead;
  if (spec.overhead !== undefined && !sameAmounts(podFixed, spec.overhead)) {
    throw refusal(attributes, mismatch);
  }
  if (Object.keys(podFixed).length > 0) spec.overhead = { ...podFixed };
}

function setScheduling(attributes: AdmissionAttributes, { scheduling }: RuntimeClass): void {
  if (scheduling === undefined) return;
  const { spec } = attributes.object as Pod;
  const { nodeSelector = {}, tolerations = [] } = scheduling;
  for (const [key, value] of Object.entries(nodeSelector)) {
    const own = spec.nodeSelector?.[key];
    if (own === undefined || own === value) continue;
    throw refusal(
      attributes,
      `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`,
    );
  }
  if (Object.keys(nodeSelector).length > 0) {
    spec.nodeSelector = { ...spec.nodeSelector, ...nodeSelector };
  }
  if (tolerations.length > 0) {
    spec.tolerations = mergeTolerations(spec.tolerations ?? [], structuredClone(tolerations));
  }
}

export const runtimeClass = (reader: AdmissionReader): AdmissionPlugin => ({
  name: 'RuntimeClass',
  concerns: concernsPods('CREATE'),
  mutate: (attributes) => {
    const found = classOf(attributes, reader);
    if (found === undefined) return;
    setOverhead(attributes, found);
    setScheduling(attributes, found);
  },
  validate: (attributes) => {
    const { overhead: own } = (attributes.object as Pod).spec;
    const wanted = classOf(attributes, reader)?.overhead?.podFixed;
    if (wanted !== undefined) {
      if (!sameAmounts(wanted, own ?? {})) throw refusal(attributes, mismatch);
    } else if (own !== undefined && Object.keys(own).length > 0) {
      throw refusal(
        attributes,
        'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead',
      );
    }
  },
});
