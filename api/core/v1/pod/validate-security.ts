/** Checks of security contexts, with Kubernetes' texts. Called by the validation of containers and pods. */
import type { FieldError } from '../../../validation/field-error.js';
import {
  child,
  duplicate,
  index,
  invalid,
  required,
  invalidBecause,
} from '../../../validation/field-error.js';
import { unixIdErrors } from '../../../validation/names.js';
import type {
  AppArmorProfile,
  PodSecurityContext,
  PodSpec,
  SeccompProfile,
  SecurityContext,
} from '../types.js';
import { descendingPath, eachOf, oneOf, requiredOneOf } from './validate-values.js';

const profileTypes = ['Localhost', 'RuntimeDefault', 'Unconfined'];
const sysctlName = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/;
const sysctlNameFormat =
  '^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*([a-z0-9]([-_a-z0-9]*[a-z0-9])?)$';
const maxSysctlLength = 253;

const unixId = (field: string, id: number | undefined): FieldError[] =>
  id === undefined ? [] : invalidBecause(field, id, unixIdErrors(id));

function validateProfile(
  profile: SeccompProfile | AppArmorProfile | undefined,
  field: string,
  kind: 'seccomp' | 'AppArmor',
): FieldError[] {
  if (profile === undefined) return [];
  const path = child(field, 'localhostProfile');
  const file = profile.localhostProfile;
  const errors = requiredOneOf(child(field, 'type'), profile.type, profileTypes);
  const subject = kind === 'seccomp' ? 'seccomp type' : 'AppArmor type';
  if (profile.type === 'Localhost') {
    if (file === undefined || file === '') {
      errors.push(required(path, `must be set when ${subject} is Localhost`));
    } else if (kind === 'seccomp') errors.push(...descendingPath(path, file));
  } else if (file !== undefined) {
    errors.push(invalid(path, file, `can only be set when ${subject} is Localhost`));
  }
  return errors;
}

/** Kernel settings that each IPC namespace has of its own. */
const isIpcSysctl = (name: string): boolean =>
  name === 'kernel.sem' || /^(kernel\.shm|kernel\.msg|fs\.mqueue\.)/.test(name);

/** A namespace of the host has the host's settings, which are not the pod's to change. */
function hostSysctl(name: string, spec: PodSpec, field: string): FieldError[] {
  const shared =
    spec.hostNetwork === true && name.startsWith('net.')
      ? 'hostNetwork'
      : spec.hostIPC === true && isIpcSysctl(name)
        ? 'hostIPC'
        : undefined;
  return shared === undefined
    ? []
    : [invalid(field, name, `may not be specified when '${shared}' is true`)];
}

function validateSysctls(context: PodSecurityContext, spec: PodSpec, field: string): FieldError[] {
  const seen = new Set<string>();
  return eachOf(field, context.sysctls, ({ name }, path) => {
    const namePath = child(path, 'name');
    if (name === '') return [required(namePath)];
    if (name.length > maxSysctlLength || !sysctlName.test(name)) {
      return [
        invalid(
          namePath,
          name,
          `must have at most ${String(maxSysctlLength)} characters and match regex ${sysctlNameFormat}`,
        ),
      ];
    }
    const canonical = name.replaceAll('/', '.');
    if (seen.has(canonical)) return [duplicate(namePath, name)];
    seen.add(canonical);
    return hostSysctl(canonical, spec, namePath);
  });
}

/** Checks the security context of a pod. */
export function validatePodSecurityContext(spec: PodSpec, field: string): FieldError[] {
  const context = spec.securityContext;
  if (context === undefined) return [];
  return [
    ...unixId(child(field, 'fsGroup'), context.fsGroup),
    ...unixId(child(field, 'runAsUser'), context.runAsUser),
    ...unixId(child(field, 'runAsGroup'), context.runAsGroup),
    ...(context.supplementalGroups ?? []).flatMap((group, position) =>
      unixId(index(child(field, 'supplementalGroups'), position), group),
    ),
    ...validateSysctls(context, spec, child(field, 'sysctls')),
    ...oneOf(child(field, 'fsGroupChangePolicy'), context.fsGroupChangePolicy, [
      'Always',
      'OnRootMismatch',
    ]),
    ...oneOf(child(field, 'supplementalGroupsPolicy'), context.supplementalGroupsPolicy, [
      'Merge',
      'Strict',
    ]),
    ...oneOf(child(field, 'seLinuxChangePolicy'), context.seLinuxChangePolicy, [
      'MountOption',
      'Recursive',
    ]),
    ...validateProfile(context.seccompProfile, child(field, 'seccompProfile'), 'seccomp'),
    ...validateProfile(context.appArmorProfile, child(field, 'appArmorProfile'), 'AppArmor'),
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
    ...oneOf(child(field, 'procMount'), context.procMount, ['Default', 'Unmasked']),
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
  errors.push(
    ...validateProfile(context.seccompProfile, child(field, 'seccompProfile'), 'seccomp'),
    ...validateProfile(context.appArmorProfile, child(field, 'appArmorProfile'), 'AppArmor'),
  );
  if (context.allowPrivilegeEscalation === false) {
    const refused = 'cannot set `allowPrivilegeEscalation` to false and';
    if (context.privileged === true) {
      errors.push(invalid(field, context, `${refused} \`privileged\` to true`));
    }
    if (context.capabilities?.add?.includes('CAP_SYS_ADMIN') === true) {
      errors.push(invalid(field, context, `${refused} \`capabilities.Add\` CAP_SYS_ADMIN`));
    }
  }
  return errors;
}
