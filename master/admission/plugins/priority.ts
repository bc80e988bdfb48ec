/** Priority: a pod gets the number behind its class, and there is one default class at most. */
import type { Pod } from '../../../api/core/v1/types.js';
import type { KubeObject } from '../../../api/meta/v1/types.js';
import type { AdmissionAttributes, AdmissionPlugin, AdmissionReader } from '../admission.js';
import { refusal } from '../refusals.js';
import { anyOf, concernsPods, concernsResource } from '../sorts.js';

const group = 'scheduling.k8s.io';
const plural = 'priorityclasses';

type PreemptionPolicy = NonNullable<Pod['spec']['preemptionPolicy']>;

/** What this plugin reads of a PriorityClass. */
interface PriorityClass extends KubeObject {
  readonly value?: number;
  readonly globalDefault?: boolean;
  readonly preemptionPolicy?: PreemptionPolicy;
}

interface Rank {
  readonly value: number;
  readonly preemptionPolicy: PreemptionPolicy | undefined;
}

/** The two classes the cluster always has, should their objects be missing. */
const systemClasses: ReadonlyMap<string, Rank> = new Map([
  ['system-cluster-critical', { value: 2_000_000_000, preemptionPolicy: 'PreemptLowerPriority' }],
  ['system-node-critical', { value: 2_000_001_000, preemptionPolicy: 'PreemptLowerPriority' }],
]);

const rankOf = ({ value = 0, preemptionPolicy }: PriorityClass): Rank => ({
  value,
  preemptionPolicy: preemptionPolicy ?? 'PreemptLowerPriority',
});

/** The least of the default classes; several can come about through a race. */
function defaultClass(reader: AdmissionReader): PriorityClass | undefined {
  let least: PriorityClass | undefined;
  for (const found of reader.list(group, plural) as readonly PriorityClass[]) {
    if (found.globalDefault !== true) continue;
    if (least === undefined || (found.value ?? 0) < (least.value ?? 0)) least = found;
  }
  return least;
}

function rankByName(attributes: AdmissionAttributes, reader: AdmissionReader, name: string): Rank {
  const found = reader.find(group, plural, { namespace: '', name }) as PriorityClass | undefined;
  const rank = found === undefined ? systemClasses.get(name) : rankOf(found);
  if (rank === undefined) throw refusal(attributes, `no PriorityClass with name ${name} was found`);
  return rank;
}

function admitNewPod(attributes: AdmissionAttributes, reader: AdmissionReader): void {
  const { spec } = attributes.object as Pod;
  const className = spec.priorityClassName ?? '';
  const standard = className === '' ? defaultClass(reader) : undefined;
  if (standard !== undefined) spec.priorityClassName = standard.metadata.name;
  const { value, preemptionPolicy = 'PreemptLowerPriority' } =
    className !== ''
      ? rankByName(attributes, reader, className)
      : standard === undefined
        ? { value: 0 }
        : rankOf(standard);
  if (spec.priority !== undefined && spec.priority !== value) {
    throw refusal(
      attributes,
      `the integer value of priority (${String(spec.priority)}) must not be provided in pod spec; priority admission controller computed ${String(value)} from the given PriorityClass name`,
    );
  }
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== preemptionPolicy) {
    throw refusal(
      attributes,
      `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${preemptionPolicy} from the given PriorityClass name`,
    );
  }
  spec.priority = value;
  spec.preemptionPolicy = preemptionPolicy;
}

/** Priority is decided once; an update that leaves it out means no change. */
function keepPriority({ object, stored }: AdmissionAttributes): void {
  const [{ spec }, { spec: before }] = [object as Pod, stored as Pod];
  if (spec.priority === undefined && before.priority !== undefined) spec.priority = before.priority;
  if (spec.preemptionPolicy === undefined && before.preemptionPolicy !== undefined) {
    spec.preemptionPolicy = before.preemptionPolicy;
  }
}

export const priority = (reader: AdmissionReader): AdmissionPlugin => ({
  name: 'Priority',
  concerns: anyOf(
    concernsPods('CREATE', 'UPDATE'),
    concernsResource(group, plural, ['CREATE', 'UPDATE']),
  ),
  mutate: (attributes) => {
    if (attributes.resource.plural !== 'pods') return;
    if (attributes.operation === 'CREATE') admitNewPod(attributes, reader);
    else keepPriority(attributes);
  },
  validate: (attributes) => {
    if (attributes.resource.plural !== plural) return;
    const wanted = attributes.object as PriorityClass;
    if (wanted.globalDefault !== true) return;
    const present = defaultClass(reader);
    if (present === undefined) return;
    const { name } = present.metadata;
    if (attributes.operation === 'UPDATE' && name === wanted.metadata.name) return;
    throw refusal(
      attributes,
      `PriorityClass ${name} is already marked as default. Only one default can exist`,
    );
  },
});
