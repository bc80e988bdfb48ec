/** The APIServices of what this server answers itself, with the priorities Kubernetes gives its groups. */
import type { APIService } from '../../../api/apiregistration/v1/types.js';
import type { NewObject } from '../../../api/meta/v1/types.js';
import type { ResourceDefinition } from '../../../api/schema/resource.js';

const managedLabel = 'kube-aggregator.kubernetes.io/automanaged';

/** Priorities of groups; clients prefer those with a higher one. */
const groupPriorities: ReadonlyMap<string, number> = new Map<string, number>(
  Object.entries({
    '': 18_000,
    apps: 17_800,
    'events.k8s.io': 17_750,
    'authentication.k8s.io': 17_700,
    'authorization.k8s.io': 17_600,
    autoscaling: 17_500,
    batch: 17_400,
    'certificates.k8s.io': 17_300,
    'networking.k8s.io': 17_200,
    policy: 17_100,
    'rbac.authorization.k8s.io': 17_000,
    'storage.k8s.io': 16_800,
    'admissionregistration.k8s.io': 16_700,
    'apiextensions.k8s.io': 16_700,
    'scheduling.k8s.io': 16_600,
    'coordination.k8s.io': 16_500,
    'node.k8s.io': 16_300,
    'discovery.k8s.io': 16_200,
    'resource.k8s.io': 16_200,
    'flowcontrol.apiserver.k8s.io': 16_100,
    'internal.apiserver.k8s.io': 16_000,
    'storagemigration.k8s.io': 15_800,
  }),
);
const customGroupPriority = 1000;
const customVersionPriority = 100;
const coreVersionPriority = 1;
const stableVersionPriority = 15;
/** Above v1 of the same group. */
const laterVersionPriority = 30;
/** Below it; the number of the beta or alpha is added. */
const betaVersionPriority = 11;
const alphaVersionPriority = 8;

const ownGroup = 'apiregistration.k8s.io';

export interface GroupVersionName {
  readonly group: string;
  readonly version: string;
}

/** The name an APIService of that group and version must have. */
export const apiServiceName = ({ group, version }: GroupVersionName): string =>
  `${version}.${group}`;

function versionPriority({ group, version }: GroupVersionName): number {
  if (groupPriorities.get(group) === undefined) return customVersionPriority;
  if (group === '') return coreVersionPriority;
  const [, phase, number = '0'] = /(alpha|beta)(\d+)$/.exec(version) ?? [];
  if (phase !== undefined) {
    return Number(number) + (phase === 'beta' ? betaVersionPriority : alphaVersionPriority);
  }
  return version === 'v1' ? stableVersionPriority : laterVersionPriority;
}

/** The APIService of a group and version served here. Built-in ones are made at the start, custom ones as they come. */
export function localApiService(name: GroupVersionName): NewObject<APIService> {
  const { group, version } = name;
  const isBuiltIn = groupPriorities.get(group) !== undefined;
  return {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: {
      name: apiServiceName(name),
      labels: { [managedLabel]: isBuiltIn ? 'onstart' : 'true' },
    },
    spec: {
      ...(group === '' ? {} : { group }),
      version,
      groupPriorityMinimum: groupPriorities.get(group) ?? customGroupPriority,
      versionPriority: versionPriority(name),
    },
  };
}

/** Whether the server itself keeps an APIService, and so removes it when the group and version go or are switched off. */
export const isAutomatic = ({ metadata, spec }: APIService): boolean =>
  ['true', 'onstart'].includes(metadata.labels?.[managedLabel] ?? '') && spec.service === undefined;

/** The groups and versions served here that have APIServices. */
export function localGroupVersions(
  resources: readonly ResourceDefinition[],
): ReadonlyMap<string, GroupVersionName> {
  const found = new Map<string, GroupVersionName>();
  for (const { group, version } of resources) {
    if (group !== ownGroup) found.set(apiServiceName({ group, version }), { group, version });
  }
  return found;
}
