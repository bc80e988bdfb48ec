/**
 * Composes the API server's chain over the registries: admission, the handlers of subresources, the gate. Nothing here knows a kind by name except where Kubernetes gives one behaviour of its own.
 */
import type { ResourceDefinition } from '../../api/schema/resource.js';
import { WebhookClient } from '../../machinery/client/webhook-client.js';
import type { CredentialsFor } from '../../machinery/client/webhook-credentials.js';
import type { Clock } from '../../machinery/clock/clock.js';
import type { Random } from '../../machinery/clock/random.js';
import type { AdmissionChain } from '../admission/admission.js';
import { noAdmissionMetrics } from '../admission/admission-metrics.js';
import type { AdmissionMetrics } from '../admission/admission-metrics.js';
import type { AdmissionSettings } from '../admission/configuration.js';
import { createAdmission } from '../admission/create-admission.js';
import type { AdmissionSelection } from '../admission/plugin-names.js';
import { noWebhookMetrics } from '../admission/webhooks/webhook-metrics.js';
import type { WebhookMetrics } from '../admission/webhooks/webhook-metrics.js';
import type { TokenReviewer } from '../authn/authenticator.js';
import type { TokenIssuer } from '../authn/service-account-tokens.js';
import type { Access } from '../authz/access.js';
import type { Registries } from '../registry/registries.js';
import { noAccessMetrics } from './access-metrics.js';
import type { AccessMetrics } from './access-metrics.js';
import { equivalentsIn, redecode, resourceOfKindIn } from './admission-objects.js';
import { admissionReader, admissionStepOf } from './admission-step.js';
import { checkedForCreation } from './creation-step.js';
import { checkedForEscalation } from './escalation-step.js';
import { namespaceCreator, quotaWriter } from './admission-writes.js';
import { componentStatusHandler } from './component-statuses.js';
import type { HealthCheck } from './health.js';
import type { ClusterConnector } from './proxy/cluster-connector.js';
import { createRequestGate } from './request-gate.js';
import type { RequestGate } from './request-gate.js';
import { ResourceHandler } from './resource-handler.js';
import { approvalHandler } from './subresources/approval.js';
import { evictionHandler } from './subresources/eviction.js';
import { finalizeHandler } from './subresources/finalize.js';
import {
  bindingHandler,
  ephemeralContainersHandler,
  oldBindingHandler,
  resizeHandler,
} from './subresources/pods.js';
import { proxyHandlers } from './subresources/proxy.js';
import { reviewHandlers } from './subresources/reviews.js';
import { commandHandler, logHandler, portForwardHandler } from './subresources/streams.js';
import type { SubresourceHandler } from './subresources/subresource.js';
import { tokenHandler } from './subresources/token.js';
import { tokenReviewHandler } from './subresources/token-review.js';

export interface ApiOptions {
  readonly registries: Registries;
  readonly resources: readonly ResourceDefinition[];
  readonly access: Access;
  readonly reviewToken: TokenReviewer;
  readonly tokens: TokenIssuer;
  /** The way to what runs in the cluster. */
  readonly cluster: ClusterConnector;
  readonly clock: Clock;
  readonly random: Random;
  /** Which admission plugins run beside, or not among, those on by default. */
  readonly admission?: AdmissionSelection;
  /** What single plugins are told. */
  readonly admissionSettings?: AdmissionSettings;
  /** Who admission webhooks are called as. */
  readonly webhookCredentials?: Readonly<
    Record<'mutating' | 'validating', CredentialsFor | undefined>
  >;
  readonly webhookMetrics?: WebhookMetrics;
  readonly admissionMetrics?: AdmissionMetrics;
  readonly accessMetrics?: AccessMetrics;
  /** The parts of the control plane, for who asks how they are. */
  readonly parts?: readonly HealthCheck[];
}

function admissionChain(options: ApiOptions): AdmissionChain {
  const { registries, random, clock, access, cluster } = options;
  const clientAs = (credentials: CredentialsFor | undefined): WebhookClient =>
    new WebhookClient((target) => cluster.toService(target), credentials);
  return createAdmission({
    reader: admissionReader(registries),
    random,
    clock,
    authorize: access.authorizer,
    writeQuotaUsed: quotaWriter(registries),
    createNamespace: namespaceCreator(registries),
    redecode,
    equivalentsOf: equivalentsIn(registries),
    resourceOfKind: resourceOfKindIn(registries),
    webhooks: {
      mutating: clientAs(options.webhookCredentials?.mutating),
      validating: clientAs(options.webhookCredentials?.validating),
    },
    webhookMetrics: options.webhookMetrics ?? noWebhookMetrics,
    metrics: options.admissionMetrics ?? noAdmissionMetrics,
    selection: options.admission,
    settings: options.admissionSettings,
  });
}

function specialHandlers(options: ApiOptions): ReadonlyMap<string, SubresourceHandler> {
  const { registries, access, clock, cluster } = options;
  const pods = registries.of('', 'pods');
  const requests = registries.of('certificates.k8s.io', 'certificatesigningrequests');
  return new Map<string, SubresourceHandler>([
    ['/pods/binding', bindingHandler(pods, clock)],
    ['/v1/bindings', oldBindingHandler(pods, clock)],
    [
      '/pods/eviction',
      evictionHandler({ pods, budgets: registries.of('policy', 'poddisruptionbudgets'), clock }),
    ],
    ['/pods/ephemeralcontainers', ephemeralContainersHandler(pods)],
    ['/pods/resize', resizeHandler(pods)],
    ['/pods/log', logHandler(registries)],
    ['/pods/exec', commandHandler(registries, 'exec')],
    ['/pods/attach', commandHandler(registries, 'attach')],
    ['/pods/portforward', portForwardHandler(registries)],
    ['certificates.k8s.io/certificatesigningrequests/approval', approvalHandler(requests, clock)],
    ['/namespaces/finalize', finalizeHandler(registries.of('', 'namespaces'))],
    ['/serviceaccounts/token', tokenHandler(registries, options.tokens)],
    ...proxyHandlers({ registries, cluster }),
    ...reviewHandlers({ resources: options.resources, access, clock }),
    [
      'authentication.k8s.io/v1/tokenreviews',
      tokenReviewHandler({
        reviewToken: options.reviewToken,
        apiAudience: options.tokens.issuer,
        clock,
      }),
    ],
  ]);
}

/** The gate every request passes, with everything behind it. */
export function createApi(options: ApiOptions): RequestGate {
  const handler = new ResourceHandler({
    registries: options.registries,
    resources: options.resources,
    admission: checkedForCreation(
      options.access.authorizer,
      checkedForEscalation(
        options.access.checkEscalation,
        admissionStepOf(admissionChain(options)),
      ),
    ),
    random: options.random,
    special: specialHandlers(options),
    computed: new Map([['/componentstatuses', componentStatusHandler(options.parts ?? [])]]),
  });
  return createRequestGate({
    authorization: options.access.authorizer,
    handler,
    metrics: options.accessMetrics ?? noAccessMetrics,
    clock: options.clock,
  });
}
