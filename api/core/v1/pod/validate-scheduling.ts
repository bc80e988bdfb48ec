/** Checks of what steers scheduling: affinity, tolerations, spreading and gates, with Kubernetes' texts. */
import type { LabelSelector } from '../../../meta/v1/types.js';
import type { FieldError } from '../../../validation/field-error.js';
import {
  child,
  duplicate,
  forbidden,
  index,
  invalid,
  required,
  invalidBecause,
} from '../../../validation/field-error.js';
import { validateLabelSelector } from '../../../validation/label-selector.js';
import { validateLabelName } from '../../../validation/labels.js';
import {
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  labelValueErrors,
  qualifiedNameErrors,
} from '../../../validation/names.js';
import type {
  Affinity,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
  PodSpec,
  Toleration,
  TopologySpreadConstraint,
} from '../types.js';
import { eachOf, oneOf, requiredOneOf } from './validate-values.js';

const badOperator = 'not a valid selector operator';

function validateExpression(requirement: NodeSelectorRequirement, field: string): FieldError[] {
  const { key, operator, values = [] } = requirement;
  const valuesPath = child(field, 'values');
  const errors: FieldError[] = [];
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.length === 0) {
        errors.push(required(valuesPath, "must be specified when `operator` is 'In' or 'NotIn'"));
      }
      break;
    case 'Exists':
    case 'DoesNotExist':
      if (values.length > 0) {
        errors.push(
          forbidden(
            valuesPath,
            "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
          ),
        );
      }
      break;
    case 'Gt':
    case 'Lt':
      if (values.length !== 1) {
        errors.push(
          required(valuesPath, "must be specified single value when `operator` is 'Lt' or 'Gt'"),
        );
      }
      break;
    default:
      errors.push(invalid(child(field, 'operator'), operator, badOperator));
  }
  return [...errors, ...validateLabelName(key, child(field, 'key'))];
}

function validateFieldExpression(
  { key, operator, values = [] }: NodeSelectorRequirement,
  field: string,
): FieldError[] {
  const errors: FieldError[] = [];
  if (operator !== 'In' && operator !== 'NotIn') {
    errors.push(invalid(child(field, 'operator'), operator, badOperator));
  } else if (values.length !== 1) {
    const detail =
      "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
    errors.push(required(child(field, 'values'), detail));
  }
  if (key !== 'metadata.name') {
    errors.push(invalid(child(field, 'key'), key, 'not a valid field selector key'));
    return errors;
  }
  return [
    ...errors,
    ...eachOf(child(field, 'values'), values, (value, path) =>
      invalidBecause(path, value, dns1123SubdomainErrors(value)),
    ),
  ];
}

const validateNodeTerm = (term: NodeSelectorTerm, field: string): FieldError[] => [
  ...eachOf(child(field, 'matchExpressions'), term.matchExpressions, validateExpression),
  ...eachOf(child(field, 'matchFields'), term.matchFields, validateFieldExpression),
];

const validateWeight = (weight: number, field: string): FieldError[] =>
  weight >= 1 && weight <= 100
    ? []
    : [invalid(child(field, 'weight'), weight, 'must be in the range 1-100')];

const requiredField = 'requiredDuringSchedulingIgnoredDuringExecution';
const preferredField = 'preferredDuringSchedulingIgnoredDuringExecution';

/** Required objects may be absent all the same: nothing before validation asks for them. */
const orEmpty = (term: NodeSelectorTerm | undefined): NodeSelectorTerm => term ?? {};
const orNear = (term: PodAffinityTerm | undefined): PodAffinityTerm => term ?? { topologyKey: '' };

/** Checks a selector of nodes, which has to have a term. */
export function validateNodeSelector(selector: NodeSelector, field: string): FieldError[] {
  const path = child(field, 'nodeSelectorTerms');
  const terms = selector.nodeSelectorTerms as NodeSelectorTerm[] | undefined;
  return [
    ...((terms ?? []).length === 0
      ? [required(path, 'must have at least one node selector term')]
      : []),
    ...eachOf(path, terms, validateNodeTerm),
  ];
}

function validateNodeAffinity(
  affinity: NonNullable<Affinity['nodeAffinity']>,
  field: string,
): FieldError[] {
  const selector = affinity[requiredField];
  return [
    ...(selector === undefined ? [] : validateNodeSelector(selector, child(field, requiredField))),
    ...eachOf(child(field, preferredField), affinity[preferredField], (term, path) => [
      ...validateWeight(term.weight, path),
      ...validateNodeTerm(orEmpty(term.preference), child(path, 'preference')),
    ]),
  ];
}

/** Keys that are merged into a selector from the pod's own labels; they must not be selected on already. */
function validateMatchLabelKeys(
  keys: readonly string[] | undefined,
  selector: LabelSelector | undefined,
  field: string,
): FieldError[] {
  if (keys === undefined || keys.length === 0) return [];
  if (selector === undefined) {
    return [forbidden(field, 'must not be specified when labelSelector is not set')];
  }
  const selected = new Set(Object.keys(selector.matchLabels ?? {}));
  return keys.flatMap((key, position) => [
    ...validateLabelName(key, index(field, position)),
    ...(selected.has(key)
      ? [invalid(index(field, position), key, 'exists in both matchLabelKeys and labelSelector')]
      : []),
  ]);
}

function validatePodTerm(term: PodAffinityTerm, field: string): FieldError[] {
  const { labelSelector, matchLabelKeys, mismatchLabelKeys } = term;
  const topologyPath = child(field, 'topologyKey');
  return [
    ...validateLabelSelector(labelSelector, child(field, 'labelSelector')),
    ...validateLabelSelector(term.namespaceSelector, child(field, 'namespaceSelector')),
    ...(term.namespaces ?? []).flatMap((name) =>
      invalidBecause(child(field, 'namespace'), name, dns1123LabelErrors(name)),
    ),
    ...eachOf(child(field, 'matchLabelKeys'), matchLabelKeys, (key, path) => [
      ...validateLabelName(key, path),
      ...(mismatchLabelKeys?.includes(key) === true
        ? [invalid(path, key, 'exists in both matchLabelKeys and mismatchLabelKeys')]
        : []),
    ]),
    ...eachOf(child(field, 'mismatchLabelKeys'), mismatchLabelKeys, validateLabelName),
    ...(term.topologyKey === ''
      ? [required(topologyPath, 'can not be empty')]
      : validateLabelName(term.topologyKey, topologyPath)),
  ];
}

const validatePodAffinity = (affinity: PodAffinity | undefined, field: string): FieldError[] => [
  ...eachOf(child(field, requiredField), affinity?.[requiredField], validatePodTerm),
  ...eachOf(child(field, preferredField), affinity?.[preferredField], (term, path) => [
    ...validateWeight(term.weight, path),
    ...validatePodTerm(orNear(term.podAffinityTerm), child(path, 'podAffinityTerm')),
  ]),
];

const validateAffinity = (affinity: Affinity, field: string): FieldError[] => [
  ...(affinity.nodeAffinity === undefined
    ? []
    : validateNodeAffinity(affinity.nodeAffinity, child(field, 'nodeAffinity'))),
  ...validatePodAffinity(affinity.podAffinity, child(field, 'podAffinity')),
  ...validatePodAffinity(affinity.podAntiAffinity, child(field, 'podAntiAffinity')),
];

function validateTolerationOperator(toleration: Toleration, field: string): FieldError[] {
  const { operator, value = '' } = toleration;
  const path = child(field, 'operator');
  if (operator === undefined || (operator as string) === '' || operator === 'Equal') {
    const details = labelValueErrors(value);
    return details.length === 0 ? [] : [invalid(path, value, details.join(';'))];
  }
  if (operator === 'Exists') {
    const detail = "value must be empty when `operator` is 'Exists'";
    return value === '' ? [] : [invalid(path, toleration, detail)];
  }
  if (!['Lt', 'Gt'].includes(operator))
    return oneOf(path, operator, ['Equal', 'Exists', 'Gt', 'Lt']);
  return /^(0|-?[1-9][0-9]*)$/.test(value)
    ? []
    : [invalid(child(field, 'value'), value, 'must be a valid integer')];
}

/** Checks one toleration. */
export function validateToleration(toleration: Toleration, field: string): FieldError[] {
  const { key = '', operator, effect, tolerationSeconds } = toleration;
  const errors = key === '' ? [] : validateLabelName(key, child(field, 'key'));
  if (key === '' && operator !== 'Exists') {
    const detail =
      'operator must be Exists when `key` is empty, which means "match all values and all keys"';
    errors.push(invalid(child(field, 'operator'), operator ?? '', detail));
  }
  if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
    const detail = "effect must be 'NoExecute' when `tolerationSeconds` is set";
    errors.push(invalid(child(field, 'effect'), effect ?? '', detail));
  }
  return [
    ...errors,
    ...validateTolerationOperator(toleration, field),
    ...oneOf(child(field, 'effect'), effect, ['NoExecute', 'NoSchedule', 'PreferNoSchedule']),
  ];
}

function validateMinDomains(constraint: TopologySpreadConstraint, field: string): FieldError[] {
  const { minDomains, whenUnsatisfiable: action } = constraint;
  if (minDomains === undefined) return [];
  const path = child(field, 'minDomains');
  const errors = minDomains > 0 ? [] : [invalid(path, minDomains, 'must be greater than zero')];
  if (action !== 'DoNotSchedule') {
    const detail = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action}`;
    errors.push(invalid(path, minDomains, detail));
  }
  return errors;
}

function validateSpread(
  constraints: readonly TopologySpreadConstraint[] | undefined,
  field: string,
): FieldError[] {
  const seen = new Set<string>();
  const policies = ['Honor', 'Ignore'];
  return eachOf(field, constraints, (constraint, path) => {
    const { maxSkew, topologyKey, whenUnsatisfiable: action, labelSelector } = constraint;
    const errors: FieldError[] = [];
    const skew = (maxSkew as number | undefined) ?? 0;
    if (skew <= 0) {
      errors.push(invalid(child(path, 'maxSkew'), skew, 'must be greater than zero'));
    }
    const keyPath = child(path, 'topologyKey');
    if (((topologyKey as string | undefined) ?? '') === '') {
      errors.push(required(keyPath, 'can not be empty'));
    } else errors.push(...validateLabelName(topologyKey, keyPath));
    const actions = ['DoNotSchedule', 'ScheduleAnyway'];
    errors.push(...requiredOneOf(child(path, 'whenUnsatisfiable'), action, actions));
    const identity = `{${topologyKey}, ${action}}`;
    if (seen.has(identity)) {
      errors.push(duplicate(child(path, '{topologyKey, whenUnsatisfiable}'), identity));
    }
    seen.add(identity);
    return [
      ...errors,
      ...validateMinDomains(constraint, path),
      ...oneOf(child(path, 'nodeAffinityPolicy'), constraint.nodeAffinityPolicy, policies),
      ...oneOf(child(path, 'nodeTaintsPolicy'), constraint.nodeTaintsPolicy, policies),
      ...validateMatchLabelKeys(
        constraint.matchLabelKeys,
        labelSelector,
        child(path, 'matchLabelKeys'),
      ),
      ...validateLabelSelector(labelSelector, child(path, 'labelSelector')),
    ];
  });
}

function validateGates(spec: PodSpec, field: string): FieldError[] {
  const seen = new Set<string>();
  return [
    ...eachOf(child(field, 'readinessGates'), spec.readinessGates, ({ conditionType }, path) =>
      invalidBecause(
        child(path, 'conditionType'),
        conditionType,
        qualifiedNameErrors(conditionType),
      ),
    ),
    ...eachOf(child(field, 'schedulingGates'), spec.schedulingGates, ({ name }, path) => {
      const errors = invalidBecause(path, name, qualifiedNameErrors(name));
      if (seen.has(name)) errors.push(duplicate(path, name));
      seen.add(name);
      return errors;
    }),
  ];
}

/** Checks everything of a pod that only the scheduler looks at; `field` is the path of the spec. */
export const validateScheduling = (spec: PodSpec, field: string): FieldError[] => [
  ...(spec.affinity === undefined ? [] : validateAffinity(spec.affinity, child(field, 'affinity'))),
  ...validateGates(spec, field),
  ...validateSpread(spec.topologySpreadConstraints, child(field, 'topologySpreadConstraints')),
  ...eachOf(child(field, 'tolerations'), spec.tolerations, validateToleration),
];
