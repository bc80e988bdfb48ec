import { definition, string } from '../../schema/schema.js';

export const localObjectReference = definition('io.k8s.api.core.v1.LocalObjectReference', '', {
  name: string(1, ''),
});

export const objectReference = definition('io.k8s.api.core.v1.ObjectReference', '', {
  apiVersion: string(5, ''),
  fieldPath: string(7, ''),
  kind: string(1, ''),
  name: string(3, ''),
  namespace: string(2, ''),
  resourceVersion: string(6, ''),
  uid: string(4, ''),
});
