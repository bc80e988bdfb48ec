/** Checks of security contexts, with Kubernetes' texts. Called by the validation of containers and pods. */
import type { FieldError } from '../../../validation/field-error.js';
import {
  child,
  duplicate,
  invalid,
  invalidBecause,
  required,
  tooLong,
} from '../../../validation/field-error.js';
import { byteLength, unixIdErrors } from '../../../validation/names.js';
import type {
  AppArmorProfile,
  PodSecurityContext,
  PodSpec,
  SeccompProfile,
  SecurityContext,
} from '../types.js';
import { anyOf, descendingPath, eachOf } from './validate-values.js';
import { validateWindowsOptions } from './validate-windows.js';

const profileTypes = ['Localhost', 'RuntimeDefault', 'Unconfined'];
const sysctlName = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/;
const sysctlNameFormat = '^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$';
const maxSysctlLength = 253;
const maxAppArmorProfileBytes = 4095;

const unixId = (field: string, id: number | undefined): FieldError[] =>
  id === undefined ? [] : invalidBecause(field, id, unixIdErrors(id));

/** The type of a profile, which is said with the name of the field where it is missing. */
const profileType = (field: string, type: string, name: string): FieldError[] =>
  type === ''
    ? [required(child(field, 'type'), `type is required when ${name} is set`)]
    : anyOf(child(field, 'type'), type, profileTypes);

function validateSeccomp(profile: SeccompProfile | undefined, field: string): FieldError[] {
  if (profile === undefined) return [];
  const path = child(field, 'localhostProfile');
  const { type, localhostProfile: file } = profile;
  const errors = profileType(field, type, 'seccompProfile');
  if (type !== 'Localhost') {
    if (file === undefined) return errors;
    // Kubernetes shows the whole profile, in the names it has inside.
    const shown = { Type: type, LocalhostProfile: file };
    return [...errors, invalid(path, shown, 'can only be set when seccomp type is Localhost')];
  }
  return file === undefined
    ? [...errors, required(path, 'must be set when seccomp type is Localhost')]
    : [...errors, ...descendingPath(path, file)];
}

function validateAppArmorFile(file: string | undefined, field: string): FieldError[] {
  const missing = required(field, 'must be set when AppArmor type is Localhost');
  if (file === undefined) return [missing];
  const errors: FieldError[] = [];
  if (file !== file.trim()) {
    errors.push(invalid(field, file, 'must not be padded with whitespace'));
  } else if (file === '') errors.push(missing);
  if (byteLength(file) > maxAppArmorProfileBytes) {
    errors.push(tooLong(field, maxAppArmorProfileBytes));
  }
  return errors;
}

function validateAppArmor(profile: AppArmorProfile | undefined, field: string): FieldError[] {
  if (profile === undefined) return [];
  const path = child(field, 'localhostProfile');
  const { type, localhostProfile: file } = profile;
  if (type === 'Localhost') return validateAppArmorFile(file, path);
  const errors = profileType(field, type, 'appArmorProfile');
  return errors.length > 0 || file === undefined
    ? errors
    : [invalid(path, file, 'can only be set when AppArmor type is Localhost')];
}

/** Kernel settings that each IPC namespace has of its own. */
const isIpcSysctl = (name: string): boolean =>
  name === 'kernel.sem' || /^(kernel\.shm|kernel\.msg|fs\.mqueue\.)/.test(name);

/** A namespace of the host has the host's settings, which are not the pod's to change. */
function hostSysctl(name: string, spec: PodSpec, field: string): FieldError[] {
  const canonical = name.replaceAll('/', '.');
  const shared =
    spec.hostNetwork === true && canonical.startsWith('net.')
      ? 'hostNetwork'
      : spec.hostIPC === true && isIpcSysctl(canonical)
        ? 'hostIPC'
        : undefined;
  return shared === undefined
    ? []
    : [invalid(field, name, `may not be specified when '${shared}' is true`)];
}

function sysctlNameErrors(name: string, field: string, seen: ReadonlySet<string>): FieldError[] {
  if (name === '') return [required(field)];
  if (name.length > maxSysctlLength || !sysctlName.test(name)) {
    const detail = `must have at most ${String(maxSysctlLength)} characters and match regex ${sysctlNameFormat}`;
    return [invalid(field, name, detail)];
  }
  return seen.has(name) ? [duplicate(field, name)] : [];
}

function validateSysctls(context: PodSecurityContext, spec: PodSpec, field: string): FieldError[] {
  const seen = new Set<string>();
  return eachOf(field, context.sysctls, ({ name }, path) => {
    const namePath = child(path, 'name');
    const errors = sysctlNameErrors(name, namePath, seen);
    seen.add(name);
    return [...errors, ...hostSysctl(name, spec, namePath)];
  });
}

/** Checks the security context of a pod, where Kubernetes also has whether its containers share their processes. */
export function validatePodSecurityContext(spec: PodSpec, field: string): FieldError[] {
  const context = spec.securityContext;
  if (context === undefined) return [];
  return [
    ...unixId(child(field, 'fsGroup'), context.fsGroup),
    ...unixId(child(field, 'runAsUser'), context.runAsUser),
    ...unixId(child(field, 'runAsGroup'), context.runAsGroup),
    ...eachOf(child(field, 'supplementalGroups'), context.supplementalGroups, (group, path) =>
      unixId(path, group),
    ),
    ...(spec.shareProcessNamespace === true && spec.hostPID === true
      ? [
          invalid(
            child(field, 'shareProcessNamespace'),
            true,
            'ShareProcessNamespace and HostPID cannot both be enabled',
          ),
        ]
      : []),
    ...validateSysctls(context, spec, child(field, 'sysctls')),
    ...anyOf(child(field, 'fsGroupChangePolicy'), context.fsGroupChangePolicy, [
      'Always',
      'OnRootMismatch',
    ]),
    ...validateSeccomp(context.seccompProfile, child(field, 'seccompProfile')),
    ...validateWindowsOptions(context.windowsOptions, child(field, 'windowsOptions')),
    ...validateAppArmor(context.appArmorProfile, child(field, 'appArmorProfile')),
    ...anyOf(child(field, 'supplementalGroupsPolicy'), context.supplementalGroupsPolicy, [
      'Merge',
      'Strict',
    ]),
    // Mounting with the label is behind a feature gate of Kubernetes that is off.
    ...anyOf(child(field, 'seLinuxChangePolicy'), context.seLinuxChangePolicy, ['Recursive']),
  ];
}

/** Checks the security context of a container. `hostUsers` says whether the pod shares the host's user namespace. */
export function validateSecurityContext(
  context: SecurityContext | undefined,
  field: string,
  hostUsers: boolean,
): FieldError[] {
  if (context === undefined) return [];
  const errors = [
    ...unixId(child(field, 'runAsUser'), context.runAsUser),
    ...unixId(child(field, 'runAsGroup'), context.runAsGroup),
    ...anyOf(child(field, 'procMount'), context.procMount, ['Default', 'Unmasked']),
  ];
  if (context.procMount === 'Unmasked' && hostUsers) {
    errors.push(
      invalid(
        child(field, 'procMount'),
        context.procMount,
        '`hostUsers` must be false to use `Unmasked`',
      ),
    );
  }
  errors.push(...validateSeccomp(context.seccompProfile, child(field, 'seccompProfile')));
  if (context.allowPrivilegeEscalation === false) {
    const refused = 'cannot set `allowPrivilegeEscalation` to false and';
    if (context.privileged === true) {
      errors.push(invalid(field, context, `${refused} \`privileged\` to true`));
    }
    if (context.capabilities?.add?.includes('CAP_SYS_ADMIN') === true) {
      errors.push(invalid(field, context, `${refused} \`capabilities.Add\` CAP_SYS_ADMIN`));
    }
  }
  return [
    ...errors,
    ...validateWindowsOptions(context.windowsOptions, child(field, 'windowsOptions')),
    ...validateAppArmor(context.appArmorProfile, child(field, 'appArmorProfile')),
  ];
}
