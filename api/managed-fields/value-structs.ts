/**
 * Fields that are optional in the API but that Go holds by value, so that in Kubernetes they are never absent, only empty.
 * Nobody comes to own such a field by filling it: only what is in it.
 */
const valueStructs = new Set([
  'Container.resources',
  'DaemonSetSpec.updateStrategy',
  'DeploymentSpec.strategy',
  'EphemeralContainer.resources',
  'NodeStatus.daemonEndpoints',
  'NodeStatus.nodeInfo',
  'NodeDaemonEndpoints.kubeletEndpoint',
  'PersistentVolumeClaimSpec.resources',
  'PodTemplate.template',
  'ServiceStatus.loadBalancer',
  'IngressStatus.loadBalancer',
  'StatefulSetSpec.updateStrategy',
  'CustomResourceDefinitionStatus.acceptedNames',
  'Event.source',
]);

/** These are held by value wherever they are. */
const ofObjects = new Set(['metadata', 'spec', 'status']);

/** Whether a field of a definition (by its full name) is such a field. Lists and scalars never are. */
export function isValueStruct(definition: string, field: string): boolean {
  const struct = definition.slice(definition.lastIndexOf('.') + 1);
  return valueStructs.has(`${struct}.${field}`) || ofObjects.has(field);
}
