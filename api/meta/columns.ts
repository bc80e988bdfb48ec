/** Columns of `kubectl get` that many kinds share. */
import { ageText } from '../age.js';
import type { TableColumn } from '../schema/resource.js';
import type { KubeObject } from './v1/types.js';

/** The object's name, which kubectl never prints but as it is. */
export const plainNameColumn: TableColumn<KubeObject> = {
  name: 'Name',
  type: 'string',
  description: 'The name of the object, unique among its kind in its namespace.',
  priority: 0,
  cell: (object) => object.metadata.name,
};

/** The object's name, which kubectl prints as `kind/name` where it lists several kinds. */
export const nameColumn: TableColumn<KubeObject> = { ...plainNameColumn, format: 'name' };

/** How long the object has existed. */
export const ageColumn: TableColumn<KubeObject> = {
  name: 'Age',
  type: 'string',
  description: 'How long ago the server created the object.',
  priority: 0,
  cell: (object, now) => ageText(object.metadata.creationTimestamp, now),
};

/** When the object was created, which is what kinds without columns of their own show. */
export const createdAtColumn: TableColumn<KubeObject> = {
  name: 'Created At',
  type: 'date',
  description: 'When the server created the object.',
  priority: 0,
  cell: ({ metadata }) => metadata.creationTimestamp,
};

/** A map of labels as tables show it; `<none>` where it is empty. */
export function labelsText(labels: Readonly<Record<string, string>> | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([name, value]) => `${name}=${value}`);
  return pairs.length === 0 ? '<none>' : pairs.sort().join(',');
}
