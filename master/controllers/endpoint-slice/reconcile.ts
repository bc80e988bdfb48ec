/**
 * Brings a Service's slices to what they should hold with the fewest writes: a slice is written only if something in it
 * changed, new endpoints go first where a write is due anyway, then into the fullest slice that takes them all, and only
 * then into a new slice. Watchers are many and slices large, so an untouched slice is what counts. Pure.
 */
import { endpointSlices as endpointSlicesRef } from '../../../api/discovery/v1/endpoint-slice.js';
import type { Node, Pod, Service } from '../../../api/core/v1/types.js';
import type { Endpoint, EndpointPort, EndpointSlice } from '../../../api/discovery/v1/types.js';
import { jsonEqual } from '../../../api/patch/json-value.js';
import type { Action, ReconcileResult } from '../../../machinery/controller/controller.js';
import { addressTypesOf, desiredGroups, groupKey, type EndpointGroup } from './desired.js';
import { withHints } from './hints.js';
import { endpointsPerSlice } from './limits.js';
import {
  managedByLabel,
  serviceNameLabel,
  sliceController,
} from '../../../api/discovery/v1/labels.js';
import { headlessLabel } from '../../../api/core/v1/service-facts.js';

export interface EndpointSliceSnapshot {
  readonly service: Service;
  /** Those its selector matches. */
  readonly pods: readonly Pod[];
  readonly nodes: ReadonlyMap<string, Node>;
  /** Those this controller keeps for the service. */
  readonly slices: readonly EndpointSlice[];
}

/** Kubernetes' name for itself, so that tools which look for it find it. */
export const managedBy = sliceController;

/** A slice in the making: one that exists, or a new one. */
interface Draft {
  readonly existing: EndpointSlice | undefined;
  readonly addressType: string;
  readonly ports: readonly EndpointPort[];
  readonly endpoints: Endpoint[];
  changed: boolean;
}

/** The slices to create, update and delete. */
export function reconcile(snapshot: EndpointSliceSnapshot): ReconcileResult {
  const { service } = snapshot;
  if (service.metadata.deletionTimestamp !== undefined) return { actions: [] };
  const groups = withHints(desiredGroups(snapshot), service);
  const drafts: Draft[] = [];
  let unwanted: EndpointSlice[] = [];
  const slicesByGroup = new Map<string, EndpointSlice[]>();
  for (const slice of snapshot.slices) {
    const key = groupKey(slice.addressType, slice.ports ?? []);
    slicesByGroup.set(key, [...(slicesByGroup.get(key) ?? []), slice]);
  }
  for (const group of groups) {
    const key = groupKey(group.addressType, group.ports);
    const packed = pack(group, slicesByGroup.get(key) ?? []);
    drafts.push(...packed.drafts);
    unwanted.push(...packed.emptied);
    slicesByGroup.delete(key);
  }
  unwanted.push(...[...slicesByGroup.values()].flat());
  if (drafts.length === 0) {
    const kept = unwanted.find((slice) => isPlaceholder(slice, service));
    if (kept !== undefined) unwanted = unwanted.filter((slice) => slice !== kept);
    drafts.push(placeholder(service, kept));
  }
  return { actions: actionsFor({ service, drafts: reuse(drafts, unwanted), unwanted }) };
}

const identityOf = ({ addresses, targetRef }: Endpoint): string =>
  `${targetRef?.uid ?? ''}|${addresses.join(',')}`;

interface Packed {
  readonly drafts: readonly Draft[];
  /** Slices that lost their last endpoint and got no other. */
  readonly emptied: readonly EndpointSlice[];
}

/** Keeps every endpoint in the slice it is in and finds a place for the new ones. */
function pack(group: EndpointGroup, slices: readonly EndpointSlice[]): Packed {
  const missing = new Map(group.endpoints.map((endpoint) => [identityOf(endpoint), endpoint]));
  const drafts = slices.map((slice) => keepWanted(slice, missing));
  const added = [...missing.values()].reverse();
  for (const draft of drafts) if (draft.changed) fill(draft, added);
  while (added.length > 0) {
    const draft = fullestWithRoom(drafts, added.length) ?? newDraft(group);
    if (draft.existing === undefined) drafts.push(draft);
    draft.changed = true;
    fill(draft, added);
  }
  return {
    drafts: drafts.filter(({ endpoints }) => endpoints.length > 0),
    emptied: drafts.flatMap(({ endpoints, existing }) =>
      endpoints.length > 0 || existing === undefined ? [] : [existing],
    ),
  };
}

/** Takes out of `missing` what the slice holds. */
function keepWanted(slice: EndpointSlice, missing: Map<string, Endpoint>): Draft {
  const draft: Draft = {
    existing: slice,
    addressType: slice.addressType,
    ports: slice.ports ?? [],
    endpoints: [],
    changed: false,
  };
  for (const endpoint of slice.endpoints ?? []) {
    const identity = identityOf(endpoint);
    const wanted = missing.get(identity);
    if (wanted !== undefined) draft.endpoints.push(wanted);
    if (wanted === undefined || !jsonEqual(endpoint, wanted)) draft.changed = true;
    missing.delete(identity);
  }
  return draft;
}

function fill(draft: Draft, added: Endpoint[]): void {
  while (draft.endpoints.length < endpointsPerSlice) {
    const endpoint = added.pop();
    if (endpoint === undefined) return;
    draft.endpoints.push(endpoint);
  }
}

function fullestWithRoom(drafts: readonly Draft[], room: number): Draft | undefined {
  return drafts
    .filter(({ changed, endpoints }) => !changed && endpoints.length + room <= endpointsPerSlice)
    .sort((a, b) => b.endpoints.length - a.endpoints.length)[0];
}

const newDraft = ({ addressType, ports }: EndpointGroup): Draft => ({
  existing: undefined,
  addressType,
  ports,
  endpoints: [],
  changed: true,
});

/** A Service without endpoints has one empty slice, so that clients tell "none" from "not looked at yet". */
const placeholder = (service: Service, existing: EndpointSlice | undefined): Draft => ({
  existing,
  addressType: addressTypesOf(service)[0] ?? 'IPv4',
  ports: [],
  endpoints: [],
  changed: existing === undefined,
});

const isPlaceholder = (slice: EndpointSlice, service: Service): boolean =>
  slice.addressType === addressTypesOf(service)[0] &&
  (slice.ports ?? []).length === 0 &&
  (slice.endpoints ?? []).length === 0;

/** Writes new content into slices that would be deleted: one write instead of two. Takes them out of `unwanted`. */
function reuse(drafts: readonly Draft[], unwanted: EndpointSlice[]): readonly Draft[] {
  return drafts.map((draft) => {
    if (draft.existing !== undefined) return draft;
    const index = unwanted.findIndex((slice) => slice.addressType === draft.addressType);
    return index < 0 ? draft : { ...draft, existing: unwanted.splice(index, 1)[0] };
  });
}

function labelsFor(service: Service): Record<string, string> {
  const own = Object.entries(service.metadata.labels ?? {}).filter(
    ([key]) => key !== serviceNameLabel && key !== managedByLabel && key !== headlessLabel,
  );
  return {
    ...Object.fromEntries(own),
    ...(service.spec.clusterIP === 'None' ? { [headlessLabel]: '' } : {}),
    [serviceNameLabel]: service.metadata.name,
    [managedByLabel]: managedBy,
  };
}

interface Plan {
  readonly service: Service;
  readonly drafts: readonly Draft[];
  readonly unwanted: readonly EndpointSlice[];
}

function actionsFor({ service, drafts, unwanted }: Plan): readonly Action[] {
  const labels = labelsFor(service);
  const writes = drafts.flatMap((draft) => writeOf(service, draft, labels));
  const deletions = unwanted.map((slice): Action => {
    const { namespace, name, uid } = slice.metadata;
    const reason = 'no endpoint of the service is in it any more';
    return { type: 'delete', resource: endpointSlicesRef, namespace, name, uid, reason };
  });
  return [...writes, ...deletions];
}

function writeOf(
  service: Service,
  { existing, addressType, ports, endpoints, changed }: Draft,
  labels: Record<string, string>,
): readonly Action[] {
  const content = { addressType, endpoints, ports: [...ports] };
  if (existing !== undefined) {
    if (!changed && jsonEqual(existing.metadata.labels, labels)) return [];
    const object = { ...existing, ...content, metadata: { ...existing.metadata, labels } };
    const reason = 'endpoints of the service changed';
    return [{ type: 'update', resource: endpointSlicesRef, object, reason }];
  }
  const { namespace, name, uid } = service.metadata;
  const owner = { apiVersion: 'v1', kind: 'Service', name, uid };
  const object = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      generateName: `${name}-`,
      namespace,
      labels,
      ownerReferences: [{ ...owner, controller: true, blockOwnerDeletion: true }],
    },
    ...content,
  };
  const reason = 'the service has endpoints no slice has room for';
  return [{ type: 'create', resource: endpointSlicesRef, object, reason }];
}
