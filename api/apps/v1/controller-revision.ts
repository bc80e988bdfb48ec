/** ControllerRevisions: the kind and its resource, `controllerrevisions`. */
import { ageColumn, nameColumn } from '../../meta/columns.js';
import { controllerOf } from '../../meta/controller-ref.js';
import { defineResource } from '../../schema/resource.js';
import { fillZeroValues } from '../../schema/zero-values.js';
import type { FieldError } from '../../validation/field-error.js';
import { required } from '../../validation/field-error.js';
import { immutable } from '../../validation/object-meta.js';
import type { ControllerRevision } from './types.js';
import { definition, int64, rawExtension } from '../../schema/schema.js';
import { objectFields } from '../../meta/v1/object-meta.js';
import { nonNegative } from '../../validation/numbers.js';

export const controllerRevision = definition(
  'io.k8s.api.apps.v1.ControllerRevision',
  "One recorded state of a workload's template, kept so that the workload can go back to it.",
  {
    ...objectFields,
    data: rawExtension(
      2,
      'The recorded state, in a form its controller chose; it cannot be changed.',
    ),
    revision: int64(
      3,
      'Place of this state among all recorded ones; a higher number is a later one.',
      { required: true },
    ),
  },
);

const validate = ({ data, revision }: ControllerRevision): FieldError[] => [
  ...(data === undefined ? [required('data', 'data is mandatory')] : []),
  ...nonNegative(revision, 'revision'),
];

/** The object's controller as `kind.group/name`, which is how kubectl names it. */
function controllerText(object: ControllerRevision): string {
  const owner = controllerOf(object);
  if (owner === undefined) return '<none>';
  const [group] = owner.apiVersion.includes('/') ? owner.apiVersion.split('/') : [''];
  const kind = owner.kind.toLowerCase();
  return `${group === '' || group === undefined ? kind : `${kind}.${group}`}/${owner.name}`;
}

export const controllerRevisions = defineResource<ControllerRevision>({
  group: 'apps',
  version: 'v1',
  kind: 'ControllerRevision',
  plural: 'controllerrevisions',
  scope: 'Namespaced',
  schema: controllerRevision,
  defaults: (draft) => {
    fillZeroValues(controllerRevision, draft);
  },
  validate,
  validateUpdate: (object, stored) => immutable('data', object.data, stored.data),
  columns: [
    nameColumn,
    {
      name: 'Controller',
      type: 'string',
      description: 'The workload whose state is recorded.',
      priority: 0,
      cell: controllerText,
    },
    {
      name: 'Revision',
      type: 'string',
      description: 'Place of the state among all recorded ones.',
      priority: 0,
      cell: ({ revision }) => revision,
    },
    ageColumn,
  ],
});
