/**
 * Every controller of the control plane, started together. They are API clients: they could as well run elsewhere.
 *
 * Called by `master/main.ts` on the master that leads.
 */
import type { KubeObject } from '../api/meta/v1/types.js';
import type { Client } from '../machinery/client/client.js';
import type { ControllerDefinition } from '../machinery/controller/controller.js';
import { runController, type ControllerDependencies } from '../machinery/controller/driver.js';
import type { ControllerAccount } from './authz/policy/controller-roles.js';
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
import { podGarbageCollector } from './controllers/pod-garbage-collector/controller.js';
import { replicaSetController } from './controllers/replica-set/controller.js';
import { resourceQuotaController } from './controllers/resource-quota/controller.js';
import {
  serviceAccountToken,
  type ServiceAccountTokenOptions,
} from './controllers/service-account-token/controller.js';
import { serviceAccountController } from './controllers/service-account/controller.js';
import { tokenCleaner } from './controllers/token-cleaner/controller.js';

export interface ControllersOptions extends Omit<ControllerDependencies, 'client'> {
  /** A client that acts as a service account of kube-system. */
  readonly clientFor: (account: ControllerAccount) => Client;
  /** Each node gets a /24 of it. */
  readonly podCidr: string;
  /** The authority's certificate, published to every namespace. */
  readonly caPem: string;
  /** How the cluster's authority signs. */
  readonly signing: CertificateSigningOptions;
  /** Signs tokens that are kept in Secrets. */
  readonly signToken: ServiceAccountTokenOptions['sign'];
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

const allControllers = (options: ControllersOptions): readonly Employed[] => [
  employ('namespace-controller', namespaceController()),
  employ('service-account-controller', serviceAccountController({ caCertificate: options.caPem })),
  employ('clusterrole-aggregation-controller', clusterRoleAggregation),
  employ('deployment-controller', deploymentController),
  employ('replicaset-controller', replicaSetController),
  employ('endpointslice-controller', endpointSliceController),
  employ('endpoint-controller', endpointsController),
  employ('node-controller', nodeIpam({ podCidr: options.podCidr })),
  employ(
    'node-controller',
    nodeLifecycleController({ detection: options.detection ?? 'standard' }),
  ),
  employ('pod-garbage-collector', podGarbageCollector()),
  employ('generic-garbage-collector', garbageCollector()),
  employ(
    'certificate-controller',
    certificateApproval({ ...options, client: options.clientFor('certificate-controller') }),
  ),
  employ('certificate-controller', certificateSigning(options.signing)),
  employ('certificate-controller', certificateCleaner()),
  employ(
    'service-account-token-controller',
    serviceAccountToken({
      client: options.clientFor('service-account-token-controller'),
      caPem: options.caPem,
      sign: options.signToken,
    }),
  ),
  employ('token-cleaner', tokenCleaner()),
  employ('resourcequota-controller', resourceQuotaController()),
];

/** Runs all controllers until the signal is aborted. The caller starts the informers, before or after. */
export async function startControllers(options: ControllersOptions): Promise<void> {
  await Promise.all(
    allControllers(options).map(async ({ account, definition }) => {
      await runController(definition, { ...options, client: options.clientFor(account) });
    }),
  );
}
