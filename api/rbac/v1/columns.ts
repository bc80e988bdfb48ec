/** What `kubectl get` shows of roles and bindings. */
import { ageColumn, nameColumn } from '../../meta/columns.js';
import type { KubeObject } from '../../meta/v1/types.js';
import type { TableColumn } from '../../schema/resource.js';
import type { RoleRef, Subject } from './types.js';

/** The part of a binding that columns read. */
type Binding = KubeObject & { roleRef: RoleRef; subjects?: Subject[] | undefined };

const named = (kind: string, text: (subject: Subject) => string) => (binding: Binding) =>
  (binding.subjects ?? [])
    .filter((subject) => subject.kind === kind)
    .map(text)
    .join(', ');

/** The columns of a kind of binding, which descriptions call `what`. */
export const bindingColumns = (what: string): readonly TableColumn<Binding>[] => [
  nameColumn,
  {
    name: 'Role',
    type: 'string',
    description: 'The role that is granted.',
    priority: 0,
    cell: ({ roleRef }) => `${roleRef.kind}/${roleRef.name}`,
  },
  ageColumn,
  {
    name: 'Users',
    type: 'string',
    description: `Users in the ${what}`,
    priority: 1,
    cell: named('User', ({ name }) => name),
  },
  {
    name: 'Groups',
    type: 'string',
    description: `Groups in the ${what}`,
    priority: 1,
    cell: named('Group', ({ name }) => name),
  },
  {
    name: 'ServiceAccounts',
    type: 'string',
    description: `ServiceAccounts in the ${what}`,
    priority: 1,
    cell: named('ServiceAccount', ({ namespace, name }) =>
      namespace === undefined || namespace === '' ? name : `${namespace}/${name}`,
    ),
  },
];
