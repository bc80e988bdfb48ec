/**
 * The kinds of alpha and beta group versions, which are served where `--runtime-config` switches them on. Loaded only then: a
 * master that serves stable versions alone never builds these declarations.
 */
import {
  mutatingAdmissionPolicies,
  mutatingAdmissionPolicyBindings,
} from './admissionregistration/v1/mutating-admission-policy.js';
import { storageVersions } from './apiserverinternal/v1alpha1/storage-version.js';
import { clusterTrustBundles } from './certificates/v1beta1/cluster-trust-bundle.js';
import { podCertificateRequests } from './certificates/v1beta1/pod-certificate-request.js';
import { leaseCandidates } from './coordination/v1beta1/lease-candidate.js';
import { ipAddresses } from './networking/v1/ip-address.js';
import { serviceCidrs } from './networking/v1/service-cidr.js';
import { erased } from './resources.js';
import { deviceClasses } from './resource/v1/device-class.js';
import { resourceClaimTemplates } from './resource/v1/resource-claim-template.js';
import { resourceClaims } from './resource/v1/resource-claim.js';
import { resourceSlices } from './resource/v1/resource-slice.js';
import { resourcePoolStatusRequests } from './resource/v1alpha3/resource-pool-status-request.js';
import { olderClaims, olderClaimTemplates, olderSlices } from './resource/v1beta1/older-kinds.js';
import { deviceTaintRules } from './resource/v1beta2/device-taint-rule.js';
import { podGroups } from './scheduling/v1alpha2/pod-group.js';
import { workloads } from './scheduling/v1alpha2/workload.js';
import { alsoIn } from './schema/other-version.js';
import type { ResourceDefinition } from './schema/resource.js';
import { storageVersionMigrations } from './storagemigration/v1beta1/storage-version-migration.js';
import { volumeAttributesClasses } from './storage/v1/volume-attributes-class.js';

/** By group; within one, in the order of preference discovery gives them. */
export const preReleaseResources: readonly ResourceDefinition[] = [
  erased(alsoIn(mutatingAdmissionPolicies, { version: 'v1beta1', deprecated: 37 })),
  erased(alsoIn(mutatingAdmissionPolicyBindings, { version: 'v1beta1', deprecated: 37 })),
  erased(alsoIn(mutatingAdmissionPolicies, { version: 'v1alpha1', deprecated: 35 })),
  erased(alsoIn(mutatingAdmissionPolicyBindings, { version: 'v1alpha1', deprecated: 35 })),
  erased(clusterTrustBundles),
  erased(podCertificateRequests),
  erased(alsoIn(clusterTrustBundles, { version: 'v1alpha1', deprecated: 34 })),
  erased(leaseCandidates),
  erased(alsoIn(leaseCandidates, { version: 'v1alpha2', deprecated: 35 })),
  erased(storageVersions),
  erased(alsoIn(ipAddresses, { version: 'v1beta1', deprecated: 34 })),
  erased(alsoIn(serviceCidrs, { version: 'v1beta1', deprecated: 34 })),
  erased(deviceTaintRules),
  erased(alsoIn(deviceClasses, { version: 'v1beta2', deprecated: 36 })),
  erased(alsoIn(resourceClaims, { version: 'v1beta2', deprecated: 36 })),
  erased(alsoIn(resourceClaimTemplates, { version: 'v1beta2', deprecated: 36 })),
  erased(alsoIn(resourceSlices, { version: 'v1beta2', deprecated: 36 })),
  erased(alsoIn(deviceClasses, { version: 'v1beta1', deprecated: 35 })),
  olderClaims,
  olderClaimTemplates,
  olderSlices,
  erased(alsoIn(deviceTaintRules, { version: 'v1alpha3', deprecated: 36 })),
  erased(resourcePoolStatusRequests),
  erased(podGroups),
  erased(workloads),
  erased(alsoIn(volumeAttributesClasses, { version: 'v1beta1', deprecated: 34 })),
  erased(storageVersionMigrations),
];
