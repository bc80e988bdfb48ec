/**
 * Topology hints for `spec.trafficDistribution`: each endpoint is meant for its own zone, or its own node. Given only when
 * every ready endpoint has a zone, so that no zone is left without any. Pure.
 */
import type { Service } from '../../../api/core/v1/types.js';
import type { Endpoint } from '../../../api/discovery/v1/types.js';
import type { EndpointGroup } from './desired.js';

const isReady = ({ conditions }: Endpoint): boolean => conditions?.ready === true;

function hinted(endpoint: Endpoint, byNode: boolean): Endpoint {
  const { zone, nodeName } = endpoint;
  if (!isReady(endpoint) || zone === undefined) return endpoint;
  const forNodes = byNode && nodeName !== undefined ? { forNodes: [{ name: nodeName }] } : {};
  return { ...endpoint, hints: { forZones: [{ name: zone }], ...forNodes } };
}

/** The groups with hints, where the Service asks for them and they can be given. */
export function withHints(
  groups: readonly EndpointGroup[],
  service: Service,
): readonly EndpointGroup[] {
  const wish = service.spec.trafficDistribution ?? '';
  if (!['PreferClose', 'PreferSameZone', 'PreferSameNode'].includes(wish)) return groups;
  return groups.map((group) => {
    const ready = group.endpoints.filter(isReady);
    if (ready.some(({ zone }) => zone === undefined)) return group;
    const endpoints = group.endpoints.map((one) => hinted(one, wish === 'PreferSameNode'));
    return { ...group, endpoints };
  });
}
