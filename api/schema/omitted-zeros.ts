/**
 * Which optional fields leave their zero value out. Go's API types hold some optional fields by value with `omitempty`, so
 * that an empty text, 0 or false is the same as nothing, and others by pointer, so that they are not. Neither JSON nor
 * protobuf says which is which; here it is written down.
 *
 * Called by the decoders of JSON and protobuf. Must never be asked about lists and maps, which always leave their zero out.
 */
import type { Definition, Field } from './schema.js';

/** Optional strings that Go holds by pointer. */
const pointerStrings: ReadonlySet<string> = new Set([
  'PersistentVolumeClaimSpec.storageClassName',
  'PersistentVolumeClaimSpec.volumeAttributesClassName',
  'HostPathVolumeSource.type',
  'CronJobSpec.timeZone',
  'EndpointPort.name',
  'IngressSpec.ingressClassName',
  'LeaseSpec.holderIdentity',
  'TypedLocalObjectReference.apiGroup',
  'TypedObjectReference.apiGroup',
]);

/** Optional numbers and booleans that Go holds by value, whatever type they are in. */
const valuesByName: ReadonlySet<string> = new Set([
  'authenticated',
  'availableReplicas',
  'chapAuthDiscovery',
  'chapAuthSession',
  'denied',
  'deprecated',
  'deprecatedCount',
  'fullyLabeledReplicas',
  'globalDefault',
  'healthCheckNodePort',
  'hostIPC',
  'hostNetwork',
  'hostPID',
  'hostPort',
  'insecureSkipTLSVerify',
  'minReadySeconds',
  'nodePort',
  'paused',
  'publishNotReadyAddresses',
  'readyReplicas',
  'retryAfterSeconds',
  'sizeBytes',
  'sslEnabled',
  'stdin',
  'stdinOnce',
  'targetPort',
  'tty',
  'unavailableReplicas',
  'unschedulable',
  'updatedReplicas',
]);

/** The same for names that other types hold by pointer. */
const valuesByPath: ReadonlySet<string> = new Set([
  'AWSElasticBlockStoreVolumeSource.partition',
  'CustomResourceColumnDefinition.priority',
  'CustomResourceDefinitionSpec.preserveUnknownFields',
  'ContainerStateTerminated.signal',
  'DaemonSetStatus.numberAvailable',
  'DaemonSetStatus.numberUnavailable',
  'DaemonSetStatus.updatedNumberScheduled',
  'DeploymentStatus.replicas',
  'DeviceSubRequest.count',
  'Event.count',
  'EventSeries.count',
  'ExactDeviceRequest.count',
  'GCEPersistentDiskVolumeSource.partition',
  'HorizontalPodAutoscalerStatus.currentReplicas',
  'JSONSchemaProps.exclusiveMaximum',
  'JSONSchemaProps.exclusiveMinimum',
  'JSONSchemaProps.nullable',
  'JSONSchemaProps.uniqueItems',
  'JSONSchemaProps.x-kubernetes-embedded-resource',
  'JSONSchemaProps.x-kubernetes-int-or-string',
  'JobStatus.active',
  'JobStatus.failed',
  'JobStatus.succeeded',
  'ObjectMeta.generation',
  'Probe.failureThreshold',
  'Probe.initialDelaySeconds',
  'Probe.periodSeconds',
  'Probe.successThreshold',
  'Probe.timeoutSeconds',
  'ResourcePolicyRule.clusterScope',
  'ScaleSpec.replicas',
  'ServiceBackendPort.number',
  'StatefulSetOrdinals.start',
  'StatefulSetStatus.currentReplicas',
  'Status.code',
]);

/** Fields held by value in every type but these. */
const pointersInstead: ReadonlyMap<string, ReadonlySet<string>> = new Map<
  string,
  ReadonlySet<string>
>(
  Object.entries({
    readOnly: new Set(['AzureDiskVolumeSource', 'CSIVolumeSource']),
    observedGeneration: new Set(['HorizontalPodAutoscalerStatus']),
  }),
);

/** Whether an optional scalar field with its zero value is the same as an absent one. */
export function omitsZero(definition: Definition, name: string, field: Field): boolean {
  const { schema } = field;
  if (field.required === true || schema.type !== 'scalar') return false;
  const struct = definition.name.split('.').at(-1) ?? definition.name;
  switch (schema.scalar) {
    case 'string':
      return !pointerStrings.has(`${struct}.${name}`);
    case 'bytes':
      return true;
    case 'boolean':
    case 'int32':
    case 'int64':
    case 'intOrString': {
      const except = pointersInstead.get(name);
      if (except !== undefined) return !except.has(struct);
      return valuesByName.has(name) || valuesByPath.has(`${struct}.${name}`);
    }
    default:
      return false;
  }
}
