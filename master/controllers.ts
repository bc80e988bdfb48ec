/**
 * Every controller of the control plane, started together. They are API clients: they could as well run elsewhere.
 *
 * Called by `master/main.ts` on the master that leads.
 */
import type { KubeObject } from '../api/meta/v1/types.js';
import type { ControllerDefinition } from '../machinery/controller/controller.js';
import { runController, type ControllerDependencies } from '../machinery/controller/driver.js';
import { certificateApproval } from './controllers/certificate-approval/controller.js';
import { certificateCleaner } from './controllers/certificate-cleaner/controller.js';
import {
  certificateSigning,
  type CertificateSigningOptions,
} from './controllers/certificate-signing/controller.js';
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
import { serviceAccountController } from './controllers/service-account/controller.js';

export interface ControllersOptions extends ControllerDependencies {
  /** Each node gets a /24 of it. */
  readonly podCidr: string;
  /** The authority's certificate, published to every namespace. */
  readonly caPem: string;
  /** How the cluster's authority signs. */
  readonly signing: CertificateSigningOptions;
  /** How soon a silent node counts as unreachable; `standard` when absent. */
  readonly detection?: NodeLifecycleOptions['detection'];
}

type AnyController = ControllerDefinition<KubeObject, unknown>;

/** Forgets what a controller's snapshots look like; the driver only carries them from one function to the other. */
const erased = <P extends KubeObject, S>(definition: ControllerDefinition<P, S>): AnyController =>
  definition as unknown as AnyController;

const allControllers = (options: ControllersOptions): readonly AnyController[] => [
  erased(namespaceController()),
  erased(serviceAccountController({ caCertificate: options.caPem })),
  erased(deploymentController),
  erased(replicaSetController),
  erased(endpointSliceController),
  erased(endpointsController),
  erased(nodeIpam({ podCidr: options.podCidr })),
  erased(nodeLifecycleController({ detection: options.detection ?? 'standard' })),
  erased(podGarbageCollector()),
  erased(garbageCollector()),
  erased(certificateApproval(options)),
  erased(certificateSigning(options.signing)),
  erased(certificateCleaner()),
];

/** Runs all controllers until the signal is aborted. The caller starts the informers, before or after. */
export async function startControllers(options: ControllersOptions): Promise<void> {
  await Promise.all(
    allControllers(options).map(async (definition) => {
      await runController(definition, options);
    }),
  );
}
