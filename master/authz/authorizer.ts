/**
 * Decides whether a user may do what a request asks. Until RBAC is built, this is the whole policy: administrators may do
 * everything; nodes and the control plane may read and write; every other authenticated user may ask who they are and what
 * there is; everybody may ask for health and version.
 *
 * Called by the server after authentication. Anything not allowed here is refused.
 */

export interface AuthorizationRequest {
  readonly user: { readonly username: string; readonly groups: readonly string[] };
  readonly verb: string;
  /** Set for requests that concern a resource. */
  readonly resource?:
    | {
        readonly group: string;
        readonly version: string;
        readonly plural: string;
        readonly subresource: string;
        readonly namespace: string;
        readonly name: string;
      }
    | undefined;
  /** Set for requests that do not. */
  readonly path?: string | undefined;
}

export interface Decision {
  readonly allowed: boolean;
  /** For the answer to a SubjectAccessReview; empty when there is nothing to say. */
  readonly reason: string;
}

export type Authorizer = (request: AuthorizationRequest) => Decision;

const controlPlane = new Set([
  'system:kube-controller-manager',
  'system:kube-scheduler',
  'system:apiserver',
]);

/** Paths open to all, as the ClusterRole system:public-info-viewer lists them. */
const isPublic = (path: string): boolean =>
  /^\/(healthz|livez|readyz)(\/[\w-]+)*$|^\/version\/?$/.test(path);

const isDiscovery = (path: string): boolean =>
  /^\/(api|apis|openapi)(\/.*)?$|^\/\.well-known\//.test(path);

/** Reviews every authenticated user may ask for, about themselves. */
const selfReviews = new Set([
  'selfsubjectaccessreviews',
  'selfsubjectrulesreviews',
  'selfsubjectreviews',
]);

const allow = (reason: string): Decision => ({ allowed: true, reason });
const refuse: Decision = { allowed: false, reason: '' };

export const interimAuthorizer: Authorizer = ({ user, verb, resource, path }) => {
  if (user.groups.includes('system:masters')) return allow('member of system:masters');
  if (path !== undefined && isPublic(path) && verb === 'get') return allow('open to all');
  if (!user.groups.includes('system:authenticated')) return refuse;
  if (user.groups.includes('system:nodes')) return allow('member of system:nodes');
  if (controlPlane.has(user.username)) return allow('part of the control plane');
  if (path !== undefined) return isDiscovery(path) && verb === 'get' ? allow('discovery') : refuse;
  if (resource !== undefined && verb === 'create' && selfReviews.has(resource.plural)) {
    return allow('about themselves');
  }
  return user.groups.includes('system:bootstrappers') &&
    resource?.plural === 'certificatesigningrequests' &&
    (verb === 'create' ? ['', 'nodeclient'] : ['']).includes(resource.subresource) &&
    ['create', 'get', 'list', 'watch'].includes(verb)
    ? allow('bootstrap token')
    : refuse;
};
