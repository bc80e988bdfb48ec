/**
 * Composes the API server's chain over the registries: admission, the handlers of subresources, the gate. Nothing here knows a kind by name except where Kubernetes gives one behaviour of its own.
 */
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { ResourceDefinition } from '../../api/schema/resource.js';
import type { Clock } from '../../machinery/clock/clock.js';
import type { Random } from '../../machinery/clock/random.js';
import { AdmissionChain } from '../admission/admission.js';
import type { AdmissionReader } from '../admission/admission.js';
import { namespaceLifecycle } from '../admission/namespace-lifecycle.js';
import { taintNewNodes } from '../admission/node-taints.js';
import { defaultTolerationSeconds, priority } from '../admission/pod-defaults.js';
import { serviceAccountAdmission } from '../admission/service-account.js';
import type { Authenticator } from '../authn/authenticator.js';
import type { TokenKeeper } from '../authn/service-account-tokens.js';
import type { Authorizer } from '../authz/authorizer.js';
import type { Registries } from '../registry/registries.js';
import { createRequestGate } from './request-gate.js';
import type { RequestGate } from './request-gate.js';
import { ResourceHandler } from './resource-handler.js';
import type { AdmissionFor } from './resource-handler.js';
import { finalizeHandler } from './subresources/finalize.js';
import { nodeCertificateHandler, nodeCertificatesPath } from './subresources/node-certificates.js';
import type { NodeCertificateSigner } from './subresources/node-certificates.js';
import {
  bindingHandler,
  ephemeralContainersHandler,
  evictionHandler,
  resizeHandler,
} from './subresources/pods.js';
import { reviewHandlers } from './subresources/reviews.js';
import { scaleHandler } from './subresources/scale.js';
import { commandHandler, logHandler, portForwardHandler } from './subresources/streams.js';
import type { SubresourceHandler } from './subresources/subresource.js';
import { tokenHandler } from './subresources/token.js';

export interface ApiOptions {
  readonly registries: Registries;
  readonly resources: readonly ResourceDefinition[];
  readonly authorizer: Authorizer;
  readonly authenticate: Authenticator;
  readonly tokens: TokenKeeper;
  readonly signNode: NodeCertificateSigner;
  readonly clock: Clock;
  readonly random: Random;
}

function admissionStep(options: ApiOptions): AdmissionFor {
  const reader: AdmissionReader = {
    find: (group, plural, key): KubeObject | undefined =>
      options.registries.find(group, plural)?.find(key)?.object,
  };
  const chain = new AdmissionChain([
    namespaceLifecycle(reader),
    taintNewNodes,
    serviceAccountAdmission(reader, options.random),
    priority,
    defaultTolerationSeconds,
  ]);
  return ({ user }, resource) => ({
    mutate: (attributes) => {
      chain.mutate({ ...attributes, resource, user });
    },
    validate: (attributes) => {
      chain.validate({ ...attributes, resource, user });
    },
  });
}

function specialHandlers(options: ApiOptions): ReadonlyMap<string, SubresourceHandler> {
  const { registries, authorizer, authenticate, clock } = options;
  const pods = registries.of('', 'pods');
  const handlers = new Map<string, SubresourceHandler>([
    ['/pods/binding', bindingHandler(pods, clock)],
    ['/pods/eviction', evictionHandler(pods)],
    ['/pods/ephemeralcontainers', ephemeralContainersHandler(pods)],
    ['/pods/resize', resizeHandler(pods)],
    ['/pods/log', logHandler(registries)],
    ['/pods/exec', commandHandler(registries, 'exec')],
    ['/pods/attach', commandHandler(registries, 'attach')],
    ['/pods/portforward', portForwardHandler(registries)],
    ['/namespaces/finalize', finalizeHandler(registries.of('', 'namespaces'))],
    ['/serviceaccounts/token', tokenHandler(registries, options.tokens)],
    [nodeCertificatesPath, nodeCertificateHandler(options.signNode)],
    ...reviewHandlers({ resources: options.resources, authorizer, authenticate }),
  ]);
  for (const registry of registries.all()) {
    const { group, plural, scale } = registry.resource;
    if (scale !== undefined)
      handlers.set(`${group}/${plural}/scale`, scaleHandler(registry, scale));
  }
  return handlers;
}

/** The gate every request passes, with everything behind it. */
export function createApi(options: ApiOptions): RequestGate {
  const handler = new ResourceHandler({
    registries: options.registries,
    admission: admissionStep(options),
    random: options.random,
    special: specialHandlers(options),
  });
  return createRequestGate(options.authorizer, handler);
}
