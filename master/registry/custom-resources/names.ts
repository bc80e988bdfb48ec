/**
 * Which names a CustomResourceDefinition gets: those nobody in its group has taken before. Gives the conditions that say so.
 * Pure.
 */
import { approvalOf } from '../../../api/apiextensions/v1/approval.js';
import type { Approval } from '../../../api/apiextensions/v1/approval.js';
import { caBundleErrors } from '../../../api/apiextensions/v1/ca-bundle.js';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionCondition,
  CustomResourceDefinitionNames,
  CustomResourceDefinitionStatus,
} from '../../../api/apiextensions/v1/types.js';
import { hasCondition } from '../../../api/meta/conditions.js';
import type { ResourceDefinition } from '../../../api/schema/resource.js';

type Condition = CustomResourceDefinitionCondition;

/** Names that are in use within one group. */
interface Taken {
  /** Plurals, singulars and short names share one space. */
  readonly words: ReadonlySet<string>;
  readonly kinds: ReadonlySet<string>;
}

function takenBy(
  group: string,
  others: readonly CustomResourceDefinition[],
  builtIn: readonly ResourceDefinition[],
): Taken {
  const own = builtIn.filter((resource) => resource.group === group);
  const accepted = others
    .filter(({ spec }) => spec.group === group)
    .map(({ status }) => status.acceptedNames ?? { plural: '', kind: '' });
  const words = [
    ...own.flatMap(({ plural, singular, shortNames }) => [plural, singular, ...shortNames]),
    ...accepted.flatMap(({ plural, singular = '', shortNames = [] }) => [
      plural,
      singular,
      ...shortNames,
    ]),
  ];
  const kinds = [
    ...own.flatMap(({ kind, listKind }) => [kind, listKind]),
    ...accepted.flatMap(({ kind, listKind = '' }) => [kind, listKind]),
  ];
  const known = (name: string): boolean => name !== '';
  return { words: new Set(words.filter(known)), kinds: new Set(kinds.filter(known)) };
}

interface Choice {
  readonly names: CustomResourceDefinitionNames;
  /** The last clash found; undefined where there was none. */
  readonly clash: { readonly reason: string; readonly message: string } | undefined;
}

/** Several messages as Kubernetes joins them. */
const joined = (messages: readonly string[]): string =>
  messages.length === 1 ? messages.join('') : `[${messages.join(', ')}]`;

function choose(
  wanted: CustomResourceDefinitionNames,
  before: CustomResourceDefinitionNames,
  taken: Taken,
): Choice {
  let clash: Choice['clash'];
  /** What a definition has already is no clash. */
  const clashes = (
    names: readonly string[],
    own: readonly (string | undefined)[],
    { inUse, reason }: { readonly inUse: ReadonlySet<string>; readonly reason: string },
  ): boolean => {
    const bad = names.filter((name) => inUse.has(name) && !own.includes(name));
    if (bad.length === 0) return false;
    const messages = new Set(bad.map((name) => `${JSON.stringify(name)} is already in use`));
    clash = { reason, message: joined([...messages]) };
    return true;
  };
  const word = (name: string, own: string | undefined, reason: string): boolean =>
    clashes([name], [own], { inUse: taken.words, reason });
  const kind = (name: string, own: string | undefined, reason: string): boolean =>
    clashes([name], [own], { inUse: taken.kinds, reason });
  const { singular = '', listKind = '', shortNames = [], categories } = wanted;
  const newPlural = word(wanted.plural, before.plural, 'PluralConflict')
    ? before.plural
    : wanted.plural;
  const newSingular = word(singular, before.singular, 'SingularConflict')
    ? before.singular
    : wanted.singular;
  const newShort = clashes(shortNames, before.shortNames ?? [], {
    inUse: taken.words,
    reason: 'ShortNamesConflict',
  })
    ? before.shortNames
    : wanted.shortNames;
  const newKind = kind(wanted.kind, before.kind, 'KindConflict') ? before.kind : wanted.kind;
  const newListKind = kind(listKind, before.listKind, 'ListKindConflict')
    ? before.listKind
    : wanted.listKind;
  const names: CustomResourceDefinitionNames = {
    plural: newPlural,
    ...(newSingular === undefined ? {} : { singular: newSingular }),
    ...(newShort === undefined ? {} : { shortNames: newShort }),
    kind: newKind,
    ...(newListKind === undefined ? {} : { listKind: newListKind }),
    ...(categories === undefined ? {} : { categories }),
  };
  return { names, clash };
}

/** Replaces the condition of a type; one that says the same keeps its time. */
export function withCondition(
  conditions: readonly Condition[],
  wanted: Omit<Condition, 'lastTransitionTime'>,
  now: string,
): readonly Condition[] {
  const before = conditions.find(({ type }) => type === wanted.type);
  const lastTransitionTime =
    before?.status === wanted.status ? (before.lastTransitionTime ?? now) : now;
  const made: Condition = { ...wanted, lastTransitionTime };
  return before === undefined
    ? [...conditions, made]
    : conditions.map((condition) => (condition === before ? made : condition));
}

export interface NamingInput {
  readonly crd: CustomResourceDefinition;
  /** All other definitions. */
  readonly others: readonly CustomResourceDefinition[];
  readonly builtIn: readonly ResourceDefinition[];
  readonly now: string;
}

type NewCondition = Omit<Condition, 'lastTransitionTime'>;

const namesAccepted = (clash: Choice['clash']): NewCondition =>
  clash === undefined
    ? {
        type: 'NamesAccepted',
        status: 'True',
        reason: 'NoConflicts',
        message: 'no conflicts found',
      }
    : { type: 'NamesAccepted', status: 'False', ...clash };

/** Whether a definition that is not established yet becomes so. */
function established(crd: CustomResourceDefinition, clash: Choice['clash']): NewCondition {
  if (clash !== undefined) {
    return {
      type: 'Established',
      status: 'False',
      reason: 'NotAccepted',
      message: 'not all names are accepted',
    };
  }
  const [problem] = caBundleErrors(crd.spec);
  if (problem !== undefined) {
    return {
      type: 'Established',
      status: 'False',
      reason: 'InvalidCABundle',
      message: `${problem.field}: ${problem.message}`,
    };
  }
  return {
    type: 'Established',
    status: 'True',
    reason: 'InitialNamesAccepted',
    message: 'the initial names have been accepted',
  };
}

const approvalConditions: Readonly<
  Record<Approval['state'], Pick<NewCondition, 'status' | 'reason'>>
> = {
  approved: { status: 'True', reason: 'ApprovedAnnotation' },
  bypassed: { status: 'False', reason: 'UnapprovedAnnotation' },
  invalid: { status: 'False', reason: 'InvalidAnnotation' },
  missing: { status: 'False', reason: 'MissingAnnotation' },
};

/** For groups of the Kubernetes project, whether it agreed. */
function approved(crd: CustomResourceDefinition): NewCondition | undefined {
  const approval = approvalOf(crd);
  if (approval === undefined) return undefined;
  return {
    type: 'KubernetesAPIApprovalPolicyConformant',
    ...approvalConditions[approval.state],
    message: approval.why,
  };
}

/** The status with names decided and, once they all are, established. */
export function namedStatus({
  crd,
  others,
  builtIn,
  now,
}: NamingInput): CustomResourceDefinitionStatus {
  const taken = takenBy(crd.spec.group, others, builtIn);
  const before = crd.status.acceptedNames ?? { plural: '', kind: '' };
  const { names, clash } = choose(crd.spec.names, before, taken);
  const wanted = [
    namesAccepted(clash),
    ...(hasCondition(crd, 'Established') ? [] : [established(crd, clash)]),
    approved(crd),
  ].filter((condition) => condition !== undefined);
  return {
    ...crd.status,
    acceptedNames: names,
    conditions: [
      ...wanted.reduce<readonly Condition[]>(
        (conditions, condition) => withCondition(conditions, condition, now),
        crd.status.conditions ?? [],
      ),
    ],
  };
}
