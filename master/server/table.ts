/** Objects as other forms of themselves: rows of a table as `kubectl get` shows them, or their metadata alone. */
import { badRequest } from '../../api/meta/status-error.js';
import type { KubeObject, ListMeta } from '../../api/meta/v1/types.js';
import type { ResourceDefinition, TableColumn } from '../../api/schema/resource.js';
import { writtenObject } from '../../api/schema/unset-fields.js';
import { ageText } from '../../api/age.js';
import { bareObject } from './bare-object.js';

export type IncludeObject = 'None' | 'Metadata' | 'Object';

/** The columns of a kind that declares none. */
const plainColumns: readonly TableColumn<KubeObject>[] = [
  {
    name: 'Name',
    type: 'string',
    format: 'name',
    description: 'The name of the object, unique within its namespace.',
    priority: 0,
    cell: (object) => object.metadata.name,
  },
  {
    name: 'Age',
    type: 'string',
    description: 'How long ago the object was created.',
    priority: 0,
    cell: (object, now) => ageText(object.metadata.creationTimestamp, now),
  },
];

/** 400 for a value that is none of the three. */
export function includeObjectOf(query: URLSearchParams): IncludeObject {
  const text = query.get('includeObject') ?? '';
  if (text === '' || text === 'Metadata') return 'Metadata';
  if (text === 'None' || text === 'Object') return text;
  throw badRequest(
    `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(text)}: must be 'Metadata', 'Object', 'None', or empty`,
  );
}

/** The object's metadata as an object of its own. */
export const partialMetadata = (object: KubeObject, metaVersion: string): unknown => ({
  kind: 'PartialObjectMetadata',
  apiVersion: `meta.k8s.io/${metaVersion}`,
  metadata: object.metadata,
});

export interface TableOptions {
  readonly resource: ResourceDefinition;
  readonly metaVersion: string;
  readonly includeObject: IncludeObject;
  readonly nowMs: number;
  /** Later events of a watch leave the column definitions out. */
  readonly withColumns?: boolean;
}

const columnsOf = ({ columns = plainColumns }: ResourceDefinition) => columns;

/** A `meta.k8s.io` Table without its rows. */
export function tableHead(
  metadata: ListMeta,
  { resource, metaVersion, withColumns = true }: TableOptions,
): Readonly<Record<string, unknown>> {
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${metaVersion}`,
    metadata,
    columnDefinitions: withColumns
      ? columnsOf(resource).map(({ name, type, format = '', description, priority }) => ({
          name,
          type,
          format,
          description,
          priority,
        }))
      : null,
  };
}

/** How an object is shown beside its cells. */
function shownObject(object: KubeObject, options: TableOptions): unknown {
  const { resource, metaVersion, includeObject } = options;
  if (includeObject === 'Object') return writtenObject(object, resource);
  if (includeObject === 'None') return null;
  return partialMetadata(bareObject(object, resource), metaVersion);
}

/** The row of one object. */
export function tableRow(object: KubeObject, options: TableOptions): unknown {
  const { resource, nowMs } = options;
  const completion = resource.completion?.(object);
  return {
    cells: columnsOf(resource).map((column) => column.cell(object, nowMs)),
    ...(completion === undefined
      ? {}
      : { conditions: [{ type: 'Completed', status: 'True', ...completion }] }),
    object: shownObject(object, options),
  };
}

/** A Table of one object. */
export const tableOf = (
  object: KubeObject,
  metadata: ListMeta,
  options: TableOptions,
): unknown => ({
  ...tableHead(metadata, options),
  rows: [tableRow(object, options)],
});

/** What cells show of an object that has nothing. */
const emptyCells = { string: '', date: null, integer: 0, number: 0, boolean: false };

/** A Table of a bookmark, whose object has metadata only: cells of most kinds cannot be made of it. */
export const bookmarkTable = (
  bookmark: KubeObject,
  metadata: ListMeta,
  options: TableOptions,
): unknown => ({
  ...tableHead(metadata, options),
  rows: [
    {
      cells: columnsOf(options.resource).map(({ type }) => emptyCells[type]),
      object: shownObject(bookmark, options),
    },
  ],
});
