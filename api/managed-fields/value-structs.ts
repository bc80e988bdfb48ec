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
  'ReplicaSetSpec.template',
  'ServiceStatus.loadBalancer',
  'IngressStatus.loadBalancer',
  'StatefulSetSpec.updateStrategy',
  'CustomResourceDefinitionStatus.acceptedNames',
  'Event.deprecatedSource',
  'Event.source',
]);

/** These are held by value wherever they are. */
const ofObjects = new Set(['metadata', 'spec', 'status']);

/** The same for texts: they are written even where they are empty, although the API does not require them. */
const valueTexts = new Set([
  'Event.reportingComponent',
  'Event.reportingInstance',
  'StatefulSetSpec.serviceName',
]);

const structOf = (definition: string): string => definition.slice(definition.lastIndexOf('.') + 1);

/** Whether a text of a definition (by its full name) is such a field. */
export const isValueText = (definition: string, field: string): boolean =>
  valueTexts.has(`${structOf(definition)}.${field}`);

/** Whether an object in a definition (by its full name) is such a field. Lists never are. */
export function isValueStruct(definition: string, field: string): boolean {
  return valueStructs.has(`${structOf(definition)}.${field}`) || ofObjects.has(field);
}
