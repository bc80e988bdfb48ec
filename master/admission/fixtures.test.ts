/** What tests of admission plugins share: a cluster of given objects, and requests by a user. */
import { pods } from '../../api/core/v1/pod/pod.js';
import type { Pod } from '../../api/core/v1/types.js';
import { isStatusError } from '../../api/meta/status-error.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import { defineResource } from '../../api/schema/resource.js';
import type { ResourceDefinition } from '../../api/schema/resource.js';
import { AdmissionChain } from './admission.js';
import type { AdmissionAttributes, AdmissionPlugin, AdmissionReader } from './admission.js';

export interface Held {
  readonly group: string;
  readonly plural: string;
  readonly object: object;
}

/** Shows what the list holds when it is asked. */
export function readerOf(held: readonly Held[]): AdmissionReader {
  const list = (group: string, plural: string, namespace?: string): readonly KubeObject[] =>
    held
      .filter((entry) => entry.group === group && entry.plural === plural)
      .map(({ object }) => object as KubeObject)
      .filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace);
  return {
    list,
    find: (group, plural, { namespace, name }) =>
      list(group, plural).find(
        ({ metadata }) => metadata.name === name && (metadata.namespace ?? '') === namespace,
      ),
    count: (group, plural) => list(group, plural).length,
    changedAt: () => held.length,
  };
}

/** A resource of which only the names matter. */
export const resourceNamed = (
  group: string,
  plural: string,
  scope: 'Namespaced' | 'Cluster' = 'Namespaced',
): ResourceDefinition =>
  defineResource({
    group,
    version: 'v1',
    plural,
    kind: plural.replace(/s$/, ''),
    scope,
    schema: { name: plural, description: '', fields: {} },
    validate: () => [],
  });

const podResource = pods as unknown as ResourceDefinition;

type Given = Partial<Omit<AdmissionAttributes, 'object' | 'stored'>> & {
  readonly object?: object;
  readonly stored?: object;
};

const nameOf = (object: object): string =>
  (object as { readonly metadata?: { readonly name?: string } }).metadata?.name ?? '';

/** A request that creates a pod in namespace `n`, but for what is given. */
export function requestOf(given: Given): AdmissionAttributes {
  const { object, stored, ...rest } = given;
  const known = object ?? stored;
  return {
    operation: 'CREATE',
    resource: podResource,
    subresource: '',
    namespace: 'n',
    name: known === undefined ? '' : nameOf(known),
    dryRun: false,
    user: { username: 'somebody', groups: ['system:authenticated'] },
    options: () => ({}),
    warn: () => undefined,
    audit: () => undefined,
    auditsBodies: false,
    answerByMs: () => Infinity,
    onSettled: () => undefined,
    pass: { isReinvocation: false, again: false },
    ...(object === undefined ? {} : { object: object as KubeObject }),
    ...(stored === undefined ? {} : { stored: stored as KubeObject }),
    ...rest,
  };
}

/** Runs one plugin as the chain would; gives the refusal's message, or nothing. */
export async function refusalOf(
  plugin: AdmissionPlugin,
  attributes: AdmissionAttributes,
): Promise<string | undefined> {
  const chain = new AdmissionChain([plugin]);
  try {
    await chain.mutate(attributes, () => attributes);
    await chain.validate(attributes, () => attributes);
    return undefined;
  } catch (error) {
    if (!isStatusError(error)) throw error;
    return error.message;
  }
}

/** A pod `p` of one container, with a spec to be merged over. */
export function podWith(spec: Partial<Pod['spec']> = {}, metadata: object = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'n', ...metadata },
    spec: { containers: [{ name: 'c', image: 'x:1' }], ...spec },
  } as unknown as Pod;
}
