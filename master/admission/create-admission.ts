/** Every admission plugin in the order Kubernetes runs them, and which of them run unless told otherwise. */
import type { Clock } from '../../machinery/clock/clock.js';
import type { Random } from '../../machinery/clock/random.js';
import { AdmissionChain } from './admission.js';
import type { AdmissionAuthorizer, AdmissionPlugin, AdmissionReader } from './admission.js';
import type { AdmissionMetrics } from './admission-metrics.js';
import { standardAdmissionSettings } from './configuration.js';
import type { AdmissionSettings } from './configuration.js';
import type { EquivalentsOf } from './equivalents.js';
import type { WebhookClient } from '../../machinery/client/webhook-client.js';
import { mutatingPolicies } from './policies/mutating.js';
import type { ResourceOfKind } from './policies/params.js';
import { validatingPolicies } from './policies/validating.js';
import { mutatingWebhooks } from './webhooks/mutating.js';
import type { Redecode } from './webhooks/mutating.js';
import { validatingWebhooks } from './webhooks/validating.js';
import type { WebhookMetrics } from './webhooks/webhook-metrics.js';
import { offByDefault } from './plugin-names.js';
import type { AdmissionSelection } from './plugin-names.js';
import { alwaysPullImages } from './plugins/always-pull-images.js';
import {
  certificateApproval,
  certificateSigning,
  certificateSubjectRestriction,
  clusterTrustBundleAttest,
} from './plugins/certificate-plugins.js';
import { defaultIngressClass } from './plugins/default-ingress-class.js';
import { defaultStorageClass } from './plugins/default-storage-class.js';
import { defaultTolerationSeconds } from './plugins/default-toleration-seconds.js';
import { denyServiceExternalIps } from './plugins/deny-service-external-ips.js';
import { eventRateLimit } from './plugins/event-rate-limit.js';
import { extendedResourceToleration } from './plugins/extended-resource-toleration.js';
import { limitPodHardAntiAffinityTopology } from './plugins/limit-pod-hard-anti-affinity-topology.js';
import { limitRanger } from './plugins/limit-ranger.js';
import { namespaceAutoProvision } from './plugins/namespace-auto-provision.js';
import type { CreateNamespace } from './plugins/namespace-auto-provision.js';
import { namespaceExists } from './plugins/namespace-exists.js';
import { namespaceLifecycle } from './plugins/namespace-lifecycle.js';
import { nodeRestriction } from './plugins/node-restriction.js';
import { persistentVolumeClaimResize } from './plugins/persistent-volume-claim-resize.js';
import { ownerReferencesPermission } from './plugins/owner-references-permission.js';
import { podNodeSelector } from './plugins/pod-node-selector.js';
import { podSecurity } from './plugins/pod-security.js';
import { podTolerationRestriction } from './plugins/pod-toleration-restriction.js';
import { podTopologyLabels } from './plugins/pod-topology-labels.js';
import { priority } from './plugins/priority.js';
import { resourceQuota } from './plugins/resource-quota.js';
import type { WriteUsed } from './plugins/quota-ledger.js';
import { runtimeClass } from './plugins/runtime-class.js';
import { serviceAccount } from './plugins/service-account.js';
import { storageObjectInUseProtection } from './plugins/storage-object-in-use-protection.js';
import { taintNodesByCondition } from './plugins/taint-nodes-by-condition.js';

export interface AdmissionOptions {
  readonly reader: AdmissionReader;
  readonly random: Random;
  readonly clock: Clock;
  readonly authorize: AdmissionAuthorizer;
  /** Writes what is used of a quota, as the API server itself. */
  readonly writeQuotaUsed: WriteUsed;
  readonly createNamespace: CreateNamespace;
  readonly redecode: Redecode;
  readonly equivalentsOf: EquivalentsOf;
  readonly resourceOfKind: ResourceOfKind;
  readonly webhooks: Readonly<Record<'mutating' | 'validating', Pick<WebhookClient, 'call'>>>;
  readonly webhookMetrics: WebhookMetrics;
  readonly metrics: AdmissionMetrics;
  /** What single plugins are told. */
  readonly settings?: AdmissionSettings | undefined;
  readonly selection?: AdmissionSelection | undefined;
}

/** Those that are off included. */
export function allPlugins(options: AdmissionOptions): readonly AdmissionPlugin[] {
  const { reader, random, clock, authorize, settings = standardAdmissionSettings } = options;
  const { redecode, equivalentsOf, resourceOfKind, webhooks, webhookMetrics: metrics } = options;
  const calling = { reader, random, clock, authorize, redecode, equivalentsOf, metrics };
  return [
    namespaceAutoProvision(reader, options.createNamespace),
    namespaceLifecycle(reader),
    namespaceExists(reader),
    limitPodHardAntiAffinityTopology,
    limitRanger(reader),
    serviceAccount({ reader, random, clock }),
    nodeRestriction(reader, authorize),
    taintNodesByCondition,
    alwaysPullImages,
    podSecurity(reader, settings.podSecurity),
    podNodeSelector(reader, settings.nodeSelectors),
    priority(reader),
    defaultTolerationSeconds(settings.tolerationSeconds),
    podTolerationRestriction(reader, settings.tolerations),
    eventRateLimit(clock, settings.eventLimits),
    extendedResourceToleration,
    defaultStorageClass(reader),
    persistentVolumeClaimResize(reader),
    storageObjectInUseProtection,
    ownerReferencesPermission({ authorize, resourceOfKind }),
    runtimeClass(reader),
    certificateApproval(authorize),
    certificateSigning(authorize),
    clusterTrustBundleAttest(authorize),
    certificateSubjectRestriction,
    defaultIngressClass(reader),
    denyServiceExternalIps,
    podTopologyLabels(reader),
    mutatingPolicies({ ...calling, resourceOfKind, policyMetrics: options.metrics }),
    mutatingWebhooks({ ...calling, client: webhooks.mutating }),
    validatingPolicies({ ...calling, resourceOfKind, policyMetrics: options.metrics }),
    validatingWebhooks({ ...calling, client: webhooks.validating }),
    resourceQuota({
      reader,
      clock,
      write: options.writeQuotaUsed,
      limited: settings.limitedResources,
    }),
  ];
}

/** The chain of the plugins selected. */
export function createAdmission(options: AdmissionOptions): AdmissionChain {
  const { clock, metrics } = options;
  const { enable = [], disable = [] } = options.selection ?? {};
  return new AdmissionChain(
    allPlugins(options).filter(
      ({ name }) => enable.includes(name) || (!offByDefault.has(name) && !disable.includes(name)),
    ),
    { monotonicMs: () => clock.monotonicMs(), stepEnded: metrics.stepEnded },
  );
}
