/** What a pod may not say where it says what operating system it is for, with Kubernetes' texts. Called by `validate-spec.ts`. */
import type { FieldError } from '../../../validation/field-error.js';
import {
  child,
  forbidden,
  index,
  notSupported,
  required,
} from '../../../validation/field-error.js';
import type { PodSecurityContext, PodSpec, SecurityContext } from '../types.js';

const systems = ['linux', 'windows'];

/** What a pod for Windows may not say, in the order Kubernetes refuses it; it has all of it in the security context. */
const notInWindowsPods = [
  'appArmorProfile',
  'seLinuxOptions',
  'hostUsers',
  'hostPID',
  'hostIPC',
  'seccompProfile',
  'fsGroup',
  'fsGroupChangePolicy',
  'sysctls',
  'shareProcessNamespace',
  'runAsUser',
  'runAsGroup',
  'supplementalGroups',
  'supplementalGroupsPolicy',
  'seLinuxChangePolicy',
] as const satisfies readonly (keyof PodSecurityContext | keyof PodSpec)[];
type HostField = 'hostUsers' | 'hostPID' | 'hostIPC' | 'shareProcessNamespace';
const isOfSpec = (name: string): name is HostField =>
  ['hostUsers', 'hostPID', 'hostIPC', 'shareProcessNamespace'].includes(name);
const notInWindowsContainers = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
] as const satisfies readonly (keyof SecurityContext)[];

const windowsOptions = 'windows options cannot be set for a linux pod';
const linuxOption = 'cannot be set for a windows pod';

/** Calls `check` with the security context of each container and its path. */
function eachContext(
  spec: PodSpec,
  field: string,
  check: (context: SecurityContext, path: string) => readonly FieldError[],
): FieldError[] {
  const lists = ['initContainers', 'containers', 'ephemeralContainers'] as const;
  return lists.flatMap((list) =>
    (spec[list] ?? []).flatMap(({ securityContext }, position) =>
      securityContext === undefined
        ? []
        : check(securityContext, child(index(child(field, list), position), 'securityContext')),
    ),
  );
}

function validateLinux(spec: PodSpec, field: string): FieldError[] {
  const refuse = (
    context: { readonly windowsOptions?: object | undefined },
    path: string,
  ): FieldError[] =>
    context.windowsOptions === undefined
      ? []
      : [forbidden(child(path, 'windowsOptions'), windowsOptions)];
  return [
    ...refuse(spec.securityContext ?? {}, child(field, 'securityContext')),
    ...eachContext(spec, field, refuse),
  ];
}

/** Whether a field is given; what is false or empty is not sent by clients that have it as a plain value. */
function saysOf(spec: PodSpec, name: (typeof notInWindowsPods)[number]): boolean {
  if (!isOfSpec(name)) {
    const value = spec.securityContext?.[name];
    return value !== undefined && !(Array.isArray(value) && value.length === 0);
  }
  return name === 'hostPID' || name === 'hostIPC' ? spec[name] === true : spec[name] !== undefined;
}

function validateWindows(spec: PodSpec, field: string): FieldError[] {
  const contextField = child(field, 'securityContext');
  return [
    ...notInWindowsPods
      .filter((name) => saysOf(spec, name))
      .map((name) => forbidden(child(isOfSpec(name) ? field : contextField, name), linuxOption)),
    ...eachContext(spec, field, (container, path) =>
      notInWindowsContainers
        .filter((name) => container[name] !== undefined)
        .map((name) => forbidden(child(path, name), linuxOption)),
    ),
  ];
}

/** Checks a pod's operating system and what follows from it. */
export function validateOs(spec: PodSpec, field: string): FieldError[] {
  if (spec.os === undefined) return [];
  const path = child(field, 'os');
  const name: string = spec.os.name;
  switch (name) {
    case '':
      return [required(child(path, 'name'))];
    case 'linux':
      return validateLinux(spec, field);
    case 'windows':
      return validateWindows(spec, field);
    default:
      return [notSupported(path, name, systems)];
  }
}
