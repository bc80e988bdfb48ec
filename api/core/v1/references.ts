import { definition, string } from '../../schema/schema.js';

export const localObjectReference = definition(
  'io.k8s.api.core.v1.LocalObjectReference',
  'Names an object in the same namespace.',
  {
    name: string(1, 'The name of the object.'),
  },
  { mapType: 'atomic' },
);

export const objectReference = definition(
  'io.k8s.api.core.v1.ObjectReference',
  'Points at an object, or at a part of one.',
  {
    apiVersion: string(5, 'The API version of the object.'),
    fieldPath: string(7, 'The part that is meant, such as spec.containers{web}.'),
    kind: string(1, 'The kind of the object.'),
    name: string(3, 'The name of the object.'),
    namespace: string(2, 'The namespace of the object.'),
    resourceVersion: string(6, 'The revision of the object that is meant.'),
    uid: string(4, 'The uid of the object.'),
  },
  { mapType: 'atomic' },
);
