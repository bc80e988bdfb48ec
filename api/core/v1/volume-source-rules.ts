/**
 * Checks of the sources that volumes of pods and persistent volumes have in common, with Kubernetes' texts and paths.
 * Called by `pod/validate-volume.ts` and `persistent-volume-source-validation.ts`.
 */
import type { FieldError } from '../../validation/field-error.js';
import {
  child,
  invalid,
  key,
  notSupported,
  required,
  tooLong,
  invalidBecause,
} from '../../validation/field-error.js';
import {
  byteLength,
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  inclusiveRangeError,
} from '../../validation/names.js';
import {
  anyOf,
  noBacksteps,
  oneOf,
  optionalName,
  requiredName,
  requiredText,
} from './pod/validate-values.js';
import type {
  AWSElasticBlockStoreVolumeSource,
  AzureDiskVolumeSource,
  FCVolumeSource,
  FlockerVolumeSource,
  GCEPersistentDiskVolumeSource,
  HostPathVolumeSource,
  NFSVolumeSource,
  PhotonPersistentDiskVolumeSource,
  PortworxVolumeSource,
  QuobyteVolumeSource,
  VsphereVirtualDiskVolumeSource,
} from './types.js';

/** Where a source stands: secrets of a persistent volume are in any namespace, those of a pod in its own. */
export type SourcePlace = 'pod' | 'persistent volume';

interface SecretAddress {
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
}

interface CephSource {
  readonly monitors: readonly string[];
}

interface IscsiSource {
  readonly targetPortal: string;
  readonly iqn: string;
  readonly lun: number;
  readonly chapAuthDiscovery?: boolean | undefined;
  readonly chapAuthSession?: boolean | undefined;
  readonly initiatorName?: string | undefined;
  readonly secretRef?: SecretAddress | undefined;
}

interface StorageOsSource {
  readonly volumeName?: string | undefined;
  readonly volumeNamespace?: string | undefined;
  readonly secretRef?: SecretAddress | undefined;
}

/** The sources checked here, each in as far as both sorts of volume have it. */
interface Sources {
  readonly awsElasticBlockStore: AWSElasticBlockStoreVolumeSource;
  readonly azureDisk: AzureDiskVolumeSource;
  readonly azureFile: {
    secretName: string;
    shareName: string;
    secretNamespace?: string | undefined;
  };
  readonly cephfs: CephSource;
  readonly cinder: { volumeID: string; secretRef?: SecretAddress | undefined };
  readonly fc: FCVolumeSource;
  readonly flexVolume: { driver: string; options?: Readonly<Record<string, string>> | undefined };
  readonly flocker: FlockerVolumeSource;
  readonly gcePersistentDisk: GCEPersistentDiskVolumeSource;
  readonly glusterfs: { endpoints: string; path: string; endpointsNamespace?: string | undefined };
  readonly hostPath: HostPathVolumeSource;
  readonly iscsi: IscsiSource;
  readonly nfs: NFSVolumeSource;
  readonly photonPersistentDisk: PhotonPersistentDiskVolumeSource;
  readonly portworxVolume: PortworxVolumeSource;
  readonly quobyte: QuobyteVolumeSource;
  readonly rbd: CephSource & { image: string };
  readonly scaleIO: { gateway: string; system: string; volumeName?: string | undefined };
  readonly storageos: StorageOsSource;
  readonly vsphereVolume: VsphereVirtualDiskVolumeSource;
}

/** A volume, in as far as it has such sources. */
export type CommonSources = {
  readonly [Name in keyof Sources]?: Sources[Name] | undefined;
};

type Rule<T> = (source: T, path: string, place: SourcePlace) => FieldError[];

const hostPathTypes = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];
const maxPartition = 255;
const maxTenantLength = 64;

/** Required texts of a source, in order. */
const texts = (path: string, values: Readonly<Record<string, string | undefined>>): FieldError[] =>
  Object.entries(values).flatMap(([name, value]) => requiredText(child(path, name), value));

/** Partition 0 stands for the whole disk, which the text does not say. */
const partition = (path: string, value = 0): FieldError[] =>
  value >= 0 && value <= maxPartition
    ? []
    : [invalid(child(path, 'partition'), value, inclusiveRangeError(1, maxPartition))];

const lun = (path: string, value: number): FieldError[] =>
  value >= 0 && value <= 255
    ? []
    : [invalid(child(path, 'lun'), value, inclusiveRangeError(0, 255))];

const secretAddress = (
  secret: SecretAddress | undefined,
  path: string,
  place: SourcePlace,
): FieldError[] => {
  if (secret === undefined) return [];
  const { name, namespace } = secret;
  return texts(child(path, 'secretRef'), place === 'pod' ? { name } : { name, namespace });
};

const monitors = ({ monitors: given }: Partial<CephSource>, path: string): FieldError[] =>
  (given ?? []).length === 0 ? [required(child(path, 'monitors'))] : [];

const azureDisk: Rule<AzureDiskVolumeSource> = (disk, path) => {
  const { diskName, diskURI, cachingMode, kind } = disk as Partial<AzureDiskVolumeSource>;
  const errors = [
    ...texts(path, { diskName, diskURI }),
    ...anyOf(child(path, 'cachingMode'), cachingMode, ['None', 'ReadOnly', 'ReadWrite']),
    ...anyOf(child(path, 'kind'), kind, ['Dedicated', 'Managed', 'Shared']),
  ];
  const [start, form] =
    kind === 'Managed'
      ? [
          '/subscriptions/',
          '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}',
        ]
      : [
          'https://',
          'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd',
        ];
  if (kind !== undefined && diskURI?.startsWith(start) !== true) {
    errors.push(notSupported(child(path, 'diskURI'), diskURI ?? '', [form]));
  }
  return errors;
};

const fibreChannel: Rule<FCVolumeSource> = (fc, path) => {
  const { targetWWNs = [], wwids = [] } = fc;
  const field = child(path, 'targetWWNs');
  if (targetWWNs.length === 0 && wwids.length === 0) {
    return [required(field, 'must specify either targetWWNs or wwids, but not both')];
  }
  const errors: FieldError[] = [];
  if (targetWWNs.length > 0 && wwids.length > 0) {
    const detail = 'targetWWNs and wwids can not be specified simultaneously';
    errors.push(invalid(field, targetWWNs, detail));
  }
  if (targetWWNs.length === 0) return errors;
  return fc.lun === undefined
    ? [...errors, required(child(path, 'lun'), 'lun is required if targetWWNs is specified')]
    : [...errors, ...lun(path, fc.lun)];
};

/** Options for Kubernetes' own use are not the user's to give. */
const flexOptions = (
  options: Readonly<Record<string, string>> | undefined,
  path: string,
): FieldError[] =>
  Object.keys(options ?? {}).flatMap((name) => {
    const domain = `.${(name.split('/', 1)[0] ?? '').toLowerCase()}`;
    return domain.endsWith('.kubernetes.io') || domain.endsWith('.k8s.io')
      ? [
          invalid(
            key(child(path, 'options'), name),
            name,
            'kubernetes.io and k8s.io namespaces are reserved',
          ),
        ]
      : [];
  });

const flocker: Rule<FlockerVolumeSource> = ({ datasetName = '', datasetUUID = '' }, path) => [
  ...(datasetName === '' && datasetUUID === ''
    ? [required(path, 'one of datasetName and datasetUUID is required')]
    : []),
  ...(datasetName !== '' && datasetUUID !== ''
    ? [invalid(path, 'resource', 'datasetName and datasetUUID can not be specified simultaneously')]
    : []),
  ...(datasetName.includes('/')
    ? [invalid(child(path, 'datasetName'), datasetName, "must not contain '/'")]
    : []),
];

const endpointsNamespace = (namespace: string | undefined, path: string): FieldError[] => {
  if (namespace === undefined) return [];
  const details =
    namespace === ''
      ? ['if the endpointnamespace is set, it must be a valid namespace name']
      : dns1123LabelErrors(namespace);
  return invalidBecause(child(path, 'endpointsNamespace'), namespace, details);
};

/** Names of iSCSI initiators and targets, by what they begin with. */
const iscsiForms: Readonly<Record<string, RegExp>> = {
  iqn: /iqn\.\d{4}-\d{2}\.[a-zA-Z0-9.-]+:[^,;*&$|\s]+$/,
  eui: /^eui.[a-zA-Z0-9]{16}$/,
  naa: /^naa.[a-zA-Z0-9]{32}$/,
};

const maxVolumeAndPortalLength = 64;

/** A node that gives itself a name at the target makes an interface for it, whose name would be too long. */
export const iscsiPortalTooLong = (
  source: Pick<IscsiSource, 'initiatorName' | 'targetPortal'>,
  volumeName: string,
): string[] =>
  source.initiatorName !== undefined &&
  byteLength(`${volumeName}:${source.targetPortal}`) > maxVolumeAndPortalLength
    ? [
        'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.',
      ]
    : [];

function iscsiName(name: string, field: string, place: SourcePlace): FieldError[] {
  const form = iscsiForms[name.slice(0, 3)];
  if (form?.test(name) === true) return [];
  const isUnknown = form === undefined && place === 'pod';
  const detail = `must be valid format${isUnknown ? ' starting with iqn, eui, or naa' : ''}`;
  return [invalid(field, name, detail)];
}

const iscsi: Rule<IscsiSource> = (source, path, place) => {
  const { targetPortal, iqn, secretRef, initiatorName, ...rest } = source;
  const errors = texts(path, { targetPortal, iqn });
  if (iqn !== '') errors.push(...iscsiName(iqn, child(path, 'iqn'), place));
  errors.push(...lun(path, rest.lun));
  const authenticates = rest.chapAuthDiscovery === true || rest.chapAuthSession === true;
  if (authenticates && secretRef === undefined) errors.push(required(child(path, 'secretRef')));
  if (place === 'persistent volume') errors.push(...secretAddress(secretRef, path, 'pod'));
  if (initiatorName !== undefined) {
    errors.push(...iscsiName(initiatorName, child(path, 'initiatorname'), place));
  }
  return errors;
};

const quobyte: Rule<QuobyteVolumeSource> = ({ registry, tenant = '', volume }, path) => {
  const form = 'must be a host:port pair or multiple pairs separated by commas';
  const errors: FieldError[] = [];
  if (registry === '') errors.push(required(child(path, 'registry'), form));
  else if (tenant.length > maxTenantLength) {
    const detail = 'must be a UUID and may not exceed a length of 64 characters';
    errors.push(required(child(path, 'tenant'), detail));
  } else {
    const malformed = registry
      .split(',')
      .filter((pair) => !/^(\[[^\]]*\]|[^:[\]]*):[^:[\]]*$/.test(pair));
    errors.push(...malformed.map(() => invalid(child(path, 'registry'), registry, form)));
  }
  return [...errors, ...texts(path, { volume })];
};

const storageOs: Rule<StorageOsSource> = (source, path, place) => [
  ...requiredName(child(path, 'volumeName'), source.volumeName, dns1123LabelErrors),
  ...optionalName(child(path, 'volumeNamespace'), source.volumeNamespace, dns1123LabelErrors),
  ...secretAddress(source.secretRef, path, place),
];

const nfs: Rule<NFSVolumeSource> = ({ server, path: folder }, path) => [
  ...texts(path, { server, path: folder }),
  ...(folder.startsWith('/')
    ? []
    : [invalid(child(path, 'path'), folder, 'must be an absolute path')]),
];

const rules: {
  readonly [Name in keyof Sources]: Rule<Sources[Name]>;
} = {
  awsElasticBlockStore: (disk, path) => [
    ...texts(path, { volumeID: disk.volumeID }),
    ...partition(path, disk.partition),
  ],
  azureDisk,
  azureFile: ({ secretName, shareName, secretNamespace }, path) => [
    ...texts(path, { secretName, shareName }),
    ...(secretNamespace === '' ? [required(child(path, 'secretNamespace'))] : []),
  ],
  cephfs: monitors,
  cinder: ({ volumeID, secretRef }, path, place) => [
    ...texts(path, { volumeID }),
    ...secretAddress(secretRef, path, place),
  ],
  fc: fibreChannel,
  flexVolume: ({ driver, options }, path) => [
    ...texts(path, { driver }),
    ...flexOptions(options, path),
  ],
  flocker,
  gcePersistentDisk: (disk, path) => [
    ...texts(path, { pdName: disk.pdName }),
    ...partition(path, disk.partition),
  ],
  glusterfs: (source, path) => [
    ...texts(path, { endpoints: source.endpoints, path: source.path }),
    ...endpointsNamespace(source.endpointsNamespace, path),
  ],
  hostPath: ({ path: folder, type }, path) =>
    folder === ''
      ? [required(child(path, 'path'))]
      : [
          ...noBacksteps(child(path, 'path'), folder),
          ...oneOf(child(path, 'type'), type, hostPathTypes),
        ],
  iscsi,
  nfs,
  photonPersistentDisk: ({ pdID }, path) => texts(path, { pdID }),
  portworxVolume: ({ volumeID }, path) => texts(path, { volumeID }),
  quobyte,
  rbd: (source, path) => [...monitors(source, path), ...texts(path, { image: source.image })],
  scaleIO: ({ gateway, system, volumeName }, path) => texts(path, { gateway, system, volumeName }),
  storageos: storageOs,
  vsphereVolume: ({ volumePath }, path) => texts(path, { volumePath }),
};

/** What a source is called in paths of errors, where that is not its field. */
const pathNames: Partial<Record<keyof Sources, string>> = {
  gcePersistentDisk: 'persistentDisk',
};

const isCommon = (name: string): name is keyof Sources => Object.hasOwn(rules, name);

function check<Name extends keyof Sources>(
  name: Name,
  source: Sources[Name] | undefined,
  { field, place }: { readonly field: string; readonly place: SourcePlace },
): FieldError[] {
  if (source === undefined) return [];
  return rules[name](source, child(field, pathNames[name] ?? name), place);
}

/** Checks the source `name` of a volume at `field`; nothing where it is none of those here. */
export const validateCommonSource = (
  name: string,
  sources: CommonSources,
  where: { readonly field: string; readonly place: SourcePlace },
): FieldError[] => (isCommon(name) ? check(name, sources[name], where) : []);

const maxDriverLength = 63;

/** Checks the name of a CSI driver. */
export const validateDriverName = (driver: string | undefined, field: string): FieldError[] => [
  ...requiredText(field, driver),
  ...(driver === undefined || driver.length <= maxDriverLength
    ? []
    : [tooLong(field, maxDriverLength)]),
  ...optionalName(field, driver, (name) => dns1123SubdomainErrors(name.toLowerCase())),
];
