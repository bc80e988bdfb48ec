/**
 * What there is: the discovery documents, derived from the declarations. Two forms of the same facts: a document for `/api`,
 * `/apis`, each group and each version (what every client understands), and the aggregated one that lists everything.
 *
 * Called by the server when the set of resources changes; the documents are served as they are.
 */
import { createHash } from 'node:crypto';
import {
  type NamedSubresource,
  type ResourceDefinition,
  apiVersionOf,
  isStored,
} from '../../api/schema/resource.js';
import type { RemoteGroupVersion, RemoteResource } from './aggregation/remote-documents.js';

export interface DiscoveryOptions {
  readonly resources: readonly ResourceDefinition[];
  /** What extension API servers answer for. */
  readonly remotes?: readonly RemoteGroupVersion[];
  /** `ADDRESS:PORT` clients are told to use. */
  readonly serverAddress: string;
}

interface GroupVersion {
  readonly group: string;
  readonly version: string;
  readonly resources: readonly ResourceDefinition[];
  /** Set where an extension server answers; its resources are there. */
  readonly remote?: RemoteGroupVersion;
}

/** Extension servers' versions follow our own, those of higher priority first. */
const remoteGroupVersions = (remotes: readonly RemoteGroupVersion[]): readonly GroupVersion[] =>
  [...remotes]
    .sort((a, b) => b.groupPriority - a.groupPriority || b.versionPriority - a.versionPriority)
    .map((remote) => ({
      group: remote.group,
      version: remote.version,
      resources: [],
      remote,
    }));

const groupVersionsOf = (resources: readonly ResourceDefinition[]): readonly GroupVersion[] => {
  const found = new Map<string, ResourceDefinition[]>();
  for (const resource of resources) {
    found.set(resource.apiVersion, [...(found.get(resource.apiVersion) ?? []), resource]);
  }
  return [...found.values()].map((members) => ({
    group: members[0]?.group ?? '',
    version: members[0]?.version ?? '',
    resources: [...members].sort((a, b) => (a.plural < b.plural ? -1 : 1)),
  }));
};

/** Every subresource, those that follow from the declaration included, by name. */
export function subresourcesOf(resource: ResourceDefinition): readonly NamedSubresource[] {
  const { group, version, kind } = resource;
  const verbs = ['get', 'patch', 'update'] as const;
  return [
    ...(resource.status === true ? [{ name: 'status', group, version, kind, verbs }] : []),
    ...(resource.scale === undefined
      ? []
      : [{ name: 'scale', group: 'autoscaling', version: 'v1', kind: 'Scale', verbs }]),
    ...resource.subresources,
  ].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Tells clients whether two servers store a kind the same way; eight bytes of a digest, as Kubernetes has it. */
function storageVersionHash({ group, version, kind, storedAs }: ResourceDefinition): string {
  const stored = storedAs ?? { group, version };
  return createHash('sha256')
    .update(`${stored.group}/${stored.version}/${kind}`)
    .digest()
    .subarray(0, 8)
    .toString('base64');
}

/** Connect subresources take options in the query; they have a kind but no group of their own. */
const ownGroupVersion = (
  resource: ResourceDefinition,
  { group, version, kind }: NamedSubresource,
): object => {
  const isSame = group === resource.group && version === resource.version;
  return isSame || kind.endsWith('Options') ? {} : { group, version };
};

function apiResources(resource: ResourceDefinition): readonly object[] {
  const namespaced = resource.scope === 'Namespaced';
  const main = {
    name: resource.plural,
    singularName: resource.singular,
    namespaced,
    kind: resource.kind,
    verbs: resource.verbs,
    ...(resource.shortNames.length === 0 ? {} : { shortNames: resource.shortNames }),
    ...(resource.categories.length === 0 ? {} : { categories: resource.categories }),
    ...(isStored(resource) ? { storageVersionHash: storageVersionHash(resource) } : {}),
  };
  const subresources = subresourcesOf(resource).map((subresource) => ({
    name: `${resource.plural}/${subresource.name}`,
    singularName: '',
    namespaced,
    ...ownGroupVersion(resource, subresource),
    kind: subresource.kind,
    verbs: subresource.verbs,
  }));
  return [main, ...subresources];
}

const versionEntry = ({ group, version }: GroupVersion): object => ({
  groupVersion: apiVersionOf({ group, version }),
  version,
});

function apiGroup(versions: readonly GroupVersion[]): object {
  const [preferred] = versions;
  return {
    name: preferred?.group ?? '',
    versions: versions.map(versionEntry),
    ...(preferred === undefined ? {} : { preferredVersion: versionEntry(preferred) }),
  };
}

const byGroup = (all: readonly GroupVersion[]): ReadonlyMap<string, readonly GroupVersion[]> => {
  const groups = new Map<string, GroupVersion[]>();
  for (const entry of all) groups.set(entry.group, [...(groups.get(entry.group) ?? []), entry]);
  return groups;
};

/** The documents of the older form, by path without a trailing slash. */
export function legacyDiscovery(options: DiscoveryOptions): ReadonlyMap<string, object> {
  const local = groupVersionsOf(options.resources);
  const all = [...local, ...remoteGroupVersions(options.remotes ?? [])];
  const groups = byGroup(all);
  const named = [...groups].filter(([name]) => name !== '');
  const documents = new Map<string, object>([
    [
      '/api',
      {
        kind: 'APIVersions',
        versions: (groups.get('') ?? []).map(({ version }) => version),
        serverAddressByClientCIDRs: [
          { clientCIDR: '0.0.0.0/0', serverAddress: options.serverAddress },
        ],
      },
    ],
    [
      '/apis',
      {
        kind: 'APIGroupList',
        apiVersion: 'v1',
        groups: named.map(([, versions]) => apiGroup(versions)),
      },
    ],
  ]);
  for (const [name, versions] of named) {
    documents.set(`/apis/${name}`, { kind: 'APIGroup', apiVersion: 'v1', ...apiGroup(versions) });
  }
  for (const { group, version, resources } of local) {
    const groupVersion = apiVersionOf({ group, version });
    documents.set(group === '' ? `/api/${version}` : `/apis/${groupVersion}`, {
      kind: 'APIResourceList',
      ...(group === '' ? {} : { apiVersion: 'v1' }),
      groupVersion,
      resources: resources.flatMap(apiResources),
    });
  }
  return documents;
}

function aggregatedResource(resource: ResourceDefinition): object {
  const { group, version, kind } = resource;
  const subresources = subresourcesOf(resource).map((subresource) => ({
    subresource: subresource.name,
    responseKind: {
      group: subresource.group,
      version: subresource.version,
      kind: subresource.kind,
    },
    verbs: subresource.verbs,
  }));
  return {
    resource: resource.plural,
    responseKind: { group, version, kind },
    scope: resource.scope,
    singularResource: resource.singular,
    verbs: resource.verbs,
    ...(resource.shortNames.length === 0 ? {} : { shortNames: resource.shortNames }),
    ...(resource.categories.length === 0 ? {} : { categories: resource.categories }),
    ...(subresources.length === 0 ? {} : { subresources }),
  };
}

/** The list of an extension server, whose subresources stand beside their resources, in the aggregated form. */
function aggregatedRemote({ group, version, resources }: RemoteGroupVersion): readonly object[] {
  const kindOf = (entry: RemoteResource): object => ({
    group: entry.group ?? group,
    version: entry.version ?? version,
    kind: entry.kind,
  });
  const subresources = new Map<string, object[]>();
  for (const entry of resources) {
    const mark = entry.name.indexOf('/');
    if (mark < 0) continue;
    const owner = entry.name.slice(0, mark);
    const subresource = entry.name.slice(mark + 1);
    const listed = { subresource, responseKind: kindOf(entry), verbs: entry.verbs };
    const others = subresources.get(owner);
    if (others === undefined) subresources.set(owner, [listed]);
    else others.push(listed);
  }
  return resources
    .filter(({ name }) => !name.includes('/'))
    .map((entry) => {
      const { shortNames = [], categories = [] } = entry;
      const below = subresources.get(entry.name);
      return {
        resource: entry.name,
        responseKind: kindOf(entry),
        scope: entry.namespaced ? 'Namespaced' : 'Cluster',
        singularResource: entry.singularName ?? '',
        verbs: entry.verbs,
        ...(shortNames.length === 0 ? {} : { shortNames }),
        ...(categories.length === 0 ? {} : { categories }),
        ...(below === undefined ? {} : { subresources: below }),
      };
    });
}

/** Everything below `/api` (the core group) or `/apis` (the others) in one document of apidiscovery.k8s.io. */
export function aggregatedDiscovery(
  { resources, remotes = [] }: Omit<DiscoveryOptions, 'serverAddress'>,
  root: '/api' | '/apis',
  version: 'v2' | 'v2beta1',
): object {
  const all = [...groupVersionsOf(resources), ...remoteGroupVersions(remotes)];
  const groups = [...byGroup(all)].filter(([name]) => (name === '') === (root === '/api'));
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map(([name, versions]) => ({
      metadata: name === '' ? { creationTimestamp: null } : { name, creationTimestamp: null },
      versions: versions.map((entry) => ({
        version: entry.version,
        resources:
          entry.remote === undefined
            ? entry.resources.map(aggregatedResource)
            : aggregatedRemote(entry.remote),
        freshness: 'Current',
      })),
    })),
  };
}
