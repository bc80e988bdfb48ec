/** The names by which controllers can be turned off: those of their folders. */
export const controllerNames = [
  'bootstrap-signer',
  'certificate-approval',
  'certificate-cleaner',
  'certificate-signing',
  'cluster-role-aggregation',
  'deployment',
  'endpoint-slice',
  'endpoints',
  'garbage-collector',
  'namespace',
  'node-ipam',
  'node-lifecycle',
  'persistent-volume-claim-protection',
  'persistent-volume-protection',
  'pod-garbage-collector',
  'replica-set',
  'resource-quota',
  'service-account',
  'service-account-token',
  'service-cidr',
  'token-cleaner',
  'validating-admission-policy-status',
  'volume-attributes-class-protection',
] as const;

export type ControllerName = (typeof controllerNames)[number];

/** Whether there is a controller of that name. */
export const isControllerName = (text: string): text is ControllerName =>
  controllerNames.some((name) => name === text);
