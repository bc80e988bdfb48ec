import { definition, inline, int32, list, ref, string } from '../../schema/schema.js';
import { objectReference } from './references.js';
import { objectMeta } from '../../meta/v1/object-meta.js';

export const endpointAddress = definition('io.k8s.api.core.v1.EndpointAddress', '', {
  hostname: string(3, ''),
  ip: string(1, '', { required: true }),
  nodeName: string(4, ''),
  targetRef: ref(2, objectReference, ''),
});

export const endpointPort = definition('io.k8s.api.core.v1.EndpointPort', '', {
  appProtocol: string(4, ''),
  name: string(1, ''),
  port: int32(2, '', { required: true }),
  protocol: string(3, '', { enum: ['TCP', 'UDP', 'SCTP'] }),
});

export const endpointSubset = definition('io.k8s.api.core.v1.EndpointSubset', '', {
  addresses: list(1, endpointAddress, '', { listType: 'atomic' }),
  notReadyAddresses: list(2, endpointAddress, '', { listType: 'atomic' }),
  ports: list(3, endpointPort, '', { listType: 'atomic' }),
});

export const endpoints = definition('io.k8s.api.core.v1.Endpoints', '', {
  apiVersion: string(inline, ''),
  kind: string(inline, ''),
  metadata: ref(1, objectMeta, ''),
  subsets: list(2, endpointSubset, '', { listType: 'atomic' }),
});
