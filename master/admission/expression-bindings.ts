/** What the variables of CEL expressions stand for in one request. */
import { AuthorizerValue } from '../../api/admissionregistration/cel/authorizer.js';
import type { AccessQuestion } from '../../api/admissionregistration/cel/authorizer.js';
import type { AdmissionRequest } from '../../api/admission/v1/types.js';
import type { Binding } from '../../api/cel/program.js';
import type { Namespace } from '../../api/core/v1/types.js';
import { accountGroups, accountUsername, authenticatedGroup } from '../../api/user-names.js';
import type { AdmissionAttributes, AdmissionReader, ImmediateAuthorizer } from './admission.js';
import type { Requester } from '../../api/schema/resource.js';

export interface ExpressionContext {
  readonly reader: AdmissionReader;
  readonly authorize: ImmediateAuthorizer;
}

function accountUser({ namespace, name }: NonNullable<AccessQuestion['account']>): Requester {
  return {
    username: accountUsername(namespace, name),
    groups: [...accountGroups(namespace), authenticatedGroup],
  };
}

function authorizerFor(
  attributes: AdmissionAttributes,
  { authorize }: ExpressionContext,
): AuthorizerValue {
  const { resource, subresource, namespace, name, user } = attributes;
  const ask = ({ account, ...question }: AccessQuestion) =>
    authorize({ ...question, user: account === undefined ? user : accountUser(account) });
  const { group, version, plural } = resource;
  return new AuthorizerValue(ask, {
    resource: { group, version, plural, subresource, namespace, name },
  });
}

function namespaceOf(attributes: AdmissionAttributes, { reader }: ExpressionContext): unknown {
  const { namespace: name, resource } = attributes;
  if (name === '' || resource.scope !== 'Namespaced') return null;
  const found = reader.find('', 'namespaces', { namespace: '', name }) as Namespace | undefined;
  if (found === undefined) return null;
  const { metadata, spec, status } = found;
  const {
    uid,
    managedFields: _fields,
    ownerReferences: _owners,
    selfLink: _link,
    ...rest
  } = metadata;
  return { metadata: { ...rest, UID: uid }, spec, status };
}

/** Everything but params and variables; made when first read. */
export function bindingsOf(
  request: () => AdmissionRequest,
  attributes: AdmissionAttributes,
  context: ExpressionContext,
): Readonly<Record<string, Binding>> {
  return {
    object: () => request().object,
    oldObject: () => request().oldObject,
    request: () => {
      const { uid: _uid, object: _object, oldObject: _oldObject, ...shown } = request();
      return { name: '', namespace: '', subResource: '', requestSubResource: '', ...shown };
    },
    namespaceObject: () => namespaceOf(attributes, context),
    authorizer: () => authorizerFor(attributes, context),
  };
}
