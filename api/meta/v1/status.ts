import { definition, int32, list, ref, string } from '../../schema/schema.js';
import { listMeta } from './list-meta.js';
import { typeFields } from './type-meta.js';

export const statusCause = definition(
  'io.k8s.apimachinery.pkg.apis.meta.v1.StatusCause',
  'One of the reasons for a failure.',
  {
    field: string(3, 'The field of the request that is at fault, such as spec.containers[0].name.'),
    message: string(2, 'What is wrong, for people.'),
    reason: string(1, 'What is wrong, as one word for programs; kinds have words of their own.'),
  },
);

export const statusDetails = definition(
  'io.k8s.apimachinery.pkg.apis.meta.v1.StatusDetails',
  'More about a failure: which object, and why.',
  {
    causes: list(4, statusCause, 'The single reasons.', { listType: 'atomic' }),
    group: string(2, 'The API group of the object.'),
    kind: string(3, 'The kind or resource of the object.'),
    name: string(1, 'The name of the object.'),
    retryAfterSeconds: int32(5, 'Seconds to wait before another try.'),
    uid: string(6, 'The uid of the object.'),
  },
);

export const status = definition(
  'io.k8s.apimachinery.pkg.apis.meta.v1.Status',
  'The answer to a request that returns no other object, above all to one that failed.',
  {
    ...typeFields,
    code: int32(6, 'The HTTP status code.'),
    details: ref(5, statusDetails, 'More about the reason.'),
    message: string(3, 'What happened, for people.'),
    metadata: ref(1, listMeta, 'List metadata; mostly empty.'),
    reason: string(4, 'Why it failed, as one word for programs.', {
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
    status: string(2, 'Success or Failure.'),
  },
);
