/** The names of all admission plugins in the order they run, apart from their code, for the flags that name them. */

export const pluginNames = [
  'NamespaceAutoProvision',
  'NamespaceLifecycle',
  'NamespaceExists',
  'LimitPodHardAntiAffinityTopology',
  'LimitRanger',
  'ServiceAccount',
  'NodeRestriction',
  'TaintNodesByCondition',
  'AlwaysPullImages',
  'PodSecurity',
  'PodNodeSelector',
  'Priority',
  'DefaultTolerationSeconds',
  'PodTolerationRestriction',
  'EventRateLimit',
  'ExtendedResourceToleration',
  'DefaultStorageClass',
  'PersistentVolumeClaimResize',
  'StorageObjectInUseProtection',
  'OwnerReferencesPermissionEnforcement',
  'RuntimeClass',
  'CertificateApproval',
  'CertificateSigning',
  'ClusterTrustBundleAttest',
  'CertificateSubjectRestriction',
  'DefaultIngressClass',
  'DenyServiceExternalIPs',
  'PodTopologyLabels',
  'MutatingAdmissionPolicy',
  'MutatingAdmissionWebhook',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionWebhook',
  'ResourceQuota',
] as const;

export type PluginName = (typeof pluginNames)[number];

/** Plugins that are there for whoever wants them. */
export const offByDefault: ReadonlySet<string> = new Set<PluginName>([
  'NamespaceAutoProvision',
  'NamespaceExists',
  'LimitPodHardAntiAffinityTopology',
  'AlwaysPullImages',
  'PodNodeSelector',
  'PodTolerationRestriction',
  'EventRateLimit',
  'ExtendedResourceToleration',
  'OwnerReferencesPermissionEnforcement',
  'DenyServiceExternalIPs',
]);

/** Whether there is a plugin of that name. */
export const isPluginName = (text: string): text is PluginName =>
  pluginNames.some((name) => name === text);

/** Plugins to run beside those on by default, and of those the ones not to run. */
export interface AdmissionSelection {
  readonly enable: readonly string[];
  readonly disable: readonly string[];
}
