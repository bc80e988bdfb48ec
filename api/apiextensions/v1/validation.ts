/** What a CustomResourceDefinition must be like. */
import { invalid } from '../../validation/field-error.js';
import type { FieldError } from '../../validation/field-error.js';
import type { CustomResourceDefinition } from './types.js';

export function validateCustomResourceDefinition(
  crd: CustomResourceDefinition,
): readonly FieldError[] {
  const wanted = `${crd.spec.names.plural}.${crd.spec.group}`;
  return crd.metadata.name === wanted
    ? []
    : [invalid('metadata.name', crd.metadata.name, `must be spec.names.plural+"."+spec.group`)];
}

export function validateCustomResourceDefinitionUpdate(
  _crd: CustomResourceDefinition,
  _stored: CustomResourceDefinition,
): readonly FieldError[] {
  return [];
}
