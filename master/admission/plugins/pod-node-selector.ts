/**
 * PodNodeSelector (off by default): the pods of a namespace run only on nodes with the labels its annotation names, or those of the
 * whole cluster, and select by no more labels than the configuration allows the namespace.
 */
import type { Pod } from '../../../api/core/v1/types.js';
import type { AdmissionAttributes, AdmissionPlugin, AdmissionReader } from '../admission.js';
import { labelsFrom } from '../plain-selector.js';
import type { NodeSelectorSettings } from '../pod-placement-settings.js';
import { refusal } from '../refusals.js';
import { concernsPods } from '../sorts.js';

type Labels = Readonly<Record<string, string>>;

const annotation = 'scheduler.alpha.kubernetes.io/node-selector';

function selectorOf(
  attributes: AdmissionAttributes,
  reader: AdmissionReader,
  standard: Labels,
): Labels {
  const { namespace: name } = attributes;
  const namespace = reader.find('', 'namespaces', { namespace: '', name });
  const text = namespace?.metadata.annotations?.[annotation];
  if (text === undefined) return standard;
  const selector = labelsFrom(text);
  if (selector !== undefined) return selector;
  throw refusal(attributes, `invalid selector: [${text}]`);
}

function refuseConflict(
  attributes: AdmissionAttributes,
  reader: AdmissionReader,
  standard: Labels,
): Labels {
  const selector = selectorOf(attributes, reader, standard);
  const own = (attributes.object as Pod).spec.nodeSelector ?? {};
  const conflicts = Object.entries(selector).some(
    ([key, value]) => own[key] !== undefined && own[key] !== value,
  );
  if (conflicts) {
    throw refusal(
      attributes,
      'pod node label selector conflicts with its namespace node label selector',
    );
  }
  return selector;
}

function refuseForeign(attributes: AdmissionAttributes, allowed: Labels | undefined): void {
  if (allowed === undefined || Object.keys(allowed).length === 0) return;
  const own = Object.entries((attributes.object as Pod).spec.nodeSelector ?? {});
  if (own.every(([key, value]) => allowed[key] === value)) return;
  throw refusal(attributes, 'pod node label selector labels conflict with its namespace whitelist');
}

export const podNodeSelector = (
  reader: AdmissionReader,
  { standard, allowed }: NodeSelectorSettings,
): AdmissionPlugin => ({
  name: 'PodNodeSelector',
  concerns: concernsPods('CREATE'),
  mutate: (attributes) => {
    const selector = refuseConflict(attributes, reader, standard);
    if (Object.keys(selector).length === 0) return;
    const { spec } = attributes.object as Pod;
    spec.nodeSelector = { ...spec.nodeSelector, ...selector };
  },
  validate: (attributes) => {
    refuseConflict(attributes, reader, standard);
    refuseForeign(attributes, allowed.get(attributes.namespace));
  },
});
