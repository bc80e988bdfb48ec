/** PodNodeSelector (off by default): the pods of a namespace run only on nodes with the labels its annotation names. */
import type { Pod } from '../../../api/core/v1/types.js';
import type { AdmissionAttributes, AdmissionPlugin, AdmissionReader } from '../admission.js';
import { refusal } from '../refusals.js';
import { concernsPods } from '../sorts.js';

const annotation = 'scheduler.alpha.kubernetes.io/node-selector';

/** `a=1,b=2` as a map, or undefined where the text is something else. */
function selectorFrom(text: string): Readonly<Record<string, string>> | undefined {
  const labels: Record<string, string> = {};
  for (const part of text.split(',').map((piece) => piece.trim())) {
    if (part === '') continue;
    const [key = '', value, ...rest] = part.split('=').map((piece) => piece.trim());
    if (value === undefined || rest.length > 0) return undefined;
    labels[key] = value;
  }
  return labels;
}

function selectorOf(
  attributes: AdmissionAttributes,
  reader: AdmissionReader,
): Readonly<Record<string, string>> {
  const { namespace: name } = attributes;
  const namespace = reader.find('', 'namespaces', { namespace: '', name });
  const text = namespace?.metadata.annotations?.[annotation];
  if (text === undefined) return {};
  const selector = selectorFrom(text);
  if (selector !== undefined) return selector;
  throw refusal(attributes, `invalid selector: [${text}]`);
}

function refuseConflict(attributes: AdmissionAttributes, reader: AdmissionReader) {
  const selector = selectorOf(attributes, reader);
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

export const podNodeSelector = (reader: AdmissionReader): AdmissionPlugin => ({
  name: 'PodNodeSelector',
  concerns: concernsPods('CREATE'),
  mutate: (attributes) => {
    const selector = refuseConflict(attributes, reader);
    if (Object.keys(selector).length === 0) return;
    const { spec } = attributes.object as Pod;
    spec.nodeSelector = { ...spec.nodeSelector, ...selector };
  },
  validate: (attributes) => {
    refuseConflict(attributes, reader);
  },
});
