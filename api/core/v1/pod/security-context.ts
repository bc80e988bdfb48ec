import { boolean, definition, int64, list, ref, string } from '../../../schema/schema.js';

export const appArmorProfile = definition(
  'io.k8s.api.core.v1.AppArmorProfile',
  'The AppArmor profile to run under.',
  {
    localhostProfile: string(2, 'Name of the profile loaded on the node, for type Localhost.'),
    type: string(1, "Which sort of profile: none, the runtime's own, or a loaded one.", {
      required: true,
      enum: ['Unconfined', 'RuntimeDefault', 'Localhost'],
    }),
  },
);

export const capabilities = definition(
  'io.k8s.api.core.v1.Capabilities',
  "Linux capabilities to change from the runtime's default.",
  {
    add: list(1, 'string', 'Capabilities to add.', { listType: 'atomic' }),
    drop: list(2, 'string', 'Capabilities to remove.', { listType: 'atomic' }),
  },
);

export const seLinuxOptions = definition(
  'io.k8s.api.core.v1.SELinuxOptions',
  'The SELinux label to run with.',
  {
    level: string(4, 'Level of the label.'),
    role: string(2, 'Role of the label.'),
    type: string(3, 'Type of the label.'),
    user: string(1, 'User of the label.'),
  },
);

export const seccompProfile = definition(
  'io.k8s.api.core.v1.SeccompProfile',
  'The system calls that are allowed.',
  {
    localhostProfile: string(2, 'File with the profile on the node, for type Localhost.'),
    type: string(1, "Which sort of profile: none, the runtime's own, or a file.", {
      required: true,
      enum: ['Unconfined', 'RuntimeDefault', 'Localhost'],
    }),
  },
);

export const sysctl = definition(
  'io.k8s.api.core.v1.Sysctl',
  "A kernel parameter of the pod's namespaces.",
  {
    name: string(1, 'Name of the parameter.', { required: true }),
    value: string(2, 'Value to set.', { required: true }),
  },
);

export const windowsSecurityContextOptions = definition(
  'io.k8s.api.core.v1.WindowsSecurityContextOptions',
  'Settings for Windows containers, kept but of no effect on Linux.',
  {
    gmsaCredentialSpec: string(2, 'Content of the credential specification.'),
    gmsaCredentialSpecName: string(1, 'Name of the credential specification.'),
    hostProcess: boolean(4, 'Whether to run as a process of the host.'),
    runAsUserName: string(3, 'User to run as.'),
  },
);

export const podSecurityContext = definition(
  'io.k8s.api.core.v1.PodSecurityContext',
  'User, groups and confinement for all containers of a pod.',
  {
    appArmorProfile: ref(11, appArmorProfile, 'AppArmor profile to run under.'),
    fsGroup: int64(5, 'Group that owns the volumes and that every process belongs to.'),
    fsGroupChangePolicy: string(
      9,
      'Whether ownership of volumes is changed always or only where the root differs.',
      { enum: ['OnRootMismatch', 'Always'] },
    ),
    runAsGroup: int64(6, 'Group id to run as.'),
    runAsNonRoot: boolean(3, 'Whether to refuse to start as root.'),
    runAsUser: int64(2, 'User id to run as.'),
    seLinuxChangePolicy: string(13, 'How the SELinux label is put on volumes.', {
      enum: ['Recursive', 'MountOption'],
    }),
    seLinuxOptions: ref(1, seLinuxOptions, 'SELinux label to run with.'),
    seccompProfile: ref(10, seccompProfile, 'System calls that are allowed.'),
    supplementalGroups: list(4, 'int64', 'Further groups of every process.', {
      listType: 'atomic',
    }),
    supplementalGroupsPolicy: string(12, "Whether groups of the image's user count as well.", {
      enum: ['Merge', 'Strict'],
    }),
    sysctls: list(7, sysctl, 'Kernel parameters to set for the pod.', { listType: 'atomic' }),
    windowsOptions: ref(8, windowsSecurityContextOptions, 'Settings for Windows containers.'),
  },
);

export const securityContext = definition(
  'io.k8s.api.core.v1.SecurityContext',
  "User, privileges and confinement of one container; goes before the pod's.",
  {
    allowPrivilegeEscalation: boolean(
      7,
      'Whether a process may gain more privileges than its parent.',
    ),
    appArmorProfile: ref(12, appArmorProfile, 'AppArmor profile to run under.'),
    capabilities: ref(1, capabilities, 'Linux capabilities to add and drop.'),
    privileged: boolean(2, 'Whether to run with all privileges of root on the node.'),
    procMount: string(9, 'Whether parts of /proc are hidden.', { enum: ['Default', 'Unmasked'] }),
    readOnlyRootFilesystem: boolean(6, "Whether the container's own file system is read-only."),
    runAsGroup: int64(8, 'Group id to run as.'),
    runAsNonRoot: boolean(5, 'Whether to refuse to start as root.'),
    runAsUser: int64(4, 'User id to run as.'),
    seLinuxOptions: ref(3, seLinuxOptions, 'SELinux label to run with.'),
    seccompProfile: ref(11, seccompProfile, 'System calls that are allowed.'),
    windowsOptions: ref(10, windowsSecurityContextOptions, 'Settings for Windows containers.'),
  },
);
