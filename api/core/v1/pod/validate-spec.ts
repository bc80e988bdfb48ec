/** Checks of pod specs as Kubernetes makes them, with its texts. Called by `pods` and by every kind with a template. */
import type { FieldError } from '../../../validation/field-error.js';
import { child, required } from '../../../validation/field-error.js';
import { validateAnnotations, validateLabels } from '../../../validation/labels.js';
import type { Pod, PodSpec, PodTemplateSpec } from '../types.js';

/** Checks a pod's spec at `field`. */
export function validatePodSpec(spec: PodSpec, field: string): FieldError[] {
  return spec.containers.length === 0 ? [required(child(field, 'containers'))] : [];
}

/** Checks a pod; its metadata is checked by the registry. */
export const validatePod = (pod: Pod): readonly FieldError[] => validatePodSpec(pod.spec, 'spec');

/** Checks a pod template at `field`. Labels and annotations are reported without `metadata`, as Kubernetes does. */
export function validatePodTemplate(
  template: PodTemplateSpec | undefined,
  field: string,
): FieldError[] {
  const spec = template?.spec ?? { containers: [] };
  return [
    ...validateLabels(template?.metadata?.labels, child(field, 'labels')),
    ...validateAnnotations(template?.metadata?.annotations, child(field, 'annotations')),
    ...validatePodSpec(spec, child(field, 'spec')),
  ];
}
