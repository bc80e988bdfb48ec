/** Columns that persistent volumes and claims share. */
import type { KubeObject } from '../../meta/v1/types.js';
import type { TableColumn } from '../../schema/resource.js';

const shortModes: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};

/** Access modes in the short words of kubectl, in its order, each once. */
export const accessModesText = (modes: readonly string[] | undefined): string =>
  Object.entries(shortModes)
    .filter(([mode]) => modes?.includes(mode) === true)
    .map(([, short]) => short)
    .join(',');

/** Where the class of a claim or volume stood before there was a field for it. */
export const storageClassAnnotation = 'volume.beta.kubernetes.io/storage-class';

/** The class of a volume or claim; an annotation from before there was a field goes first. */
export const storageClassOf = ({
  metadata,
  spec,
}: KubeObject & { spec: { storageClassName?: string | undefined } }): string =>
  metadata.annotations?.[storageClassAnnotation] ?? spec.storageClassName ?? '';

/** The phase, unless the object is on its way out. */
export const volumePhase = ({
  metadata,
  status,
}: KubeObject & { status: { phase?: string | undefined } }): string =>
  metadata.deletionTimestamp === undefined ? (status.phase ?? '') : 'Terminating';

/** A column of text. */
export const storageColumn = <T>(
  name: string,
  description: string,
  cell: (object: T) => string,
  priority = 0,
): TableColumn<T> => ({ name, type: 'string', description, priority, cell });
