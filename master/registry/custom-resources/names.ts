/**
 * Which names a CustomResourceDefinition gets: those nobody in its group has taken before. Gives the conditions that say so.
 * Pure.
 */
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionCondition,
  CustomResourceDefinitionNames,
  CustomResourceDefinitionStatus,
} from '../../../api/apiextensions/v1/types.js';
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

function choose(
  wanted: CustomResourceDefinitionNames,
  before: CustomResourceDefinitionNames,
  taken: Taken,
): Choice {
  let clash: Choice['clash'];
  const clashes = (name: string, inUse: ReadonlySet<string>, reason: string): boolean => {
    if (!inUse.has(name)) return false;
    clash = { reason, message: `${JSON.stringify(name)} is already in use` };
    return true;
  };
  const { words, kinds } = taken;
  const { singular = '', listKind = '', shortNames = [], categories } = wanted;
  const plural = clashes(wanted.plural, words, 'PluralConflict') ? before.plural : wanted.plural;
  const newSingular = clashes(singular, words, 'SingularConflict')
    ? before.singular
    : wanted.singular;
  const badShort = shortNames.filter((name) => clashes(name, words, 'ShortNamesConflict'));
  const kind = clashes(wanted.kind, kinds, 'KindConflict') ? before.kind : wanted.kind;
  const newListKind = clashes(listKind, kinds, 'ListKindConflict')
    ? before.listKind
    : wanted.listKind;
  const newShort = badShort.length > 0 ? before.shortNames : wanted.shortNames;
  const names: CustomResourceDefinitionNames = {
    plural,
    ...(newSingular === undefined ? {} : { singular: newSingular }),
    ...(newShort === undefined ? {} : { shortNames: newShort }),
    kind,
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
  const named: Omit<Condition, 'lastTransitionTime'> =
    clash === undefined
      ? {
          type: 'NamesAccepted',
          status: 'True',
          reason: 'NoConflicts',
          message: 'no conflicts found',
        }
      : { type: 'NamesAccepted', status: 'False', ...clash };
  const conditions = withCondition(crd.status.conditions ?? [], named, now);
  const wasEstablished = conditions.some(
    ({ type, status }) => type === 'Established' && status === 'True',
  );
  const established: Omit<Condition, 'lastTransitionTime'> | undefined = wasEstablished
    ? undefined
    : clash === undefined
      ? {
          type: 'Established',
          status: 'True',
          reason: 'InitialNamesAccepted',
          message: 'the initial names have been accepted',
        }
      : {
          type: 'Established',
          status: 'False',
          reason: 'NotAccepted',
          message: 'not all names are accepted',
        };
  return {
    ...crd.status,
    acceptedNames: names,
    conditions: [
      ...(established === undefined ? conditions : withCondition(conditions, established, now)),
    ],
  };
}

/** Whether the condition holds. */
export const hasCondition = (crd: CustomResourceDefinition, wanted: string): boolean =>
  (crd.status.conditions ?? []).some(({ type, status }) => type === wanted && status === 'True');
