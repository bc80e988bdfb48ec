/** Columns that validating and mutating policies share. */
import { ageColumn, nameColumn } from '../../meta/columns.js';
import type { KubeObject, LabelSelector } from '../../meta/v1/types.js';
import type { TableColumn } from '../../schema/resource.js';
import type { ParamKind, ParamRef } from './types.js';

/** `apps/v1/Kind` in tables. */
const paramKindText = (kind: ParamKind | undefined): string =>
  kind === undefined ? '<unset>' : `${kind.apiVersion ?? ''}/${kind.kind ?? ''}`;

/** A selector the way Go's generated code writes one out, which is what Kubernetes shows here. */
function selectorText({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  const labels = Object.keys(matchLabels)
    .sort()
    .map((key) => `${key}: ${matchLabels[key] ?? ''},`);
  const requirements = matchExpressions.map(
    ({ key, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
  );
  return `&LabelSelector{MatchLabels:map[string]string{${labels.join('')}},MatchExpressions:[]LabelSelectorRequirement{${requirements.join('')}},}`;
}

/** `namespace/name` in tables, with `*` for the namespace where none is given. */
function paramRefText(reference: ParamRef | undefined): string {
  const { name = '', namespace = '', selector } = reference ?? {};
  if (name !== '') return `${namespace === '' ? '*' : namespace}/${name}`;
  return selector === undefined ? '<unset>' : selectorText(selector);
}

/** The kind of a policy's parameters. */
export const paramKindColumn: TableColumn<{
  readonly spec: { readonly paramKind?: ParamKind | undefined };
}> = {
  name: 'ParamKind',
  type: 'string',
  description: 'The kind of its parameters.',
  priority: 0,
  cell: ({ spec }) => paramKindText(spec.paramKind),
};

interface Binding extends KubeObject {
  readonly spec: {
    readonly policyName?: string | undefined;
    readonly paramRef?: ParamRef | undefined;
  };
}

/** All columns of what puts a policy in force. */
export const bindingColumns: readonly TableColumn<Binding>[] = [
  nameColumn,
  {
    name: 'PolicyName',
    type: 'string',
    description: 'The policy that is put in force.',
    priority: 0,
    cell: ({ spec }) => spec.policyName ?? '',
  },
  {
    name: 'ParamRef',
    type: 'string',
    description: 'The parameters it is put in force with.',
    priority: 0,
    cell: ({ spec }) => paramRefText(spec.paramRef),
  },
  ageColumn,
];
