/** The objects that hold a policy's parameters under a binding. */
import { labelMatcherFrom, matchesLabels } from '../../../api/selectors/label.js';
import type { ParamKind, ParamRef } from '../../../api/admissionregistration/v1/types.js';
import type { KubeObject } from '../../../api/meta/v1/types.js';
import type { ResourceDefinition } from '../../../api/schema/resource.js';
import type { AdmissionReader } from '../admission.js';

/** The resource of a kind, where it is served. */
export type ResourceOfKind = (kind: {
  readonly apiVersion: string;
  readonly kind: string;
}) => ResourceDefinition | undefined;

/** The parameters cannot be had: the policy's failure policy decides. */
export class ParamsError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ParamsError';
  }
}

const kindText = ({ apiVersion = '', kind = '' }: ParamKind): string => {
  const slash = apiVersion.indexOf('/');
  const group = slash === -1 ? '' : apiVersion.slice(0, slash);
  return `${group}/${apiVersion.slice(slash + 1)}, Kind=${kind}`;
};

const unknownKind = (kind: ParamKind): string =>
  `failed to find resource referenced by paramKind: '${kindText(kind)}'`;

/** Why no binding of a policy can have parameters; undefined where nothing stands in the way. */
export function paramKindProblem(
  paramKind: ParamKind | undefined,
  resourceOfKind: ResourceOfKind,
): string | undefined {
  if (paramKind === undefined) return undefined;
  const { apiVersion = '', kind = '' } = paramKind;
  return resourceOfKind({ apiVersion, kind }) === undefined
    ? `failed to configure policy: ${unknownKind(paramKind)}`
    : undefined;
}

function paramsNamespace(
  { scope }: ResourceDefinition,
  reference: ParamRef,
  requestNamespace: string,
): string {
  const { namespace = '' } = reference;
  if (scope === 'Cluster') {
    if (namespace === '') return '';
    throw new ParamsError(
      'paramRef.namespace must not be provided for a cluster-scoped `paramKind`',
    );
  }
  if (namespace !== '') return namespace;
  if (requestNamespace !== '') return requestNamespace;
  throw new ParamsError(
    'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources',
  );
}

/** Null stands for a policy or binding without parameters. Throws ParamsError. */
export function paramsFor(
  options: {
    readonly paramKind: ParamKind | undefined;
    readonly paramRef: ParamRef | undefined;
    readonly namespace: string;
  },
  reader: AdmissionReader,
  resourceOfKind: ResourceOfKind,
): readonly (KubeObject | null)[] {
  const { paramKind, paramRef } = options;
  if (paramKind === undefined || paramRef === undefined) return [null];
  const { apiVersion = '', kind = '' } = paramKind;
  const resource = resourceOfKind({ apiVersion, kind });
  if (resource === undefined) throw new ParamsError(unknownKind(paramKind));
  const { group, plural } = resource;
  const namespace = paramsNamespace(resource, paramRef, options.namespace);
  const { name = '', selector, parameterNotFoundAction } = paramRef;
  let found: readonly KubeObject[];
  if (name !== '') {
    const object = reader.find(group, plural, { namespace, name });
    found = object === undefined ? [] : [object];
  } else {
    const matcher = labelMatcherFrom(selector ?? {});
    const list = reader.list(group, plural, namespace === '' ? undefined : namespace);
    found = list.filter(({ metadata }) => matchesLabels(matcher, metadata.labels));
  }
  if (found.length === 0 && parameterNotFoundAction === 'Deny') {
    throw new ParamsError('no params found for policy binding with `Deny` parameterNotFoundAction');
  }
  return found;
}
