/** Checks the expressions of a validating policy against the kinds it is made for, as far as rules name them. Pure. */
import type { ResourceDefinition } from '../../schema/resource.js';
import { compileExpression } from '../../cel/program.js';
import { CelCompileError } from '../../cel/source.js';
import type { CelType } from '../../cel/types.js';
import { dynType } from '../../cel/types.js';
import { environmentOf } from '../cel/environment.js';
import type { ExpressionScope } from '../cel/environment.js';
import { typeOfDefinition } from '../cel/schema-types.js';
import { maxCheckedTypes } from './limits.js';
import type {
  ExpressionWarning,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicySpec,
} from './types.js';

type Kind = Pick<ResourceDefinition, 'group' | 'version' | 'kind' | 'plural' | 'schema'>;

const isPlain = (texts: readonly string[] | undefined): texts is readonly string[] =>
  texts !== undefined && !texts.some((text) => text.includes('*') || text.includes('/'));

/** The kinds that rules name without wildcards and subresources. */
function kindsOf(spec: ValidatingAdmissionPolicySpec, all: readonly Kind[]): readonly Kind[] {
  const found = new Set<Kind>();
  for (const rule of spec.matchConstraints?.resourceRules ?? []) {
    const { apiGroups, apiVersions, resources } = rule;
    if (!isPlain(apiGroups) || !isPlain(apiVersions) || !isPlain(resources)) continue;
    for (const kind of all) {
      const isMeant =
        apiGroups.includes(kind.group) &&
        apiVersions.includes(kind.version) &&
        resources.includes(kind.plural);
      if (isMeant) found.add(kind);
    }
  }
  return [...found].slice(0, maxCheckedTypes);
}

interface Expression {
  readonly fieldRef: string;
  readonly text: string;
  readonly authorizer: boolean;
}

function expressionsOf(spec: ValidatingAdmissionPolicySpec): readonly Expression[] {
  const { validations = [], matchConditions = [], auditAnnotations = [] } = spec;
  const at = (list: string, position: number, field: string): string =>
    `spec.${list}[${String(position)}].${field}`;
  return [
    ...validations.flatMap(({ expression, messageExpression = '' }, position) => [
      { fieldRef: at('validations', position, 'expression'), text: expression, authorizer: true },
      ...(messageExpression === ''
        ? []
        : [
            {
              fieldRef: at('validations', position, 'messageExpression'),
              text: messageExpression,
              authorizer: false,
            },
          ]),
    ]),
    ...matchConditions.map(({ expression }, position) => ({
      fieldRef: at('matchConditions', position, 'expression'),
      text: expression,
      authorizer: true,
    })),
    ...auditAnnotations.map(({ valueExpression }, position) => ({
      fieldRef: at('auditAnnotations', position, 'valueExpression'),
      text: valueExpression,
      authorizer: true,
    })),
  ];
}

interface Checked {
  readonly type: CelType;
  readonly error: string | undefined;
}

function check(text: string, scope: ExpressionScope, object: CelType): Checked {
  const environment = environmentOf(scope);
  const variables = new Map(environment.variables).set('object', object).set('oldObject', object);
  try {
    return { type: compileExpression(text, { ...environment, variables }).type, error: undefined };
  } catch (error) {
    if (!(error instanceof CelCompileError)) throw error;
    return { type: dynType, error: error.message };
  }
}

function variableTypesFor(
  spec: ValidatingAdmissionPolicySpec,
  scope: ExpressionScope,
  object: CelType,
): Readonly<Record<string, CelType>> {
  const types: Record<string, CelType> = {};
  for (const { name, expression } of spec.variables ?? []) {
    types[name] = check(expression, { ...scope, variables: { ...types } }, object).type;
  }
  return types;
}

const kindText = ({ group, version, kind }: Kind): string =>
  `${group === '' ? version : `${group}/${version}`}, Kind=${kind}`;

/** What is doubtful, by expression; the text of one names each kind it is doubtful for. */
export function typeWarnings(
  { spec }: ValidatingAdmissionPolicy,
  all: readonly Kind[],
): readonly ExpressionWarning[] {
  const kinds = kindsOf(spec, all);
  return expressionsOf(spec).flatMap(({ fieldRef, text, authorizer }) => {
    const problems = kinds.flatMap((kind) => {
      const object = typeOfDefinition(kind.schema);
      const scope: ExpressionScope = {
        params: spec.paramKind !== undefined,
        authorizer,
        namespaceObject: true,
        variables: undefined,
      };
      const variables = variableTypesFor(spec, scope, object);
      const { error } = check(text, { ...scope, variables }, object);
      return error === undefined ? [] : [`${kindText(kind)}: ${error}\n`];
    });
    return problems.length === 0 ? [] : [{ fieldRef, warning: problems.join('\n') }];
  });
}
