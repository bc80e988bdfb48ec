/**
 * Every kind Pintle serves from the start, in one list. The server derives routes, discovery, OpenAPI and storage from
 * it; CustomResourceDefinitions add to it at run time.
 */
import {
  mutatingAdmissionPolicies,
  mutatingAdmissionPolicyBindings,
} from './admissionregistration/v1/mutating-admission-policy.js';
import {
  validatingAdmissionPolicies,
  validatingAdmissionPolicyBindings,
} from './admissionregistration/v1/validating-admission-policy.js';
import {
  mutatingWebhookConfigurations,
  validatingWebhookConfigurations,
} from './admissionregistration/v1/webhook-configuration.js';
import { apiServices } from './apiregistration/v1/api-service.js';
import { customResourceDefinitions } from './apiextensions/v1/custom-resource-definition.js';
import { controllerRevisions } from './apps/v1/controller-revision.js';
import { daemonSets } from './apps/v1/daemon-set.js';
import { deployments } from './apps/v1/deployment.js';
import { replicaSets } from './apps/v1/replica-set.js';
import { statefulSets } from './apps/v1/stateful-set.js';
import { selfSubjectReviews } from './authentication/v1/self-subject-review.js';
import { tokenReviews } from './authentication/v1/token-review.js';
import {
  localSubjectAccessReviews,
  selfSubjectAccessReviews,
  selfSubjectRulesReviews,
  subjectAccessReviews,
} from './authorization/v1/access-review.js';
import { horizontalPodAutoscalers as firstAutoscalers } from './autoscaling/v1/horizontal-pod-autoscaler.js';
import { horizontalPodAutoscalers } from './autoscaling/v2/horizontal-pod-autoscaler.js';
import { cronJobs } from './batch/v1/cron-job.js';
import { jobs } from './batch/v1/job.js';
import { certificateSigningRequests } from './certificates/v1/certificate-signing-request.js';
import { leases } from './coordination/v1/lease.js';
import { bindings } from './core/v1/binding.js';
import { componentStatuses } from './core/v1/component-status.js';
import { configMaps } from './core/v1/config-map.js';
import { endpoints } from './core/v1/endpoints.js';
import { events as coreEvents } from './core/v1/event.js';
import { limitRanges } from './core/v1/limit-range.js';
import { namespaces } from './core/v1/namespace.js';
import { nodes } from './core/v1/node.js';
import { persistentVolumes } from './core/v1/persistent-volume.js';
import { persistentVolumeClaims } from './core/v1/persistent-volume-claim.js';
import { pods } from './core/v1/pod/pod.js';
import { podTemplates } from './core/v1/pod-template.js';
import { replicationControllers } from './core/v1/replication-controller.js';
import { resourceQuotas } from './core/v1/resource-quota.js';
import { secrets } from './core/v1/secret.js';
import { serviceAccounts } from './core/v1/service-account.js';
import { services } from './core/v1/service.js';
import { endpointSlices } from './discovery/v1/endpoint-slice.js';
import { events } from './events/v1/event.js';
import { flowSchemas } from './flowcontrol/v1/flow-schema.js';
import { priorityLevelConfigurations } from './flowcontrol/v1/priority-level-configuration.js';
import type { KubeObject } from './meta/v1/types.js';
import { ingressClasses } from './networking/v1/ingress-class.js';
import { ingresses } from './networking/v1/ingress.js';
import { ipAddresses } from './networking/v1/ip-address.js';
import { networkPolicies } from './networking/v1/network-policy.js';
import { serviceCidrs } from './networking/v1/service-cidr.js';
import { runtimeClasses } from './node/v1/runtime-class.js';
import { deviceClasses } from './resource/v1/device-class.js';
import { resourceClaimTemplates } from './resource/v1/resource-claim-template.js';
import { resourceClaims } from './resource/v1/resource-claim.js';
import { resourceSlices } from './resource/v1/resource-slice.js';
import { podDisruptionBudgets } from './policy/v1/pod-disruption-budget.js';
import { priorityClasses } from './scheduling/v1/priority-class.js';
import { csiDrivers } from './storage/v1/csi-driver.js';
import { csiNodes } from './storage/v1/csi-node.js';
import { csiStorageCapacities } from './storage/v1/csi-storage-capacity.js';
import { storageClasses } from './storage/v1/storage-class.js';
import { volumeAttachments } from './storage/v1/volume-attachment.js';
import { volumeAttributesClasses } from './storage/v1/volume-attributes-class.js';
import { clusterRoleBindings, roleBindings } from './rbac/v1/binding.js';
import { clusterRoles, roles } from './rbac/v1/role.js';
import type { ResourceDefinition, ResourceRef } from './schema/resource.js';

/** Forgets the type of a resource's objects. Sound because the registry gives a resource only objects of its kind. */
export const erased = <T extends KubeObject>(resource: ResourceDefinition<T>): ResourceDefinition =>
  resource as unknown as ResourceDefinition;

/** The built-in resources, grouped by API group and in the order discovery lists them. */
export const builtInResources: readonly ResourceDefinition[] = [
  erased(bindings),
  erased(componentStatuses),
  erased(configMaps),
  erased(endpoints),
  erased(coreEvents),
  erased(limitRanges),
  erased(namespaces),
  erased(nodes),
  erased(persistentVolumes),
  erased(persistentVolumeClaims),
  erased(pods),
  erased(podTemplates),
  erased(replicationControllers),
  erased(resourceQuotas),
  erased(secrets),
  erased(serviceAccounts),
  erased(services),
  erased(mutatingAdmissionPolicies),
  erased(mutatingAdmissionPolicyBindings),
  erased(mutatingWebhookConfigurations),
  erased(validatingAdmissionPolicies),
  erased(validatingAdmissionPolicyBindings),
  erased(validatingWebhookConfigurations),
  erased(apiServices),
  erased(customResourceDefinitions),
  erased(controllerRevisions),
  erased(daemonSets),
  erased(deployments),
  erased(replicaSets),
  erased(statefulSets),
  erased(events),
  erased(selfSubjectReviews),
  erased(tokenReviews),
  erased(localSubjectAccessReviews),
  erased(selfSubjectAccessReviews),
  erased(selfSubjectRulesReviews),
  erased(subjectAccessReviews),
  erased(horizontalPodAutoscalers),
  erased(firstAutoscalers),
  erased(cronJobs),
  erased(jobs),
  erased(certificateSigningRequests),
  erased(leases),
  erased(endpointSlices),
  erased(flowSchemas),
  erased(priorityLevelConfigurations),
  erased(ingressClasses),
  erased(ingresses),
  erased(ipAddresses),
  erased(networkPolicies),
  erased(serviceCidrs),
  erased(runtimeClasses),
  erased(deviceClasses),
  erased(resourceClaims),
  erased(resourceClaimTemplates),
  erased(resourceSlices),
  erased(podDisruptionBudgets),
  erased(priorityClasses),
  erased(csiDrivers),
  erased(csiNodes),
  erased(csiStorageCapacities),
  erased(storageClasses),
  erased(volumeAttachments),
  erased(volumeAttributesClasses),
  erased(clusterRoleBindings),
  erased(clusterRoles),
  erased(roleBindings),
  erased(roles),
];

/**
 * How to address each of the resources that has objects to watch, once where it is served in several versions: as it is stored,
 * if that version is among them. What is answered on the spot is not.
 */
export function watchableResources(
  resources: readonly ResourceDefinition[],
): readonly ResourceRef[] {
  const found = new Map<string, ResourceDefinition>();
  for (const resource of resources.filter(({ verbs }) => verbs.includes('watch'))) {
    const { group, plural } = resource.storedAs ?? resource;
    const name = `${group}/${plural}`;
    if (resource.storedAs === undefined || !found.has(name)) found.set(name, resource);
  }
  return [...found.values()].map(({ group, version, kind, plural, scope }) => ({
    group,
    version,
    kind,
    plural,
    scope,
  }));
}
