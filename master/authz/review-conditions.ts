/** The CEL conditions on which a service elsewhere is asked, over `request`, the spec of a SubjectAccessReview. */
import type { SubjectAccessReviewSpec } from '../../api/authorization/v1/types.js';
import { CelBudgetError, CostMeter } from '../../api/cel/cost.js';
import { createEnvironment } from '../../api/cel/environment.js';
import { compileExpression, isCelError } from '../../api/cel/program.js';
import type { Program } from '../../api/cel/program.js';
import { boolType, listType, mapType, objectType, stringType } from '../../api/cel/types.js';
import { reviewConditionsCostBudget } from './limits.js';

export interface ReviewCondition {
  readonly expression: string;
  readonly program: Program;
}

const requirements = (name: string) =>
  objectType(`kubernetes.${name}SelectorAttributes`, {
    rawSelector: stringType,
    requirements: listType(
      objectType(`kubernetes.${name}SelectorRequirement`, {
        key: stringType,
        operator: stringType,
        values: listType(stringType),
      }),
    ),
  });

const environment = createEnvironment({
  variables: {
    request: objectType('kubernetes.SubjectAccessReviewSpec', {
      resourceAttributes: objectType('kubernetes.ResourceAttributes', {
        namespace: stringType,
        verb: stringType,
        group: stringType,
        version: stringType,
        resource: stringType,
        subresource: stringType,
        name: stringType,
        fieldSelector: requirements('Field'),
        labelSelector: requirements('Label'),
      }),
      nonResourceAttributes: objectType('kubernetes.NonResourceAttributes', {
        path: stringType,
        verb: stringType,
      }),
      user: stringType,
      groups: listType(stringType),
      extra: mapType(stringType, listType(stringType)),
      uid: stringType,
    }),
  },
});

/** Throws CelCompileError. */
export const compileReviewConditions = (
  expressions: readonly string[],
): readonly ReviewCondition[] =>
  expressions.map((expression) => ({
    expression,
    program: compileExpression(expression, environment, { resultTypes: [boolType] }),
  }));

const noAttributes = {
  namespace: '',
  verb: '',
  group: '',
  version: '',
  resource: '',
  subresource: '',
  name: '',
};

/** Texts and lists are there for expressions even where they are empty; the attributes are there or not. */
const seenBy = ({ resourceAttributes, ...spec }: SubjectAccessReviewSpec) => ({
  user: '',
  groups: [],
  uid: '',
  extra: {},
  ...spec,
  ...(resourceAttributes === undefined
    ? {}
    : { resourceAttributes: { ...noAttributes, ...resourceAttributes } }),
});

/** Whether all conditions hold; false wins over failures. */
export function meetsConditions(
  conditions: readonly ReviewCondition[],
  spec: SubjectAccessReviewSpec,
): boolean | { readonly error: string } {
  if (conditions.length === 0) return true;
  const meter = new CostMeter(reviewConditionsCostBudget);
  const bindings = { request: seenBy(spec) };
  const errors: string[] = [];
  for (const { expression, program } of conditions) {
    try {
      if (program.evaluate(bindings, meter) === false) return false;
    } catch (error) {
      if (!isCelError(error) && !(error instanceof CelBudgetError)) throw error;
      errors.push(`expression '${expression}' resulted in error: ${error.message}`);
    }
  }
  const [only, ...others] = errors;
  if (only === undefined) return true;
  return { error: others.length === 0 ? only : `[${errors.join(', ')}]` };
}
