import { definition, inline, int32, list, ref, string } from '../../schema/schema.js';
import { listMeta } from './list-meta.js';

export const statusCause = definition('io.k8s.apimachinery.pkg.apis.meta.v1.StatusCause', '', {
  field: string(3, ''),
  message: string(2, ''),
  reason: string(1, '', {
    enum: [
      'FieldValueNotFound',
      'FieldValueRequired',
      'FieldValueDuplicate',
      'FieldValueInvalid',
      'FieldValueNotSupported',
      'FieldValueForbidden',
      'FieldValueTooLong',
      'FieldValueTooMany',
      'InternalError',
      'FieldValueTypeInvalid',
      'UnexpectedServerResponse',
      'FieldManagerConflict',
      'ResourceVersionTooLarge',
    ],
  }),
});

export const statusDetails = definition('io.k8s.apimachinery.pkg.apis.meta.v1.StatusDetails', '', {
  causes: list(4, statusCause, '', { listType: 'atomic' }),
  group: string(2, ''),
  kind: string(3, ''),
  name: string(1, ''),
  retryAfterSeconds: int32(5, ''),
  uid: string(6, ''),
});

export const status = definition('io.k8s.apimachinery.pkg.apis.meta.v1.Status', '', {
  apiVersion: string(inline, ''),
  code: int32(6, ''),
  details: ref(5, statusDetails, ''),
  kind: string(inline, ''),
  message: string(3, ''),
  metadata: ref(1, listMeta, ''),
  reason: string(4, '', {
    enum: [
      '',
      'Unauthorized',
      'Forbidden',
      'NotFound',
      'AlreadyExists',
      'Conflict',
      'Gone',
      'Invalid',
      'ServerTimeout',
      'StorageReadError',
      'Timeout',
      'TooManyRequests',
      'BadRequest',
      'MethodNotAllowed',
      'NotAcceptable',
      'RequestEntityTooLarge',
      'UnsupportedMediaType',
      'InternalError',
      'Expired',
      'ServiceUnavailable',
    ],
  }),
  status: string(2, ''),
});
