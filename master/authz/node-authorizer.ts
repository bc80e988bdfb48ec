/**
 * The node authoriser: an agent works on its own node and pods, and reads what those pods refer to and nothing else of the
 * kind. What an agent may write within that is narrowed further by the admission plugin NodeRestriction.
 *
 * Stands before RBAC; what it does not allow, a role still may.
 */
import { nodeLeaseNamespace } from '../../api/core/v1/system-namespaces.js';
import type { Pod } from '../../api/core/v1/types.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import { parseFieldSelector } from '../../api/selectors/field.js';
import { SelectorError } from '../../api/selectors/label.js';
import { nodeNameOf } from '../../api/user-names.js';
import type { Authorizer, Decision, ResourceAttributes } from './authorizer.js';
import { mountSecretsOf } from './claimed-volumes.js';
import type { ClaimedVolume, ClaimedVolumes } from './claimed-volumes.js';
import type { NodePods } from './node-pods.js';
import {
  accountNameOf,
  claimsOf,
  configMapsOf,
  resourceClaimsOf,
  secretsOf,
} from './pod-references.js';
import { nodeRules } from './policy/node-rules.js';
import { allowsResource } from './rules.js';

/** Looks up one object as of every write acknowledged so far. */
export type FindObject = (
  group: string,
  plural: string,
  key: { readonly namespace: string; readonly name: string },
) => KubeObject | undefined;

export interface NodeAuthorizerOptions {
  readonly pods: NodePods;
  readonly volumes: ClaimedVolumes;
  readonly find: FindObject;
}

const allow: Decision = { allowed: true, reason: '' };
const no = (reason: string): Decision => ({ allowed: false, reason });

interface NodeRequest {
  readonly nodeName: string;
  readonly verb: string;
  readonly resource: ResourceAttributes;
}

type Check = (request: NodeRequest) => Decision;
type Related = (request: NodeRequest) => boolean;

/** Allows what concerns an object that the node has to do with. */
const ifRelated =
  (related: Related): Check =>
  (request) => {
    if (request.resource.name === '') return no('No Object name found');
    return related(request)
      ? allow
      : no(`no relationship found between node '${request.nodeName}' and this object`);
  };

const reading = new Set(['get', 'list', 'watch']);

/** Objects that are read one by one, also by a watch of one name. */
const readOneByOne =
  (related: Related): Check =>
  (request) => {
    const { verb, resource } = request;
    if (!reading.has(verb)) return no('can only read resources of this type');
    if (resource.subresource !== '') return no('cannot read subresource');
    if (resource.namespace === '') return no('can only read namespaced object of this type');
    return ifRelated(related)(request);
  };

const getOnly =
  (related: Related): Check =>
  (request) => {
    if (request.verb !== 'get') return no('can only get individual resources of this type');
    if (request.resource.subresource !== '') return no('cannot get subresource');
    return ifRelated(related)(request);
  };

const updateStatus =
  (related: Related): Check =>
  (request) =>
    request.verb === 'update' || request.verb === 'patch'
      ? ifRelated(related)(request)
      : no('can only get/update/patch this type');

/** The claims of pods, of which their node may say how they are. */
const readWithStatus =
  (related: Related): Check =>
  (request) =>
    (request.resource.subresource === 'status' ? updateStatus : getOnly)(related)(request);

/** Whether a list or watch selects what is on the node alone. */
function selectsOwn({ nodeName, resource }: NodeRequest): boolean {
  if (resource.fieldSelector === undefined) return false;
  try {
    return parseFieldSelector(resource.fieldSelector).some(
      ({ field, operator, value }) =>
        field === 'spec.nodeName' && operator === '=' && value === nodeName,
    );
  } catch (error) {
    if (error instanceof SelectorError) return false;
    throw error;
  }
}

const checkNode: Check = ({ nodeName, verb, resource }) => {
  const { subresource, name } = resource;
  if (subresource === 'status') {
    return verb === 'update' || verb === 'patch' ? allow : no('');
  }
  if (subresource !== '') return no('');
  if (['create', 'update', 'patch'].includes(verb)) return allow;
  if (!reading.has(verb)) return no('');
  if (name === nodeName) return allow;
  const others = name === '' ? 'all nodes' : `'${name}'`;
  return no(`node '${nodeName}' cannot read ${others}, only its own Node object`);
};

const ownLeaseVerbs = ['get', 'create', 'update', 'patch', 'delete'];

const checkLease: Check = ({ nodeName, verb, resource }) => {
  if (!ownLeaseVerbs.includes(verb)) {
    return no('can only get, create, update, patch, or delete a node lease');
  }
  if (resource.namespace !== nodeLeaseNamespace) {
    return no(`can only access leases in the "${nodeLeaseNamespace}" system namespace`);
  }
  return verb === 'create' || resource.name === nodeName
    ? allow
    : no('can only access node lease with the same name as the requesting node');
};

const checkCsiNode: Check = ({ nodeName, verb, resource }) => {
  if (!ownLeaseVerbs.includes(verb)) {
    return no('can only get, create, update, patch, or delete a CSINode');
  }
  if (resource.subresource !== '') return no('cannot authorize CSINode subresources');
  return verb === 'create' || resource.name === nodeName
    ? allow
    : no('can only access CSINode with the same name as the requesting node');
};

function checkPod(options: NodeAuthorizerOptions): Check {
  const isOwn: Related = ({ nodeName, resource: { namespace, name } }) => {
    const pod = options.find('', 'pods', { namespace, name }) as Pod | undefined;
    return pod?.spec.nodeName === nodeName;
  };
  return (request) => {
    const { verb, resource } = request;
    switch (resource.subresource) {
      case 'status':
        return verb === 'update' || verb === 'patch' ? allow : no('');
      case 'eviction':
        return verb === 'create' ? allow : no('');
      case '':
        break;
      default:
        return no('');
    }
    if (verb === 'create' || verb === 'delete') return allow;
    if (verb === 'get') return ifRelated(isOwn)(request);
    if (verb !== 'list' && verb !== 'watch') return no('');
    if (selectsOwn(request)) return allow;
    return resource.name === ''
      ? no('can only list/watch pods with spec.nodeName field selector')
      : ifRelated(isOwn)(request);
  };
}

function checkResourceSlice({ find }: NodeAuthorizerOptions): Check {
  const isOwn: Related = ({ nodeName, resource: { name } }) => {
    const slice = find('resource.k8s.io', 'resourceslices', { namespace: '', name });
    return (slice as { spec?: { nodeName?: string } } | undefined)?.spec?.nodeName === nodeName;
  };
  return (request) => {
    const { verb, resource } = request;
    if (resource.subresource !== '') return no('cannot authorize ResourceSlice subresources');
    switch (verb) {
      case 'create':
        return allow;
      case 'get':
      case 'update':
      case 'patch':
      case 'delete':
        return ifRelated(isOwn)(request);
      case 'list':
      case 'watch':
      case 'deletecollection':
        return selectsOwn(request)
          ? allow
          : no('can only list/watch/deletecollection resourceslices with nodeName field selector');
      default:
        return no(
          'only the following verbs are allowed for a ResourceSlice: get, create, update, patch, delete, list, watch, deletecollection',
        );
    }
  };
}

/** Whether pods of a node lead to an object. */
class Relations {
  private readonly options: NodeAuthorizerOptions;

  constructor(options: NodeAuthorizerOptions) {
    this.options = options;
  }

  readonly secret: Related = (request) =>
    this.someInNamespace(request, secretsOf) || this.isVolumeSecret(request);
  readonly configMap: Related = (request) => this.someInNamespace(request, configMapsOf);
  readonly claim: Related = (request) => this.someInNamespace(request, claimsOf);
  readonly resourceClaim: Related = (request) => this.someInNamespace(request, resourceClaimsOf);
  readonly account: Related = ({ nodeName, resource: { namespace, name } }) =>
    some(this.options.pods.on(nodeName, namespace), (pod) => accountNameOf(pod) === name);

  readonly volume: Related = ({ nodeName, resource }) =>
    some(this.volumesOf(nodeName), ({ metadata }) => metadata.name === resource.name);

  readonly attachment: Related = ({ nodeName, resource: { name } }) => {
    const key = { namespace: '', name };
    const found = this.options.find('storage.k8s.io', 'volumeattachments', key);
    return (found as { spec?: { nodeName?: string } } | undefined)?.spec?.nodeName === nodeName;
  };

  private someInNamespace(
    { nodeName, resource }: NodeRequest,
    namesOf: (pod: Pod) => ReadonlySet<string>,
  ): boolean {
    const pods = this.options.pods.on(nodeName, resource.namespace);
    return some(pods, (pod) => namesOf(pod).has(resource.name));
  }

  /** The volumes of the claims of a node's pods. */
  private *volumesOf(nodeName: string): Generator<ClaimedVolume> {
    for (const pod of this.options.pods.on(nodeName)) {
      const { namespace = '' } = pod.metadata;
      for (const name of claimsOf(pod)) yield* this.options.volumes.of(namespace, name);
    }
  }

  private isVolumeSecret({ nodeName, resource: { namespace, name } }: NodeRequest): boolean {
    return some(this.volumesOf(nodeName), (volume) =>
      mountSecretsOf(volume).some(
        (reference) => reference.name === name && reference.namespace === namespace,
      ),
    );
  }
}

function some<T>(values: Iterable<T>, test: (value: T) => boolean): boolean {
  for (const value of values) if (test(value)) return true;
  return false;
}

const createToken =
  (related: Related): Check =>
  (request) => {
    if (request.verb !== 'create' || request.resource.name === '') {
      return no('can only create tokens for individual service accounts');
    }
    return ifRelated(related)(request);
  };

/** The accounts that pods of the node run as. */
const checkAccount =
  (related: Related): Check =>
  (request) => {
    switch (request.resource.subresource) {
      case '':
        return getOnly(related)(request);
      case 'token':
        return createToken(related)(request);
      default:
        return no('can only create token subresource of serviceaccount');
    }
  };

/** By `group/plural`; of what is not here, the node's rules alone decide. */
function checksOf(options: NodeAuthorizerOptions): ReadonlyMap<string, Check> {
  const relations = new Relations(options);
  return new Map<string, Check>([
    ['/secrets', readOneByOne(relations.secret)],
    ['/configmaps', readOneByOne(relations.configMap)],
    ['/persistentvolumeclaims', readWithStatus(relations.claim)],
    ['/persistentvolumes', getOnly(relations.volume)],
    ['resource.k8s.io/resourceclaims', getOnly(relations.resourceClaim)],
    ['resource.k8s.io/resourceslices', checkResourceSlice(options)],
    ['storage.k8s.io/volumeattachments', getOnly(relations.attachment)],
    ['storage.k8s.io/csinodes', checkCsiNode],
    ['/serviceaccounts', checkAccount(relations.account)],
    ['coordination.k8s.io/leases', checkLease],
    ['/nodes', checkNode],
    ['/pods', checkPod(options)],
  ]);
}

/** Allows agents what they need; has no opinion on other users. */
export function createNodeAuthorizer(options: NodeAuthorizerOptions): Authorizer {
  const checks = checksOf(options);
  return ({ user, verb, resource }) => {
    const nodeName = nodeNameOf(user);
    if (nodeName === undefined || resource === undefined) return no('');
    if (nodeName === '') return no(`unknown node for user ${JSON.stringify(user.username)}`);
    const { group, plural, subresource } = resource;
    const own = checks.get(`${group}/${plural}`);
    if (own !== undefined) return own({ nodeName, verb, resource });
    const isRuled = nodeRules.some((rule) =>
      allowsResource(rule, { verb, group, plural, subresource }),
    );
    return isRuled ? allow : no('');
  };
}
