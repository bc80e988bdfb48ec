/** How a client addresses what a CustomResourceDefinition adds, for whoever follows resources that come and go. */
import { hasCondition } from '../../meta/conditions.js';
import type { KubeObject } from '../../meta/v1/types.js';
import type { ResourceRef } from '../../schema/resource.js';
import type { CustomResourceDefinition } from './types.js';

/** The resource of the definitions themselves. */
export const customResourceDefinitionsRef: ResourceRef<CustomResourceDefinition> = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  scope: 'Cluster',
};

/** One served version of the resource; undefined as long as the definition is not served. */
export function servedResourceOf(crd: CustomResourceDefinition): ResourceRef | undefined {
  const served = crd.spec.versions.filter((version) => version.served);
  const version = served.find(({ storage }) => storage) ?? served[0];
  if (!hasCondition(crd, 'Established') || version === undefined) return undefined;
  const { kind, plural } = crd.status.acceptedNames ?? crd.spec.names;
  return { group: crd.spec.group, version: version.name, kind, plural, scope: crd.spec.scope };
}

/** The same for an object whose kind only the resource it came from tells. */
export const servedResourceOfObject = (object: KubeObject): ResourceRef | undefined =>
  servedResourceOf(object as CustomResourceDefinition);

/** The resources that the definitions add at the moment. */
export const servedResources = (
  definitions: readonly CustomResourceDefinition[],
): readonly ResourceRef[] =>
  definitions.map(servedResourceOf).filter((resource) => resource !== undefined);
