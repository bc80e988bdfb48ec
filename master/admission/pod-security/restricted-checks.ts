/** The restricted level of the Pod Security Standards: what hardened pods do. Texts are Kubernetes'. */
import type { Volume } from '../../../api/core/v1/types.js';
import { procMountViolation, seccompViolation } from './baseline-checks.js';
import {
  isExemptWindows,
  isInUserNamespace,
  namesWhere,
  plural,
  quoted,
  setters,
  sortedSet,
  theContainers,
} from './check.js';
import type { PodCheck, SecuredPod, Violation } from './check.js';
import { allContainers, type AnyContainer } from '../../../api/core/v1/pod/containers.js';

function escalationViolation(pod: SecuredPod, minor: number): Violation | undefined {
  if (isExemptWindows(pod, minor)) return undefined;
  const bad = namesWhere(
    pod,
    ({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false,
  );
  if (bad.length === 0) return undefined;
  return {
    reason: 'allowPrivilegeEscalation != false',
    detail: `${theContainers(bad)} must set securityContext.allowPrivilegeEscalation=false`,
  };
}

function capabilitiesViolation(pod: SecuredPod, minor: number): Violation | undefined {
  if (isExemptWindows(pod, minor)) return undefined;
  const extra = ({ securityContext }: AnyContainer): readonly string[] =>
    (securityContext?.capabilities?.add ?? []).filter((name) => name !== 'NET_BIND_SERVICE');
  const keeping = namesWhere(
    pod,
    ({ securityContext }) => securityContext?.capabilities?.drop?.includes('ALL') !== true,
  );
  const adding = namesWhere(pod, (container) => extra(container).length > 0);
  const names = sortedSet(allContainers(pod.spec).flatMap(extra));
  const details = [
    ...(keeping.length === 0
      ? []
      : [`${theContainers(keeping)} must set securityContext.capabilities.drop=["ALL"]`]),
    ...(adding.length === 0
      ? []
      : [
          `${theContainers(adding)} must not include ${quoted(names)} in securityContext.capabilities.add`,
        ]),
  ];
  return details.length === 0
    ? undefined
    : { reason: 'unrestricted capabilities', detail: details.join('; ') };
}

const allowedVolumes = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
]);

const sourceOf = (volume: Volume): string =>
  Object.entries(volume).find(([field, source]) => field !== 'name' && source !== undefined)?.[0] ??
  'unknown';

function volumesViolation({ spec }: SecuredPod): Violation | undefined {
  const bad = (spec.volumes ?? []).filter((volume) => !allowedVolumes.has(sourceOf(volume)));
  if (bad.length === 0) return undefined;
  const types = sortedSet(bad.map(sourceOf));
  const use = bad.length === 1 ? 'uses' : 'use';
  const names = quoted(bad.map(({ name }) => name));
  return {
    reason: 'restricted volume types',
    detail: `${plural('volume', bad.length)} ${names} ${use} ${plural('restricted volume type', types.length)} ${quoted(types)}`,
  };
}

function nonRootViolation(pod: SecuredPod, minor: number): Violation | undefined {
  if (isInUserNamespace(pod, minor)) return undefined;
  const reason = 'runAsNonRoot != true';
  const ofPod = pod.spec.securityContext?.runAsNonRoot;
  const refusing = namesWhere(
    pod,
    ({ securityContext }) => securityContext?.runAsNonRoot === false,
  );
  if (ofPod === false || refusing.length > 0) {
    const who = setters(ofPod === false, refusing);
    return { reason, detail: `${who} must not set securityContext.runAsNonRoot=false` };
  }
  if (ofPod === true) return undefined;
  const silent = namesWhere(
    pod,
    ({ securityContext }) => securityContext?.runAsNonRoot === undefined,
  );
  if (silent.length === 0) return undefined;
  return {
    reason,
    detail: `pod or ${theContainers(silent)} must set securityContext.runAsNonRoot=true`,
  };
}

function userViolation(pod: SecuredPod, minor: number): Violation | undefined {
  if (isInUserNamespace(pod, minor)) return undefined;
  const ofPod = pod.spec.securityContext?.runAsUser === 0;
  const bad = namesWhere(pod, ({ securityContext }) => securityContext?.runAsUser === 0);
  if (!ofPod && bad.length === 0) return undefined;
  return { reason: 'runAsUser=0', detail: `${setters(ofPod, bad)} must not set runAsUser=0` };
}

function strictSeccompViolation(pod: SecuredPod, minor: number): Violation | undefined {
  if (isExemptWindows(pod, minor)) return undefined;
  const wrong = seccompViolation(pod);
  if (wrong !== undefined) return wrong;
  if (pod.spec.securityContext?.seccompProfile !== undefined) return undefined;
  const silent = namesWhere(
    pod,
    ({ securityContext }) => securityContext?.seccompProfile === undefined,
  );
  if (silent.length === 0) return undefined;
  return {
    reason: 'seccompProfile',
    detail: `pod or ${theContainers(silent)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
  };
}

/** In the order their violations are told, after those of the baseline. */
export const restrictedChecks: readonly PodCheck[] = [
  {
    id: 'allowPrivilegeEscalation',
    level: 'restricted',
    since: 8,
    violation: escalationViolation,
  },
  {
    id: 'capabilities_restricted',
    level: 'restricted',
    since: 22,
    overrides: 'capabilities_baseline',
    violation: capabilitiesViolation,
  },
  {
    id: 'procMount_restricted',
    level: 'restricted',
    since: 35,
    overrides: 'procMount',
    violation: procMountViolation,
  },
  {
    id: 'restrictedVolumes',
    level: 'restricted',
    since: 0,
    overrides: 'hostPathVolumes',
    violation: volumesViolation,
  },
  { id: 'runAsNonRoot', level: 'restricted', since: 0, violation: nonRootViolation },
  { id: 'runAsUser', level: 'restricted', since: 23, violation: userViolation },
  {
    id: 'seccompProfile_restricted',
    level: 'restricted',
    since: 19,
    overrides: 'seccompProfile_baseline',
    violation: strictSeccompViolation,
  },
];
