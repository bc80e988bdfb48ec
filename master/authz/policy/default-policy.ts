/**
 * Every role and binding a cluster starts with. They are stored as objects like any other and brought up to date at each
 * start; see `master/bootstrap-policy.ts`.
 */
import type { NewObject } from '../../../api/meta/v1/types.js';
import type {
  ClusterRole,
  ClusterRoleBinding,
  Role,
  RoleBinding,
} from '../../../api/rbac/v1/types.js';
import type { Rule } from '../rules.js';
import { controllerRules, ownControllerRules } from './controller-roles.js';
import { peopleRoles } from './people-roles.js';
import {
  account,
  binding,
  clusterBinding,
  clusterRole,
  group,
  on,
  read,
  role,
  user,
  writeEvents,
} from './policy-words.js';
import { systemRoles } from './system-roles.js';

export interface Policy {
  readonly clusterRoles: readonly NewObject<ClusterRole>[];
  readonly clusterRoleBindings: readonly NewObject<ClusterRoleBinding>[];
  readonly roles: readonly NewObject<Role>[];
  readonly roleBindings: readonly NewObject<RoleBinding>[];
}

const controllerRoleName = (name: string): string => `system:controller:${name}`;
const ownRoleName = (name: string): string => `pintle:controller:${name}`;

const authenticated = group('system:authenticated');
const unauthenticated = group('system:unauthenticated');
const controllerManager = user('system:kube-controller-manager');
const scheduler = user('system:kube-scheduler');
const nodes = group('system:nodes');
const joining = group('system:bootstrappers');

const bindings = [
  clusterBinding('cluster-admin', [group('system:masters')]),
  clusterBinding('system:monitoring', [group('system:monitoring')]),
  clusterBinding('system:discovery', [authenticated]),
  clusterBinding('system:basic-user', [authenticated]),
  clusterBinding('system:public-info-viewer', [authenticated, unauthenticated]),
  clusterBinding('system:node-proxier', [user('system:kube-proxy')]),
  clusterBinding('system:kube-controller-manager', [controllerManager]),
  clusterBinding('system:kube-dns', [account('kube-dns')]),
  clusterBinding('system:kube-scheduler', [scheduler]),
  clusterBinding('system:volume-scheduler', [scheduler]),
  clusterBinding('system:service-account-issuer-discovery', [group('system:serviceaccounts')]),
  clusterBinding('system:cluster-trust-bundle-discovery', [group('system:serviceaccounts')]),
  // The node authoriser lets agents work; whoever wants RBAC to do it adds them here.
  clusterBinding('system:node', []),
];

/** Pintle's agents are proxy and DNS of their node too, and join by bootstrap tokens. */
const agentBindings = [
  clusterBinding('system:node-proxier', [nodes], 'pintle:node-proxier'),
  clusterBinding('system:kube-dns', [nodes], 'pintle:node-dns'),
  clusterBinding('system:node-bootstrapper', [joining], 'pintle:node-bootstrapper'),
  clusterBinding(
    'system:certificates.k8s.io:certificatesigningrequests:nodeclient',
    [joining],
    'pintle:node-approve-bootstrap',
  ),
  clusterBinding(
    'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient',
    [nodes],
    'pintle:node-approve-rotation',
  ),
  clusterBinding(
    'pintle:certificates.k8s.io:certificatesigningrequests:selfnodeserver',
    [nodes],
    'pintle:node-approve-serving',
  ),
];

const controllers: readonly (readonly [string, readonly Rule[]])[] =
  Object.entries(controllerRules);
const ownControllers = [...ownControllerRules];

const leaderLock = (name: string) => [
  on('', 'configmaps', 'watch'),
  on('', 'configmaps', 'get update', name),
];

const system = 'kube-system';
const open = 'kube-public';
const clusterInfoReader = 'pintle:cluster-info-reader';
const authenticationReader = 'extension-apiserver-authentication-reader';

const namespacedRoles = [
  role(system, authenticationReader, [
    on('', 'configmaps', read, 'extension-apiserver-authentication'),
  ]),
  role(
    system,
    'system::leader-locking-kube-controller-manager',
    leaderLock('kube-controller-manager'),
  ),
  role(system, 'system::leader-locking-kube-scheduler', leaderLock('kube-scheduler')),
  role(system, controllerRoleName('bootstrap-signer'), [on('', 'secrets', read)]),
  role(system, controllerRoleName('cloud-provider'), [
    on('', 'configmaps', 'create get list watch'),
  ]),
  role(system, controllerRoleName('token-cleaner'), [
    on('', 'secrets', 'delete get list watch'),
    writeEvents,
  ]),
  role(open, clusterInfoReader, [on('', 'configmaps', 'get', 'cluster-info')]),
  role(open, controllerRoleName('bootstrap-signer'), [
    on('', 'configmaps', read),
    on('', 'configmaps', 'update', 'cluster-info'),
    writeEvents,
  ]),
];

const lockBinding = (name: string) =>
  binding(system, `system::leader-locking-${name}`, [user(`system:${name}`), account(name)]);
const controllerBinding = (namespace: string, name: string) =>
  binding(namespace, controllerRoleName(name), [account(name)]);

const namespacedBindings = [
  binding(
    system,
    authenticationReader,
    [controllerManager, scheduler],
    `system::${authenticationReader}`,
  ),
  lockBinding('kube-controller-manager'),
  lockBinding('kube-scheduler'),
  controllerBinding(system, 'bootstrap-signer'),
  controllerBinding(system, 'cloud-provider'),
  controllerBinding(system, 'token-cleaner'),
  controllerBinding(open, 'bootstrap-signer'),
  // Whoever has nothing but a bootstrap token finds the cluster here, and checks what it says by the token.
  binding(open, clusterInfoReader, [user('system:anonymous')]),
];

export const defaultPolicy: Policy = {
  clusterRoles: [
    ...peopleRoles,
    ...systemRoles,
    ...controllers.map(([name, rules]) => clusterRole(controllerRoleName(name), rules)),
    ...ownControllers.map(([name, rules]) => clusterRole(ownRoleName(name), rules)),
  ],
  clusterRoleBindings: [
    ...bindings,
    ...agentBindings,
    ...controllers.map(([name]) => clusterBinding(controllerRoleName(name), [account(name)])),
    ...ownControllers.map(([name]) => clusterBinding(ownRoleName(name), [account(name)])),
  ],
  roles: namespacedRoles,
  roleBindings: namespacedBindings,
};
