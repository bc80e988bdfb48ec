import { definition, list, ref, string } from '../../schema/schema.js';
import { labelSelector } from '../../meta/v1/label-selector.js';

export const paramKind = definition(
  'io.k8s.api.admissionregistration.v1.ParamKind',
  'The kind of the objects that hold the parameters of a policy.',
  {
    apiVersion: string(1, 'API group and version of the objects.'),
    kind: string(2, 'Kind of the objects.'),
  },
);

export const paramRef = definition(
  'io.k8s.api.admissionregistration.v1.ParamRef',
  'Which objects hold the parameters under a binding.',
  {
    name: string(1, 'Name of the object; either this or selector is set.'),
    namespace: string(2, "Namespace to look in; the request's own when absent."),
    parameterNotFoundAction: string(4, 'What to do with requests where there is no such object.', {
      enum: ['Allow', 'Deny'],
    }),
    selector: ref(
      3,
      labelSelector,
      'Labels of the objects; the policy is evaluated with each. Either this or name is set.',
    ),
  },
);

export const variable = definition(
  'io.k8s.api.admissionregistration.v1.Variable',
  'A CEL expression with a name, for use in later expressions.',
  {
    expression: string(2, 'CEL expression; evaluated when first used.', { required: true }),
    name: string(1, 'Name under which later expressions find the value, as variables.NAME.', {
      required: true,
    }),
  },
);

export const auditAnnotation = definition(
  'io.k8s.api.admissionregistration.v1.AuditAnnotation',
  'A fact that a policy adds to the audit record of a request.',
  {
    key: string(1, "Name of the fact; the policy's name is put before it.", { required: true }),
    valueExpression: string(2, 'CEL expression of its text; null leaves it out.', {
      required: true,
    }),
  },
);

export const expressionWarning = definition(
  'io.k8s.api.admissionregistration.v1.ExpressionWarning',
  'What the type check found in one expression.',
  {
    fieldRef: string(2, 'Path of the expression.', { required: true }),
    warning: string(3, 'What is doubtful, for each type of object.', { required: true }),
  },
);

export const typeChecking = definition(
  'io.k8s.api.admissionregistration.v1.TypeChecking',
  'What the type check found in the expressions of a policy.',
  {
    expressionWarnings: list(1, expressionWarning, 'What is doubtful in single expressions.', {
      listType: 'atomic',
    }),
  },
);

export const validation = definition(
  'io.k8s.api.admissionregistration.v1.Validation',
  'A CEL expression that has to be true for a request to be admitted.',
  {
    expression: string(
      1,
      'CEL over object, oldObject, request, params, variables, namespaceObject and authorizer; its value is a boolean.',
      { required: true },
    ),
    message: string(2, 'What the client is told where the expression is false.'),
    messageExpression: string(
      4,
      'CEL expression of what the client is told; comes before message.',
    ),
    reason: string(3, 'Status reason of the refusal; Invalid when absent.'),
  },
);

export const applyConfiguration = definition(
  'io.k8s.api.admissionregistration.v1.ApplyConfiguration',
  'A CEL expression whose value is applied to the object, as in server-side apply.',
  {
    expression: string(1, 'CEL expression that makes an Object{…} to apply.'),
  },
);

export const jsonPatch = definition(
  'io.k8s.api.admissionregistration.v1.JSONPatch',
  'A CEL expression whose value is the JSON patch to change the object with.',
  {
    expression: string(1, 'CEL expression that makes a list of JSONPatch{…}.'),
  },
);

export const mutation = definition(
  'io.k8s.api.admissionregistration.v1.Mutation',
  'One change that a policy makes.',
  {
    applyConfiguration: ref(
      3,
      applyConfiguration,
      'The change, where patchType is ApplyConfiguration.',
    ),
    jsonPatch: ref(4, jsonPatch, 'The change, where patchType is JSONPatch.'),
    patchType: string(2, 'How the change is written.', {
      required: true,
      enum: ['ApplyConfiguration', 'JSONPatch'],
    }),
  },
);
