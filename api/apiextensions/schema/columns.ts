/** The columns a version of a custom resource shows in lists. */
import { ageText } from '../../age.js';
import type { KubeObject } from '../../meta/v1/types.js';
import type { TableColumn } from '../../schema/resource.js';
import type { CustomResourceColumnDefinition } from '../v1/types.js';
import { compileJsonPath, JsonPathError } from './json-path.js';

type Cell = string | number | boolean | null;

const nameColumn: TableColumn<KubeObject> = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'The name of the object, unique within its namespace.',
  priority: 0,
  cell: (object) => object.metadata.name,
};

const ageColumn: TableColumn<KubeObject> = {
  name: 'Age',
  type: 'date',
  description: 'How long ago the object was created.',
  priority: 0,
  cell: (object, now) => ageText(object.metadata.creationTimestamp, now),
};

function textOf(value: unknown): Cell {
  if (value === null) return '<nil>';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function cellOf(value: unknown, type: string, now: number): Cell {
  if (value === undefined || (value === null && type !== 'string')) return null;
  switch (type) {
    case 'string':
      return textOf(value);
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      if (typeof value !== 'string') return null;
      return Number.isNaN(Date.parse(value)) ? '<invalid>' : ageText(value, now);
    default:
      return null;
  }
}

/** A column of a list, with how its cells are found; undefined where its path cannot be read. */
function columnOf(column: CustomResourceColumnDefinition): TableColumn<KubeObject> | undefined {
  const find = finderOf(column);
  if (find === undefined) return undefined;
  const description =
    column.description === undefined || column.description === ''
      ? `Custom resource definition column (in JSONPath format): ${column.jsonPath}`
      : column.description;
  return {
    name: column.name,
    type: column.type as TableColumn<KubeObject>['type'],
    ...(column.format === undefined || column.format === ''
      ? {}
      : { format: column.format as 'name' }),
    description,
    priority: column.priority ?? 0,
    cell: (object, now) => cellOf(find(object)[0], column.type, now),
  };
}

function finderOf({ jsonPath }: CustomResourceColumnDefinition) {
  try {
    return compileJsonPath(jsonPath);
  } catch (error) {
    if (error instanceof JsonPathError) return undefined;
    throw error;
  }
}

/** The name, then what the version names; the age alone where it names nothing, or nothing that can be read. */
export function columnsOf(
  columns: readonly CustomResourceColumnDefinition[] | undefined,
): readonly TableColumn<KubeObject>[] {
  const named = (columns ?? []).map(columnOf);
  const read = named.filter((column) => column !== undefined);
  return read.length === 0 || read.length < named.length
    ? [nameColumn, ageColumn]
    : [nameColumn, ...read];
}
