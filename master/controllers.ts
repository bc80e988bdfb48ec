/**
 * Every controller of the control plane, started together. They are API clients: they could as well run elsewhere.
 *
 * Called by `control-plane.ts`.
 */
import type { KubeObject } from '../api/meta/v1/types.js';
import { watchableResources } from '../api/resources.js';
import type { ResourceDefinition } from '../api/schema/resource.js';
import type { Client } from '../machinery/client/client.js';
import type { ControllerDefinition } from '../machinery/controller/controller.js';
import { runController, type ControllerDependencies } from '../machinery/controller/driver.js';
import type { ControllerAccount } from './authz/policy/controller-roles.js';
import { controllerNames } from './controller-names.js';
import type { ControllerName } from './controller-names.js';
import { bootstrapSigner } from './controllers/bootstrap-signer/controller.js';
import { certificateApproval } from './controllers/certificate-approval/controller.js';
import { certificateCleaner } from './controllers/certificate-cleaner/controller.js';
import {
  certificateSigning,
  type CertificateSigningOptions,
} from './controllers/certificate-signing/controller.js';
import { clusterRoleAggregation } from './controllers/cluster-role-aggregation/controller.js';
import { deploymentController } from './controllers/deployment/controller.js';
import { endpointSliceController } from './controllers/endpoint-slice/controller.js';
import { endpointsController } from './controllers/endpoints/controller.js';
import { garbageCollector } from './controllers/garbage-collector/controller.js';
import { namespaceController } from './controllers/namespace/controller.js';
import { nodeIpam } from './controllers/node-ipam/controller.js';
import {
  nodeLifecycleController,
  type NodeLifecycleOptions,
} from './controllers/node-lifecycle/controller.js';
import { claimProtection } from './controllers/persistent-volume-claim-protection/controller.js';
import { volumeProtection } from './controllers/persistent-volume-protection/controller.js';
import { podGarbageCollector } from './controllers/pod-garbage-collector/controller.js';
import { replicaSetController } from './controllers/replica-set/controller.js';
import { resourceQuotaController } from './controllers/resource-quota/controller.js';
import {
  serviceAccountToken,
  type ServiceAccountTokenOptions,
} from './controllers/service-account-token/controller.js';
import { serviceAccountController } from './controllers/service-account/controller.js';
import { serviceCidrController } from './controllers/service-cidr/controller.js';
import { tokenCleaner } from './controllers/token-cleaner/controller.js';
import { validatingAdmissionPolicyStatus } from './controllers/validating-admission-policy-status/controller.js';
import { attributesClassProtection } from './controllers/volume-attributes-class-protection/controller.js';

export interface ControllersOptions extends Omit<ControllerDependencies, 'client'> {
  /** A client that acts as a service account of kube-system. */
  readonly clientFor: (account: ControllerAccount) => Client;
  /** What is served. */
  readonly resources: readonly ResourceDefinition[];
  /** Each node gets a /24 of it. */
  readonly podCidr: string;
  /** The authority's certificate, published to every namespace. */
  readonly caPem: string;
  /** How the cluster's authority signs. */
  readonly signing: CertificateSigningOptions;
  /** Signs tokens that are kept in Secrets. */
  readonly signToken: ServiceAccountTokenOptions['sign'];
  /** Those that are not to run. */
  readonly disabled?: readonly ControllerName[];
  /** How soon a silent node counts as unreachable; `standard` when absent. */
  readonly detection?: NodeLifecycleOptions['detection'];
}

type AnyController = ControllerDefinition<KubeObject, unknown>;

/** A controller and the service account of kube-system as which it writes; `authz/policy` says what that may do. */
interface Employed {
  readonly account: ControllerAccount;
  readonly definition: AnyController;
}

/** Forgets what a controller's snapshots look like; the driver only carries them from one function to the other. */
const employ = <P extends KubeObject, S>(
  account: ControllerAccount,
  definition: ControllerDefinition<P, S>,
): Employed => ({ account, definition: definition as unknown as AnyController });

function allControllers(options: ControllersOptions): Readonly<Record<ControllerName, Employed>> {
  const watchable = watchableResources(options.resources);
  return {
    namespace: employ('namespace-controller', namespaceController(watchable)),
    'service-account': employ(
      'service-account-controller',
      serviceAccountController({ caCertificate: options.caPem }),
    ),
    'cluster-role-aggregation': employ(
      'clusterrole-aggregation-controller',
      clusterRoleAggregation,
    ),
    deployment: employ('deployment-controller', deploymentController),
    'replica-set': employ('replicaset-controller', replicaSetController),
    'endpoint-slice': employ('endpointslice-controller', endpointSliceController),
    endpoints: employ('endpoint-controller', endpointsController),
    'node-ipam': employ('node-controller', nodeIpam({ podCidr: options.podCidr })),
    'node-lifecycle': employ(
      'node-controller',
      nodeLifecycleController({ detection: options.detection ?? 'standard' }),
    ),
    'pod-garbage-collector': employ('pod-garbage-collector', podGarbageCollector()),
    'garbage-collector': employ('generic-garbage-collector', garbageCollector(watchable)),
    'certificate-approval': employ(
      'certificate-controller',
      certificateApproval({ ...options, client: options.clientFor('certificate-controller') }),
    ),
    'certificate-signing': employ('certificate-controller', certificateSigning(options.signing)),
    'certificate-cleaner': employ('certificate-controller', certificateCleaner()),
    'service-account-token': employ(
      'service-account-token-controller',
      serviceAccountToken({
        client: options.clientFor('service-account-token-controller'),
        caPem: options.caPem,
        sign: options.signToken,
      }),
    ),
    'bootstrap-signer': employ('bootstrap-signer', bootstrapSigner()),
    'token-cleaner': employ('token-cleaner', tokenCleaner()),
    'resource-quota': employ('resourcequota-controller', resourceQuotaController(watchable)),
    'validating-admission-policy-status': employ(
      'validatingadmissionpolicy-status-controller',
      validatingAdmissionPolicyStatus(options.resources),
    ),
    'persistent-volume-claim-protection': employ(
      'pvc-protection-controller',
      claimProtection({ client: options.clientFor('pvc-protection-controller') }),
    ),
    'persistent-volume-protection': employ('pv-protection-controller', volumeProtection),
    'volume-attributes-class-protection': employ(
      'volumeattributesclass-protection-controller',
      attributesClassProtection,
    ),
    'service-cidr': employ('service-cidrs-controller', serviceCidrController),
  };
}

/** Whether everything a controller follows is served; without, it would wait for ever. */
function canWork(
  { primary, watches }: AnyController,
  resources: readonly ResourceDefinition[],
): boolean {
  return [primary, ...watches.map(({ resource }) => resource)].every((followed) =>
    resources.some(
      ({ group, version, plural }) =>
        group === followed.group && version === followed.version && plural === followed.plural,
    ),
  );
}

/** Runs controllers until the signal is aborted. The caller starts the informers, before or after. */
export async function startControllers(options: ControllersOptions): Promise<void> {
  const { disabled = [] } = options;
  const all = allControllers(options);
  const running = controllerNames.filter((name) => {
    if (disabled.includes(name)) return false;
    const isPossible = canWork(all[name].definition, options.resources);
    if (!isPossible) options.logger.info('controller without what it follows', { name });
    return isPossible;
  });
  await Promise.all(
    running.map(async (name) => {
      const { account, definition } = all[name];
      await runController(definition, { ...options, client: options.clientFor(account) });
    }),
  );
}
