/**
 * PodTolerationRestriction (off by default): a namespace's annotations give its pods tolerations and say which they may have; of
 * namespaces without them the configuration says so.
 */
import type { Pod, Toleration } from '../../../api/core/v1/types.js';
import { qosClassOf } from '../../../api/core/v1/pod/qos.js';
import type { AdmissionAttributes, AdmissionPlugin, AdmissionReader } from '../admission.js';
import type { TolerationSettings } from '../pod-placement-settings.js';
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
  if (text === undefined) return undefined;
  if (text === '') return [];
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

export const podTolerationRestriction = (
  reader: AdmissionReader,
  settings: TolerationSettings,
): AdmissionPlugin => ({
  name: 'PodTolerationRestriction',
  concerns: concernsPods('CREATE', 'UPDATE'),
  mutate: (attributes) => {
    const { spec } = attributes.object as Pod;
    const { tolerations = [] } = spec;
    const given =
      attributes.operation === 'CREATE'
        ? (annotated(attributes, reader, defaults) ?? settings.standard)
        : [];
    const known = given.length === 0 ? tolerations : mergeTolerations(given, tolerations);
    const all =
      qosClassOf(spec) === 'BestEffort' ? known : mergeTolerations(known, [underPressure]);
    if (all.length > 0) spec.tolerations = [...all];
  },
  validate: (attributes) => {
    const { tolerations = [] } = (attributes.object as Pod).spec;
    const own = annotated(attributes, reader, allowed);
    const list = own ?? settings.allowed;
    if (list.length === 0) return;
    if (tolerations.every((each) => list.some((entry) => coversToleration(entry, each)))) return;
    const whose = own === undefined ? 'cluster' : 'namespace';
    throw refusal(
      attributes,
      `pod tolerations (possibly merged with namespace default tolerations) conflict with its ${whose} whitelist`,
    );
  },
});
