/** Checks of what steers scheduling: affinity, tolerations, spreading and gates, with Kubernetes' texts. */
import type { LabelSelector } from '../../../meta/v1/types.js';
import type { FieldError } from '../../../validation/field-error.js';
import {
  child,
  duplicate,
  forbidden,
  index,
  invalid,
  notSupported,
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
import { anyOf, eachOf, oneOf, requiredText } from './validate-values.js';

const badOperator = 'not a valid selector operator';

/** Values are only checked where the selector has to be met. */
type Strictness = 'required' | 'preferred';

function validateExpression(
  requirement: NodeSelectorRequirement,
  field: string,
  strictness: Strictness,
): FieldError[] {
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
  errors.push(...validateLabelName(key, child(field, 'key')));
  return strictness === 'preferred'
    ? errors
    : [
        ...errors,
        ...eachOf(valuesPath, values, (value, path) =>
          invalidBecause(path, value, labelValueErrors(value)),
        ),
      ];
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

const validateNodeTerm = (
  term: NodeSelectorTerm,
  field: string,
  strictness: Strictness,
): FieldError[] => [
  ...eachOf(child(field, 'matchExpressions'), term.matchExpressions, (requirement, path) =>
    validateExpression(requirement, path, strictness),
  ),
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
    ...eachOf(path, terms, (term, termPath) => validateNodeTerm(term, termPath, 'required')),
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
      ...validateNodeTerm(orEmpty(term.preference), child(path, 'preference'), 'preferred'),
    ]),
  ];
}

/** Keys make sense beside a selector only. */
function validateLabelKeys(
  keys: readonly string[] | undefined,
  selector: LabelSelector | undefined,
  field: string,
): FieldError[] {
  if (keys === undefined || keys.length === 0) return [];
  return selector === undefined
    ? [forbidden(field, 'must not be specified when labelSelector is not set')]
    : eachOf(field, keys, validateLabelName);
}

interface KeyedSelector {
  readonly labelSelector?: LabelSelector | undefined;
  readonly matchLabelKeys?: readonly string[] | undefined;
  readonly mismatchLabelKeys?: readonly string[] | undefined;
}

/**
 * Labels of the pod itself that are selected on. By now their values are in the selector's expressions, so a key that is there
 * twice was selected on already; Kubernetes reports it by its position below what holds the keys.
 */
function validateKeys(selector: KeyedSelector, field: string): FieldError[] {
  const { labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] } = selector;
  if (matchLabelKeys.length === 0 && mismatchLabelKeys.length === 0) return [];
  const selected = new Set(Object.keys(labelSelector?.matchLabels ?? {}));
  const twice = (labelSelector?.matchExpressions ?? []).flatMap(({ key }) => {
    const position = matchLabelKeys.lastIndexOf(key);
    const isTwice = position >= 0 && selected.has(key);
    selected.add(key);
    const detail = 'exists in both matchLabelKeys and labelSelector';
    return isTwice ? [invalid(index(field, position), key, detail)] : [];
  });
  const matchField = child(field, 'matchLabelKeys');
  return [
    ...validateLabelKeys(matchLabelKeys, labelSelector, matchField),
    ...validateLabelKeys(mismatchLabelKeys, labelSelector, child(field, 'mismatchLabelKeys')),
    ...twice,
    ...eachOf(matchField, matchLabelKeys, (key, path) =>
      mismatchLabelKeys.includes(key)
        ? [invalid(path, key, 'exists in both matchLabelKeys and mismatchLabelKeys')]
        : [],
    ),
  ];
}

function validatePodTerm(term: PodAffinityTerm, field: string): FieldError[] {
  const topologyPath = child(field, 'topologyKey');
  return [
    ...validateLabelSelector(term.labelSelector, child(field, 'labelSelector')),
    ...validateLabelSelector(term.namespaceSelector, child(field, 'namespaceSelector')),
    ...(term.namespaces ?? []).flatMap((name) =>
      invalidBecause(child(field, 'namespace'), name, dns1123LabelErrors(name)),
    ),
    ...validateKeys(term, field),
    ...requiredText(topologyPath, term.topologyKey, 'can not be empty'),
    ...validateLabelName(term.topologyKey, topologyPath),
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

const emptyAsAbsent = <T extends string>(text: T | undefined): T | undefined =>
  text === '' ? undefined : text;

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** `Lt` and `Gt` are behind a feature gate of Kubernetes that is off; it names them among what it knows all the same. */
function validateTolerationOperator(toleration: Toleration, field: string): FieldError[] {
  const { operator, value = '' } = toleration;
  const path = child(field, 'operator');
  switch (operator ?? 'Equal') {
    case 'Equal': {
      const details = labelValueErrors(value);
      return details.length === 0 ? [] : [invalid(path, value, details.join(';'))];
    }
    case 'Exists':
      return value === ''
        ? []
        : [invalid(path, value, "value must be empty when `operator` is 'Exists'")];
    case 'Lt':
    case 'Gt':
      return [notSupported(path, operator, ['Equal', 'Exists', 'Lt', 'Gt'])];
    default:
      return [notSupported(path, operator, ['Equal', 'Exists'])];
  }
}

/** Checks one toleration. */
export function validateToleration(toleration: Toleration, field: string): FieldError[] {
  const { key = '', effect, tolerationSeconds } = toleration;
  const operator = emptyAsAbsent(toleration.operator);
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
    ...validateTolerationOperator({ ...toleration, operator }, field),
    ...oneOf(child(field, 'effect'), effect, effects),
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
  const policies = ['Honor', 'Ignore'];
  return eachOf(field, constraints, (constraint, path, position) => {
    const { maxSkew, topologyKey, whenUnsatisfiable: action } = constraint;
    const isRepeated = constraints?.some(
      (other, at) =>
        at > position && other.topologyKey === topologyKey && other.whenUnsatisfiable === action,
    );
    return [
      ...(maxSkew > 0
        ? []
        : [invalid(child(path, 'maxSkew'), maxSkew, 'must be greater than zero')]),
      ...requiredText(child(path, 'topologyKey'), topologyKey, 'can not be empty'),
      ...anyOf(child(path, 'whenUnsatisfiable'), action, ['DoNotSchedule', 'ScheduleAnyway']),
      ...(isRepeated === true
        ? [
            duplicate(
              child(path, '{topologyKey, whenUnsatisfiable}'),
              `{${topologyKey}, ${action}}`,
            ),
          ]
        : []),
      ...validateMinDomains(constraint, path),
      ...anyOf(child(path, 'nodeAffinityPolicy'), constraint.nodeAffinityPolicy, policies),
      ...anyOf(child(path, 'nodeTaintsPolicy'), constraint.nodeTaintsPolicy, policies),
      ...validateKeys(constraint, path),
      ...validateLabelSelector(constraint.labelSelector, child(path, 'labelSelector')),
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

/** Checks where a pod may and should run; `field` is the path of the spec. */
export const validatePlacement = (spec: PodSpec, field: string): FieldError[] =>
  spec.affinity === undefined ? [] : validateAffinity(spec.affinity, child(field, 'affinity'));

/** Checks what else of a pod only the scheduler looks at, but for its tolerations. */
export const validateScheduling = (spec: PodSpec, field: string): FieldError[] => [
  ...validateGates(spec, field),
  ...validateSpread(spec.topologySpreadConstraints, child(field, 'topologySpreadConstraints')),
];

/** Checks the taints a pod puts up with. */
export const validateTolerations = (spec: PodSpec, field: string): FieldError[] =>
  eachOf(child(field, 'tolerations'), spec.tolerations, validateToleration);
