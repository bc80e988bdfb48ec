/** The selection of the fake client: equality in labels and in fields read by their path. */
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { ListOptions } from './client.js';

interface Requirement {
  readonly name: string;
  readonly equal: boolean;
  readonly value: string;
}

const requirementsOf = (selector: string | undefined): readonly Requirement[] =>
  (selector ?? '')
    .split(',')
    .filter((term) => term !== '')
    .map((term) => {
      const [, name = '', operator, value = ''] = /^([^!=]+)(!=|==?)(.*)$/.exec(term) ?? [];
      return { name, equal: operator !== '!=', value };
    });

function fieldOf(object: unknown, path: string): string {
  const value = path
    .split('.')
    .reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], object);
  return typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
}

/** Whether an object is in a list's or watch's selection. */
export function matches(object: KubeObject, options: ListOptions): boolean {
  if (
    options.namespace !== undefined &&
    options.namespace !== '' &&
    object.metadata.namespace !== options.namespace
  ) {
    return false;
  }
  const labels = object.metadata.labels ?? {};
  return (
    requirementsOf(options.labelSelector).every(
      ({ name, equal, value }) => (labels[name] === value) === equal,
    ) &&
    requirementsOf(options.fieldSelector).every(
      ({ name, equal, value }) => (fieldOf(object, name) === value) === equal,
    )
  );
}
