/** Checks that FlowSchemas and PriorityLevelConfigurations share, in Kubernetes' words. */
import type { KubeObject } from '../../meta/v1/types.js';
import { jsonEqual } from '../../patch/json-value.js';
import type { FieldError } from '../../validation/field-error.js';
import { child, duplicate, index, invalid, required } from '../../validation/field-error.js';

interface Fixed {
  readonly name: string;
  readonly spec: object;
  /** What the object has to be like. */
  readonly fixed: object;
  /** Words for what may differ nevertheless. */
  readonly except?: string;
}

/** Objects that fairness cannot do without are always the same. */
export const mandatoryErrors = ({ name, spec, fixed, except = '' }: Fixed): FieldError[] =>
  jsonEqual(spec, fixed)
    ? []
    : [invalid('spec', spec, `spec of '${name}'${except} must equal the fixed value`)];

interface Conditioned extends KubeObject {
  readonly status: {
    readonly conditions?: readonly { readonly type?: string | undefined }[] | undefined;
  };
}

/** Every condition has a type, and no two have the same. */
export function validateConditionTypes({ status }: Conditioned): FieldError[] {
  const types = (status.conditions ?? []).map(({ type = '' }) => type);
  return types.flatMap((type, at) => {
    const field = child(index('status.conditions', at), 'type');
    return [
      ...(types.indexOf(type) < at ? [duplicate(field, type)] : []),
      ...(type === '' ? [required(field, 'must not be empty')] : []),
    ];
  });
}
