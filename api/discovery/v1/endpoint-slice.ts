import { boolean, definition, inline, int32, list, map, ref, string } from '../../schema/schema.js';
import { objectReference } from '../../core/v1/references.js';
import { objectMeta } from '../../meta/v1/object-meta.js';

export const endpointConditions = definition('io.k8s.api.discovery.v1.EndpointConditions', '', {
  ready: boolean(1, ''),
  serving: boolean(2, ''),
  terminating: boolean(3, ''),
});

export const forNode = definition('io.k8s.api.discovery.v1.ForNode', '', {
  name: string(1, '', { required: true }),
});

export const forZone = definition('io.k8s.api.discovery.v1.ForZone', '', {
  name: string(1, '', { required: true }),
});

export const endpointHints = definition('io.k8s.api.discovery.v1.EndpointHints', '', {
  forNodes: list(2, forNode, '', { listType: 'atomic' }),
  forZones: list(1, forZone, '', { listType: 'atomic' }),
});

export const endpoint = definition('io.k8s.api.discovery.v1.Endpoint', '', {
  addresses: list(1, 'string', '', { required: true, listType: 'set' }),
  conditions: ref(2, endpointConditions, ''),
  deprecatedTopology: map(5, 'string', ''),
  hints: ref(8, endpointHints, ''),
  hostname: string(3, ''),
  nodeName: string(6, ''),
  targetRef: ref(4, objectReference, ''),
  zone: string(7, ''),
});

export const endpointPort = definition('io.k8s.api.discovery.v1.EndpointPort', '', {
  appProtocol: string(4, ''),
  name: string(1, ''),
  port: int32(3, ''),
  protocol: string(2, ''),
});

export const endpointSlice = definition('io.k8s.api.discovery.v1.EndpointSlice', '', {
  addressType: string(4, '', { required: true }),
  apiVersion: string(inline, ''),
  endpoints: list(2, endpoint, '', { listType: 'atomic' }),
  kind: string(inline, ''),
  metadata: ref(1, objectMeta, ''),
  ports: list(3, endpointPort, '', { listType: 'atomic' }),
});
