import { fillZeroValues } from '../../schema/zero-values.js';
import { ageColumn, nameColumn } from '../../meta/columns.js';
import { defineResource } from '../../schema/resource.js';
import type { FieldError } from '../../validation/field-error.js';
import {
  child,
  invalidBecause,
  forbidden,
  notSupported,
  required,
  tooLong,
} from '../../validation/field-error.js';
import {
  byteLength,
  dns1123LabelErrors,
  domainPrefixedPathErrors,
} from '../../validation/names.js';
import { validateReferenceParts } from './reference-validation.js';
import { immutable } from '../../validation/object-meta.js';
import { maxControllerBytes } from './limits.js';
import type { IngressClass, IngressClassParametersReference } from './types.js';
import { definition, ref, string } from '../../schema/schema.js';
import { objectFields } from '../../meta/v1/object-meta.js';

export const ingressClassParametersReference = definition(
  'io.k8s.api.networking.v1.IngressClassParametersReference',
  'Names the object with the settings of an IngressClass.',
  {
    apiGroup: string(1, 'The API group of the object; the core group when absent.'),
    kind: string(2, 'The kind of the object.', { required: true }),
    name: string(3, 'The name of the object.', { required: true }),
    namespace: string(5, 'The namespace of the object; only where the scope is Namespace.'),
    scope: string(4, 'Whether the object belongs to the Cluster or to a Namespace.'),
  },
);

export const ingressClassSpec = definition(
  'io.k8s.api.networking.v1.IngressClassSpec',
  'The controller of an IngressClass.',
  {
    controller: string(
      1,
      'The controller, as a path with a domain such as example.com/ingress; never changes.',
    ),
    parameters: ref(
      2,
      ingressClassParametersReference,
      'An object with further settings for the controller.',
    ),
  },
);

export const ingressClass = definition(
  'io.k8s.api.networking.v1.IngressClass',
  'Says which controller serves the Ingresses that name it.',
  {
    ...objectFields,
    spec: ref(2, ingressClassSpec, 'What is wanted.'),
  },
);

const scopes = ['Cluster', 'Namespace'] as const;

function validateScope(
  { scope, namespace }: IngressClassParametersReference,
  field: string,
): FieldError[] {
  const [scopePath, namespacePath] = [child(field, 'scope'), child(field, 'namespace')];
  if (scope === undefined) return [required(scopePath)];
  if (!scopes.some((known) => known === scope)) return [notSupported(scopePath, scope, scopes)];
  if (scope === 'Cluster') {
    return namespace === undefined
      ? []
      : [forbidden(namespacePath, "`parameters.scope` is set to 'Cluster'")];
  }
  return namespace === undefined
    ? [required(namespacePath, "`parameters.scope` is set to 'Namespace'")]
    : invalidBecause(namespacePath, namespace, dns1123LabelErrors(namespace));
}

function validateParameters(parameters: IngressClassParametersReference): FieldError[] {
  const field = 'spec.parameters';
  const { apiGroup, kind, name } = parameters;
  const errors = validateReferenceParts(field, {
    group: apiGroup === undefined ? undefined : ['apiGroup', apiGroup],
    named: [
      ['kind', kind],
      ['name', name],
    ],
  });
  return [...errors, ...validateScope(parameters, field)];
}

function validateIngressClass({ spec }: IngressClass): FieldError[] {
  const { controller = '', parameters } = spec;
  const field = 'spec.controller';
  const errors: FieldError[] = [];
  if (controller === '') errors.push(required(field));
  else {
    if (byteLength(controller) > maxControllerBytes) {
      errors.push(tooLong(field, maxControllerBytes));
    }
    errors.push(...invalidBecause(field, controller, domainPrefixedPathErrors(controller)));
  }
  return parameters === undefined ? errors : [...errors, ...validateParameters(parameters)];
}

function parametersText({ spec }: IngressClass): string {
  const { parameters } = spec;
  if (parameters === undefined) return '<none>';
  const group = parameters.apiGroup === undefined ? '' : `.${parameters.apiGroup}`;
  return `${parameters.kind}${group}/${parameters.name}`;
}

/** IngressClasses: which controller serves which Ingresses. */
export const ingressClasses = defineResource<IngressClass>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IngressClass',
  plural: 'ingressclasses',
  scope: 'Cluster',
  schema: ingressClass,
  defaults: (draft) => {
    fillZeroValues(ingressClass, draft);
    const { parameters } = ((draft as Partial<IngressClass>).spec ??= {});
    if (parameters !== undefined) parameters.scope ??= 'Cluster';
  },
  validate: validateIngressClass,
  validateUpdate: (object, stored) =>
    immutable('spec.controller', object.spec.controller, stored.spec.controller),
  strategy: { tracksGeneration: true },
  columns: [
    nameColumn,
    {
      name: 'Controller',
      type: 'string',
      description: 'The controller that serves the class.',
      priority: 0,
      cell: ({ spec }) => spec.controller ?? '',
    },
    {
      name: 'Parameters',
      type: 'string',
      description: 'The object with further settings for the controller.',
      priority: 0,
      cell: parametersText,
    },
    ageColumn,
  ],
});
