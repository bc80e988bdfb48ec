/**
 * The kinds of alpha and beta group versions, which are served where `--runtime-config` switches them on. Loaded only then: a
 * master that serves stable versions alone never builds these declarations.
 */
import {
  mutatingAdmissionPolicies,
  mutatingAdmissionPolicyBindings,
} from './admissionregistration/v1/mutating-admission-policy.js';
import type { KubeObject } from './meta/v1/types.js';
import { ipAddresses } from './networking/v1/ip-address.js';
import { serviceCidrs } from './networking/v1/service-cidr.js';
import { deviceClasses } from './resource/v1/device-class.js';
import { resourceClaimTemplates } from './resource/v1/resource-claim-template.js';
import { resourceClaims } from './resource/v1/resource-claim.js';
import { resourceSlices } from './resource/v1/resource-slice.js';
import { alsoIn } from './schema/other-version.js';
import type { ResourceDefinition } from './schema/resource.js';
import { volumeAttributesClasses } from './storage/v1/volume-attributes-class.js';

/** Forgets the type of a resource's objects. Sound because the registry gives a resource only objects of its kind. */
const erased = <T extends KubeObject>(resource: ResourceDefinition<T>): ResourceDefinition =>
  resource as unknown as ResourceDefinition;

/** By group; within one, in the order of preference discovery gives them. */
export const preReleaseResources: readonly ResourceDefinition[] = [
  erased(alsoIn(mutatingAdmissionPolicies, { version: 'v1beta1', introduced: 34 })),
  erased(alsoIn(mutatingAdmissionPolicyBindings, { version: 'v1beta1', introduced: 34 })),
  erased(alsoIn(mutatingAdmissionPolicies, { version: 'v1alpha1', introduced: 32 })),
  erased(alsoIn(mutatingAdmissionPolicyBindings, { version: 'v1alpha1', introduced: 32 })),
  erased(alsoIn(ipAddresses, { version: 'v1beta1', introduced: 31 })),
  erased(alsoIn(serviceCidrs, { version: 'v1beta1', introduced: 31 })),
  erased(alsoIn(deviceClasses, { version: 'v1beta2', introduced: 33 })),
  erased(alsoIn(resourceClaims, { version: 'v1beta2', introduced: 33 })),
  erased(alsoIn(resourceClaimTemplates, { version: 'v1beta2', introduced: 33 })),
  erased(alsoIn(resourceSlices, { version: 'v1beta2', introduced: 33 })),
  erased(alsoIn(volumeAttributesClasses, { version: 'v1beta1', introduced: 31 })),
];
