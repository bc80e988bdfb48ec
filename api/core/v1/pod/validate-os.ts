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

const notOnWindows = ['hostPID', 'hostIPC', 'hostUsers', 'shareProcessNamespace'] as const;
const notInWindowsPods = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'fsGroup',
  'fsGroupChangePolicy',
  'sysctls',
  'runAsUser',
  'runAsGroup',
  'supplementalGroups',
  'supplementalGroupsPolicy',
] as const satisfies readonly (keyof PodSecurityContext)[];
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
  const lists = ['containers', 'initContainers', 'ephemeralContainers'] as const;
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

function validateWindows(spec: PodSpec, field: string): FieldError[] {
  const context = spec.securityContext ?? {};
  // What is false or empty is not sent by clients that have it as a plain value.
  const isSaid = (value: unknown): boolean =>
    value !== undefined && !(Array.isArray(value) && value.length === 0);
  const saysHost = (name: (typeof notOnWindows)[number]): boolean =>
    name === 'hostPID' || name === 'hostIPC' ? spec[name] === true : spec[name] !== undefined;
  return [
    ...notInWindowsPods
      .filter((name) => isSaid(context[name]))
      .map((name) => forbidden(child(field, 'securityContext', name), linuxOption)),
    ...notOnWindows.filter(saysHost).map((name) => forbidden(child(field, name), linuxOption)),
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
      return [required(child(path, 'name'), 'cannot be empty')];
    case 'linux':
      return validateLinux(spec, field);
    case 'windows':
      return validateWindows(spec, field);
    default:
      return [notSupported(path, name, systems)];
  }
}
