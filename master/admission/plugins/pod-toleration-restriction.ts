/** PodTolerationRestriction (off by default): a namespace's annotations give its pods tolerations and say which they may have. */
import type { Pod, Toleration } from '../../../api/core/v1/types.js';
import { qosClassOf } from '../../../api/core/v1/pod/qos.js';
import type { AdmissionAttributes, AdmissionPlugin, AdmissionReader } from '../admission.js';
import { refusal } from '../refusals.js';
import { concernsPods } from '../sorts.js';
import { coversToleration, mergeTolerations } from './tolerations.js';

const defaults = 'scheduler.alpha.kubernetes.io/defaultTolerations';
const allowed = 'scheduler.alpha.kubernetes.io/tolerationsWhitelist';

const underPressure: Toleration = {
  key: 'node.kubernetes.io/memory-pressure',
  operator: 'Exists',
  effect: 'NoSchedule',
};

/** The list an annotation of the namespace holds; undefined without one. */
function annotated(
  attributes: AdmissionAttributes,
  reader: AdmissionReader,
  annotation: string,
): readonly Toleration[] | undefined {
  const { namespace: name } = attributes;
  const namespace = reader.find('', 'namespaces', { namespace: '', name });
  const text = namespace?.metadata.annotations?.[annotation];
  if (text === undefined || text === '') return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return value as readonly Toleration[];
  } catch {
    // Said below, like any other text that is no list.
  }
  throw refusal(
    attributes,
    `annotation ${annotation} of namespace ${name} is no list of tolerations`,
  );
}

export const podTolerationRestriction = (reader: AdmissionReader): AdmissionPlugin => ({
  name: 'PodTolerationRestriction',
  concerns: concernsPods('CREATE', 'UPDATE'),
  mutate: (attributes) => {
    const { spec } = attributes.object as Pod;
    const given =
      attributes.operation === 'CREATE' ? (annotated(attributes, reader, defaults) ?? []) : [];
    const extra = qosClassOf(spec) === 'BestEffort' ? given : [...given, underPressure];
    if (extra.length > 0) spec.tolerations = mergeTolerations(spec.tolerations ?? [], extra);
  },
  validate: (attributes) => {
    const { tolerations = [] } = (attributes.object as Pod).spec;
    const list = annotated(attributes, reader, allowed) ?? [];
    if (list.length === 0) return;
    const all = tolerations.every((own) => list.some((entry) => coversToleration(entry, own)));
    if (all) return;
    throw refusal(
      attributes,
      'pod tolerations (possibly merged with namespace default tolerations) conflict with its namespace whitelist',
    );
  },
});
