/** AlwaysPullImages (off by default): images are pulled each time, so that nobody runs another's private image from a node's cache. */
import type { Pod, PodSpec } from '../../../api/core/v1/types.js';
import { notSupported } from '../../../api/validation/field-error.js';
import type { AdmissionAttributes, AdmissionPlugin } from '../admission.js';
import { refusal } from '../refusals.js';
import { anyOf, concernsPodPart, concernsPods } from '../sorts.js';

interface Pulled {
  readonly image?: string | undefined;
  imagePullPolicy?: string | undefined;
}

const containerLists = ['initContainers', 'containers', 'ephemeralContainers'] as const;

const listsOf = (spec: PodSpec): readonly (readonly [string, readonly Pulled[]])[] =>
  containerLists.map((field) => [field, spec[field] ?? []] as const);

const imagesOf = ({ spec }: Pod): readonly string[] => [
  ...listsOf(spec).flatMap(([, containers]) => containers.map(({ image = '' }) => image)),
  ...(spec.volumes ?? []).map(({ image }) => image?.reference ?? ''),
];

/** An update of a pod that runs nothing it did not run before is left alone. */
function bringsNoImages({ operation, object, stored }: AdmissionAttributes): boolean {
  if (operation !== 'UPDATE') return false;
  const known = new Set(imagesOf(stored as Pod));
  return imagesOf(object as Pod).every((image) => known.has(image));
}

export const alwaysPullImages: AdmissionPlugin = {
  name: 'AlwaysPullImages',
  concerns: anyOf(
    concernsPods('CREATE', 'UPDATE'),
    concernsPodPart('ephemeralcontainers', 'UPDATE'),
  ),
  mutate: (attributes) => {
    if (bringsNoImages(attributes)) return;
    const { spec } = attributes.object as Pod;
    for (const [, containers] of listsOf(spec)) {
      for (const container of containers) container.imagePullPolicy = 'Always';
    }
    for (const { image } of spec.volumes ?? []) {
      if (image !== undefined && (image.reference ?? '') !== '') image.pullPolicy = 'Always';
    }
  },
  validate: (attributes) => {
    if (bringsNoImages(attributes)) return;
    for (const [field, containers] of listsOf((attributes.object as Pod).spec)) {
      for (const [position, { imagePullPolicy }] of containers.entries()) {
        if (imagePullPolicy === 'Always') continue;
        const path = `spec.${field}[${String(position)}].imagePullPolicy`;
        const error = notSupported(path, imagePullPolicy ?? '', ['Always']);
        throw refusal(attributes, `${error.field}: ${error.message}`);
      }
    }
  },
};
