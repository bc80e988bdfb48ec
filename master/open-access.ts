/** Opens authorisation as it is set up, over what the registries hold; every change of theirs counts from the moment it is acknowledged. */
import type { KubeObject } from '../api/meta/v1/types.js';
import type { ClusterRoleBinding, RoleBinding } from '../api/rbac/v1/types.js';
import { openKubeconfigService } from '../machinery/client/kubeconfig-service.js';
import type { Clock } from '../machinery/clock/clock.js';
import type { Logger } from '../machinery/log/log.js';
import type { Access } from './authz/access.js';
import { attributeAuthorizer, attributeRules } from './authz/attribute-policies.js';
import type { AttributePolicy } from './authz/attribute-policies.js';
import type { AuthorizerSettings, WebhookSettings } from './authz/authorization-configuration.js';
import { noAuthorizationMetrics } from './authz/authorization-metrics.js';
import type { AuthorizationMetrics } from './authz/authorization-metrics.js';
import { authorizersInTurn } from './authz/authorizer.js';
import type { Authorization } from './authz/authorizer.js';
import { ClaimedVolumes } from './authz/claimed-volumes.js';
import { createEscalationCheck } from './authz/escalation.js';
import { nodeNameOf } from '../api/user-names.js';
import { createNodeAuthorizer } from './authz/node-authorizer.js';
import { NodePods } from './authz/node-pods.js';
import type { HeldPod } from './authz/node-pods.js';
import { RbacAuthorizer } from './authz/rbac-authorizer.js';
import { RbacIndex } from './authz/rbac-index.js';
import type { Held } from './authz/rbac-index.js';
import type { Rule } from './authz/rules.js';
import { webhookAuthorizer } from './authz/webhook-authorizer.js';
import type { AuthorizationSetUp } from './read-authorization.js';
import type { Registries } from './registry/registries.js';
import { rbacGroup } from '../api/rbac/v1/validation.js';

function followRbac(registries: Registries, index: RbacIndex): void {
  for (const plural of ['roles', 'clusterroles']) {
    registries.of(rbacGroup, plural).store.follow((current, previous) => {
      const stored = current ?? previous;
      // The registry holds only objects of its kind.
      if (stored !== undefined) index.roleChanged(stored, current);
    });
  }
  const asBinding = (
    stored: Held<KubeObject> | undefined,
  ): RoleBinding | ClusterRoleBinding | undefined =>
    (stored as Held<RoleBinding | ClusterRoleBinding> | undefined)?.object;
  for (const plural of ['rolebindings', 'clusterrolebindings']) {
    registries.of(rbacGroup, plural).store.follow((current, previous) => {
      index.bindingChanged(asBinding(current), asBinding(previous));
    });
  }
}

/** What authorisation is made of. */
export interface AccessOptions {
  readonly registries: Registries;
  /** Absent for nodes and roles alone. */
  readonly setUp?: AuthorizationSetUp;
  readonly metrics?: AuthorizationMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** One authoriser, and what it can tell of everything a user may do. */
interface OpenAuthorizer {
  readonly authorize: Authorization;
  readonly rulesFor: Access['rulesFor'];
}

type Opened = Readonly<Record<'node' | 'rbac', OpenAuthorizer>>;

const noRules = { rules: [], errors: [], incomplete: false };
const everything: readonly Rule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

/** Who cannot tell everything somebody may do says so. */
const untold = (who: string): ReturnType<Access['rulesFor']> => ({
  rules: [],
  errors: [`${who} authorizer does not support user rule resolution`],
  incomplete: true,
});

const everythingIs = (allowed: boolean): OpenAuthorizer => ({
  authorize: () => ({ allowed, reason: allowed ? '' : 'Everything is forbidden.' }),
  rulesFor: () => ({ ...noRules, rules: allowed ? everything : [] }),
});

function openAttributes(policies: readonly AttributePolicy[]): OpenAuthorizer {
  return {
    authorize: attributeAuthorizer(policies),
    rulesFor: (user, namespace) => ({
      ...noRules,
      rules: attributeRules(policies, user, namespace),
    }),
  };
}

function openWebhook(
  name: string,
  settings: WebhookSettings,
  { metrics = noAuthorizationMetrics, clock, logger }: AccessOptions,
): OpenAuthorizer {
  const authorize = webhookAuthorizer({
    name,
    settings,
    ...openKubeconfigService(settings.kubeconfigFile),
    metrics,
    clock,
    logger,
  });
  return { authorize, rulesFor: () => untold('webhook') };
}

function openOne(
  settings: AuthorizerSettings,
  opened: Opened,
  options: AccessOptions,
): OpenAuthorizer {
  switch (settings.type) {
    case 'AlwaysAllow':
    case 'AlwaysDeny':
      return everythingIs(settings.type === 'AlwaysAllow');
    case 'ABAC':
      return openAttributes(options.setUp?.policies ?? []);
    case 'Webhook':
      return openWebhook(settings.name, settings.webhook, options);
    case 'RBAC':
      return opened.rbac;
    case 'Node':
      return opened.node;
  }
}

/** All of them, asked in turn. Throws KubeconfigError. */
function inTurn(
  settings: readonly AuthorizerSettings[],
  opened: Opened,
  options: AccessOptions,
): OpenAuthorizer {
  const all = settings.map((one) => openOne(one, opened, options));
  const { metrics = noAuthorizationMetrics } = options;
  const counted = settings.map(({ type, name }, index) =>
    metrics.counted(type, name, (all[index] ?? everythingIs(false)).authorize),
  );
  return {
    authorize: authorizersInTurn(counted),
    rulesFor: (user, namespace) => {
      const told = all.map(({ rulesFor }) => rulesFor(user, namespace));
      return {
        rules: told.flatMap(({ rules }) => rules),
        errors: told.flatMap(({ errors }) => errors),
        incomplete: told.some(({ incomplete }) => incomplete),
      };
    },
  };
}

function openNodes(registries: Registries): OpenAuthorizer {
  const pods = new NodePods();
  registries.of('', 'pods').store.follow((current, previous) => {
    pods.changed(current as HeldPod | undefined, previous as HeldPod | undefined);
  });
  const volumes = new ClaimedVolumes();
  registries.of('', 'persistentvolumes').store.follow((current, previous) => {
    volumes.changed(current, previous);
  });
  const authorize = createNodeAuthorizer({
    pods,
    volumes,
    find: (ownGroup, plural, key) => registries.find(ownGroup, plural)?.find(key)?.object,
  });
  const rulesFor: Access['rulesFor'] = (user) =>
    nodeNameOf(user) === undefined ? noRules : untold('node');
  return { authorize, rulesFor };
}

export interface OpenedAccess extends Access {
  /** Asks others from now on. Throws KubeconfigError where they cannot be reached that way. */
  readonly replace: (authorizers: readonly AuthorizerSettings[]) => void;
}

const standardAuthorizers: readonly AuthorizerSettings[] = [
  { type: 'Node', name: 'node' },
  { type: 'RBAC', name: 'rbac' },
];

/** Authorisation as it is set up, over the roles, bindings and pods that are stored. */
export function openAccess(options: AccessOptions): OpenedAccess {
  const { registries, setUp } = options;
  const index = new RbacIndex();
  followRbac(registries, index);
  const rbac = new RbacAuthorizer(index);
  const byRoles: OpenAuthorizer = {
    authorize: rbac.authorize,
    rulesFor: (user, namespace) => ({ ...rbac.rulesFor(user, namespace), incomplete: false }),
  };
  const opened: Opened = { node: openNodes(registries), rbac: byRoles };
  let current = inTurn(setUp?.authorizers ?? standardAuthorizers, opened, options);
  const authorizer: Authorization = (request) => current.authorize(request);
  return {
    authorizer,
    rulesFor: (user, namespace) => current.rulesFor(user, namespace),
    checkEscalation: createEscalationCheck({ index, rbac, authorizer }),
    replace: (authorizers) => {
      current = inTurn(authorizers, opened, options);
    },
  };
}
