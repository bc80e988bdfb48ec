/** What a namespace says about its own removal, in Kubernetes' words: types, reasons, messages and their order. Pure. */
import type { NamespaceCondition } from '../../../api/core/v1/types.js';
import type { ResourceRef } from '../../../api/schema/resource.js';
import type { ActionFailure } from '../../../machinery/controller/controller.js';

/** What matters of an object in the namespace. */
export interface ContentObject {
  readonly resource: ResourceRef;
  readonly name: string;
  readonly uid: string;
  readonly isTerminating: boolean;
  readonly finalizers: readonly string[];
}

type ConditionType = NamespaceCondition['type'];

const calm: readonly (readonly [ConditionType, string, string])[] = [
  [
    'NamespaceDeletionDiscoveryFailure',
    'ResourcesDiscovered',
    'All resources successfully discovered',
  ],
  [
    'NamespaceDeletionGroupVersionParsingFailure',
    'ParsedGroupVersions',
    'All legacy kube types successfully parsed',
  ],
  [
    'NamespaceDeletionContentFailure',
    'ContentDeleted',
    'All content successfully deleted, may be waiting on finalization',
  ],
  ['NamespaceContentRemaining', 'ContentRemoved', 'All content successfully removed'],
  [
    'NamespaceFinalizersRemaining',
    'ContentHasNoFinalizers',
    'All content-preserving finalizers finished',
  ],
];

interface Trouble {
  readonly reason: string;
  readonly message: string;
}

/** Counts by name, in the order of the names. */
function counted(names: readonly string[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
}

const parts = (
  names: readonly string[],
  part: (name: string, count: number) => string,
): string | undefined =>
  names.length === 0
    ? undefined
    : counted(names)
        .map(([name, count]) => part(name, count))
        .join(', ');

function troubles(
  remaining: readonly ContentObject[],
  failures: readonly ActionFailure[],
): Partial<Record<ConditionType, Trouble>> {
  const found: Partial<Record<ConditionType, Trouble>> = {};
  const messages = [...new Set(failures.map(({ message }) => message))].sort();
  if (messages.length > 0) {
    found.NamespaceDeletionContentFailure = {
      reason: 'ContentDeletionFailed',
      message: `Failed to delete all resource types, ${messages.length} remaining: ${messages.join(', ')}`,
    };
  }
  const resources = parts(
    remaining.map(({ resource }) => `${resource.plural}.${resource.group}`),
    (name, count) => `${name} has ${count} resource instances`,
  );
  if (resources !== undefined) {
    found.NamespaceContentRemaining = {
      reason: 'SomeResourcesRemain',
      message: `Some resources are remaining: ${resources}`,
    };
  }
  const finalizers = parts(
    remaining.flatMap((object) => object.finalizers),
    (name, count) => `${name} in ${count} resource instances`,
  );
  if (finalizers !== undefined) {
    found.NamespaceFinalizersRemaining = {
      reason: 'SomeFinalizersRemain',
      message: `Some content in the namespace has finalizers remaining: ${finalizers}`,
    };
  }
  return found;
}

export interface Removal {
  readonly current: readonly NamespaceCondition[];
  readonly remaining: readonly ContentObject[];
  /** Deletions the server refused. */
  readonly failures: readonly ActionFailure[];
  readonly now: string;
}

/** The conditions a namespace should have; undefined when it has them already. */
export function removalConditions(removal: Removal): NamespaceCondition[] | undefined {
  const { current, remaining, failures, now } = removal;
  const found = troubles(remaining, failures);
  const wanted = calm.map(([type, calmReason, calmMessage]): NamespaceCondition => {
    const trouble = found[type];
    const status = trouble === undefined ? 'False' : 'True';
    const { reason, message } = trouble ?? { reason: calmReason, message: calmMessage };
    const known = current.find((condition) => condition.type === type);
    if (known?.status === status && known.reason === reason && known.message === message) {
      return known;
    }
    return { type, status, lastTransitionTime: now, reason, message };
  });
  return wanted.every((condition) => current.includes(condition)) ? undefined : wanted;
}
