import { boolean, definition, int64, list, ref, string } from '../../../schema/schema.js';

export const appArmorProfile = definition('io.k8s.api.core.v1.AppArmorProfile', '', {
  localhostProfile: string(2, ''),
  type: string(1, '', { required: true, enum: ['Unconfined', 'RuntimeDefault', 'Localhost'] }),
});

export const capabilities = definition('io.k8s.api.core.v1.Capabilities', '', {
  add: list(1, 'string', '', { listType: 'atomic' }),
  drop: list(2, 'string', '', { listType: 'atomic' }),
});

export const seLinuxOptions = definition('io.k8s.api.core.v1.SELinuxOptions', '', {
  level: string(4, ''),
  role: string(2, ''),
  type: string(3, ''),
  user: string(1, ''),
});

export const seccompProfile = definition('io.k8s.api.core.v1.SeccompProfile', '', {
  localhostProfile: string(2, ''),
  type: string(1, '', { required: true, enum: ['Unconfined', 'RuntimeDefault', 'Localhost'] }),
});

export const sysctl = definition('io.k8s.api.core.v1.Sysctl', '', {
  name: string(1, '', { required: true }),
  value: string(2, '', { required: true }),
});

export const windowsSecurityContextOptions = definition(
  'io.k8s.api.core.v1.WindowsSecurityContextOptions',
  '',
  {
    gmsaCredentialSpec: string(2, ''),
    gmsaCredentialSpecName: string(1, ''),
    hostProcess: boolean(4, ''),
    runAsUserName: string(3, ''),
  },
);

export const podSecurityContext = definition('io.k8s.api.core.v1.PodSecurityContext', '', {
  appArmorProfile: ref(11, appArmorProfile, ''),
  fsGroup: int64(5, ''),
  fsGroupChangePolicy: string(9, '', { enum: ['OnRootMismatch', 'Always'] }),
  runAsGroup: int64(6, ''),
  runAsNonRoot: boolean(3, ''),
  runAsUser: int64(2, ''),
  seLinuxChangePolicy: string(13, '', { enum: ['Recursive', 'MountOption'] }),
  seLinuxOptions: ref(1, seLinuxOptions, ''),
  seccompProfile: ref(10, seccompProfile, ''),
  supplementalGroups: list(4, 'int64', '', { listType: 'atomic' }),
  supplementalGroupsPolicy: string(12, '', { enum: ['Merge', 'Strict'] }),
  sysctls: list(7, sysctl, '', { listType: 'atomic' }),
  windowsOptions: ref(8, windowsSecurityContextOptions, ''),
});

export const securityContext = definition('io.k8s.api.core.v1.SecurityContext', '', {
  allowPrivilegeEscalation: boolean(7, ''),
  appArmorProfile: ref(12, appArmorProfile, ''),
  capabilities: ref(1, capabilities, ''),
  privileged: boolean(2, ''),
  procMount: string(9, '', { enum: ['Default', 'Unmasked'] }),
  readOnlyRootFilesystem: boolean(6, ''),
  runAsGroup: int64(8, ''),
  runAsNonRoot: boolean(5, ''),
  runAsUser: int64(4, ''),
  seLinuxOptions: ref(3, seLinuxOptions, ''),
  seccompProfile: ref(11, seccompProfile, ''),
  windowsOptions: ref(10, windowsSecurityContextOptions, ''),
});
