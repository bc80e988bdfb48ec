/** What the expressions of webhooks and policies may refer to, as Kubernetes declares it. */
import { createEnvironment } from '../../cel/environment.js';
import type { Environment } from '../../cel/environment.js';
import {
  boolType,
  dynType,
  listType,
  mapType,
  objectType,
  stringType,
  timestampType,
  intType,
} from '../../cel/types.js';
import type { CelType, ObjectType } from '../../cel/types.js';
import { authorizerLibrary, authorizerType, jsonPatchLibrary } from './authorizer.js';

/** What an expression finds in its environment beside object, oldObject and request. */
export interface ExpressionScope {
  readonly params: boolean;
  readonly authorizer: boolean;
  readonly namespaceObject: boolean;
  /** The types of the variables declared before; undefined where there are no variables. */
  readonly variables: Readonly<Record<string, CelType>> | undefined;
  /** Whether objects and JSON patches may be written. */
  readonly mutation?: true;
}

/** What the match conditions of webhooks find. */
export const webhookScope: ExpressionScope = {
  params: false,
  authorizer: true,
  namespaceObject: false,
  variables: undefined,
};

const kind = objectType('kubernetes.GroupVersionKind', {
  group: stringType,
  version: stringType,
  kind: stringType,
});
const resource = objectType('kubernetes.GroupVersionResource', {
  group: stringType,
  version: stringType,
  resource: stringType,
});
const userInfo = objectType('kubernetes.UserInfo', {
  username: stringType,
  uid: stringType,
  groups: listType(stringType),
  extra: mapType(stringType, listType(stringType)),
});

/** The type of `request`. */
const requestType = objectType('kubernetes.AdmissionRequest', {
  kind,
  resource,
  subResource: stringType,
  requestKind: kind,
  requestResource: resource,
  requestSubResource: stringType,
  name: stringType,
  namespace: stringType,
  operation: stringType,
  userInfo,
  dryRun: boolType,
  options: dynType,
});

const texts = mapType(stringType, stringType);

/** The type of `namespaceObject`. */
const namespaceType = objectType('kubernetes.Namespace', {
  metadata: objectType('kubernetes.NamespaceMetadata', {
    name: stringType,
    generateName: stringType,
    namespace: stringType,
    labels: texts,
    annotations: texts,
    UID: stringType,
    creationTimestamp: timestampType,
    deletionGracePeriodSeconds: intType,
    deletionTimestamp: timestampType,
    generation: intType,
    resourceVersion: stringType,
    finalizers: listType(stringType),
  }),
  spec: objectType('kubernetes.NamespaceSpec', { finalizers: listType(stringType) }),
  status: objectType('kubernetes.NamespaceStatus', { phase: stringType }),
});

/** An operation of the JSON patch that a mutation makes. */
export const jsonPatchType: ObjectType = {
  ...objectType('JSONPatch', {
    op: stringType,
    path: stringType,
    from: stringType,
    value: dynType,
  }),
  constructible: true,
};

/** `Object` and everything below it, such as `Object.spec.template`; its fields may hold anything. */
export const appliedObjectType = (name: string): ObjectType => ({
  kind: 'object',
  name,
  field: () => dynType,
  constructible: true,
});

function structType(name: string): ObjectType | undefined {
  if (name === 'JSONPatch') return jsonPatchType;
  return name === 'Object' || name.startsWith('Object.') ? appliedObjectType(name) : undefined;
}

/** Named in messages as `variables`. */
export const variablesTypeName = 'kubernetes.variables';

/** The environment of expressions in a scope. */
export function environmentOf(scope: ExpressionScope): Environment {
  return createEnvironment({
    variables: {
      object: dynType,
      oldObject: dynType,
      request: requestType,
      ...(scope.params ? { params: dynType } : {}),
      ...(scope.namespaceObject ? { namespaceObject: namespaceType } : {}),
      ...(scope.authorizer ? { authorizer: authorizerType } : {}),
      ...(scope.variables === undefined
        ? {}
        : { variables: objectType(variablesTypeName, scope.variables) }),
    },
    functions: [
      ...(scope.authorizer ? authorizerLibrary : []),
      ...(scope.mutation === true ? jsonPatchLibrary : []),
    ],
    ...(scope.mutation === true ? { structType } : {}),
  });
}
