import { timestamp } from '../../meta/timestamp.js';
import { ageColumn, nameColumn } from '../../meta/columns.js';
import { defineResource } from '../../schema/resource.js';
import { fillZeroValues } from '../../schema/zero-values.js';
import type { FieldError } from '../../validation/field-error.js';
import { invalid, notSupported, required } from '../../validation/field-error.js';
import {
  dns1035LabelErrors,
  dns1123SubdomainErrors,
  portNumberErrors,
} from '../../validation/names.js';
import {
  conditionStatuses,
  defaultServicePort,
  maxGroupPriority,
  maxVersionPriority,
} from './limits.js';
import type { APIService, APIServiceCondition } from './types.js';
import {
  boolean,
  bytes,
  definition,
  inline,
  int32,
  list,
  ref,
  string,
  time,
  keyedBy,
} from '../../schema/schema.js';
import { objectMeta } from '../../meta/v1/object-meta.js';
import { typeFields } from '../../meta/v1/type-meta.js';

export const serviceReference = definition(
  'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.ServiceReference',
  'Names the Service of an extension API server.',
  {
    name: string(inline, 'The name of the Service.'),
    namespace: string(inline, 'The namespace of the Service.'),
    port: int32(inline, 'The port of the Service to connect to; 443 when absent.'),
  },
);

export const apiServiceCondition = definition(
  'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceCondition',
  'One thing that is or is not the case about an APIService.',
  {
    lastTransitionTime: time(inline, 'When the status last changed.', { nullWhenUnset: true }),
    message: string(inline, 'The reason in words for people.'),
    reason: string(inline, 'The reason as one CamelCase word.'),
    status: string(inline, 'True, False or Unknown.', { required: true }),
    type: string(inline, 'What the condition is about, such as Available.', { required: true }),
  },
);

export const apiServiceSpec = definition(
  'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceSpec',
  'Which API group and version is served, and by whom.',
  {
    caBundle: bytes(
      inline,
      "PEM certificates that the extension server's certificate is checked against.",
      { listType: 'atomic' },
    ),
    group: string(inline, 'The API group.'),
    groupPriorityMinimum: int32(
      inline,
      'The least priority of the group; clients prefer groups with a higher one.',
      { required: true },
    ),
    insecureSkipTLSVerify: boolean(
      inline,
      "Turns the check of the extension server's certificate off.",
    ),
    service: ref(
      inline,
      serviceReference,
      'The Service of the extension server; this server itself when absent.',
    ),
    version: string(inline, 'The API version.'),
    versionPriority: int32(
      inline,
      'The order of the version within its group; higher comes first.',
      { required: true },
    ),
  },
);

export const apiServiceStatus = definition(
  'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceStatus',
  'What is known of an extension API server.',
  {
    conditions: list(inline, apiServiceCondition, 'What is currently the case.', keyedBy('type')),
  },
);

export const apiService = definition(
  'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIService',
  'Says which server answers for an API group and version.',
  {
    ...typeFields,
    metadata: ref(inline, objectMeta, 'Name, labels and what else every object has.'),
    spec: ref(inline, apiServiceSpec, 'What is wanted.'),
    status: ref(inline, apiServiceStatus, 'What is known to be the case.'),
  },
);

const field = (name: string): string => `spec.${name}`;

/** A group and version this server answers itself. */
function validateLocal({ spec }: APIService): FieldError[] {
  const errors: FieldError[] = [];
  if ((spec.caBundle ?? '') !== '') {
    const size = `${String(Buffer.from(spec.caBundle ?? '', 'base64').length)} bytes`;
    errors.push(invalid(field('caBundle'), size, 'local APIServices may not have a caBundle'));
  }
  if (spec.insecureSkipTLSVerify === true) {
    const why = 'local APIServices may not have insecureSkipTLSVerify';
    errors.push(invalid(field('insecureSkipTLSVerify'), true, why));
  }
  return errors;
}

function validateRemote({ spec }: APIService): FieldError[] {
  const { service = {}, insecureSkipTLSVerify, caBundle = '' } = spec;
  const { namespace = '', name = '', port = defaultServicePort } = service;
  const errors: FieldError[] = [];
  if (namespace === '') errors.push(required(field('service.namespace')));
  if (name === '') errors.push(required(field('service.name')));
  const wrongPort = portNumberErrors(port);
  if (wrongPort.length > 0) {
    const why = `port is not valid: ${wrongPort.join(', ')}`;
    errors.push(invalid(field('service.port'), port, why));
  }
  if (insecureSkipTLSVerify === true && caBundle !== '') {
    const why = 'may not be true if caBundle is present';
    errors.push(invalid(field('insecureSkipTLSVerify'), true, why));
  }
  return errors;
}

function validateName({ metadata, spec }: APIService): FieldError[] {
  const expected = `${spec.version ?? ''}.${spec.group ?? ''}`;
  if (metadata.name === expected) return [];
  const why = `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(expected)}`;
  return [invalid('metadata.name', metadata.name, why)];
}

const within = (name: string, value: number, max: number): FieldError[] =>
  value > 0 && value <= max
    ? []
    : [invalid(field(name), value, `must be positive and less than ${String(max)}`)];

function validateApiService(object: APIService): FieldError[] {
  const { group = '', version = '', service, groupPriorityMinimum, versionPriority } = object.spec;
  const errors = validateName(object);
  if (group === '' && version !== 'v1') {
    const why = 'only v1 may have an empty group and it better be legacy kube';
    errors.push(required(field('group'), why));
  }
  if (group !== '') {
    errors.push(...dns1123SubdomainErrors(group).map((why) => invalid(field('group'), group, why)));
  }
  errors.push(...dns1035LabelErrors(version).map((why) => invalid(field('version'), version, why)));
  errors.push(...within('groupPriorityMinimum', groupPriorityMinimum, maxGroupPriority));
  errors.push(...within('versionPriority', versionPriority, maxVersionPriority));
  return [...errors, ...(service === undefined ? validateLocal(object) : validateRemote(object))];
}

const validateStatus = ({ status }: APIService): FieldError[] =>
  (status.conditions ?? []).flatMap((condition, position) =>
    conditionStatuses.some((known) => known === condition.status)
      ? []
      : [
          notSupported(
            `status.conditions[${String(position)}].status`,
            condition.status,
            conditionStatuses,
          ),
        ],
  );

/** What is always the case of a group and version this server answers itself. `now` is milliseconds since the epoch. */
const locallyAvailable = (now: number): APIServiceCondition => ({
  type: 'Available',
  status: 'True',
  lastTransitionTime: timestamp(now),
  reason: 'Local',
  message: 'Local APIServices are always available',
});

function availabilityText({ status }: APIService): string {
  const condition = status.conditions?.find(({ type }) => type === 'Available');
  if (condition === undefined) return 'Unknown';
  return condition.status === 'True' ? 'True' : `${condition.status} (${condition.reason ?? ''})`;
}

/** APIServices: which server answers for an API group and version. */
export const apiServices = defineResource<APIService>({
  group: 'apiregistration.k8s.io',
  version: 'v1',
  kind: 'APIService',
  plural: 'apiservices',
  scope: 'Cluster',
  schema: apiService,
  categories: ['api-extensions'],
  status: true,
  nameFormat: 'pathSegment',
  defaults: (draft) => {
    fillZeroValues(apiService, draft);
    const { service } = ((draft as Partial<APIService>).spec ??= {
      groupPriorityMinimum: 0,
      versionPriority: 0,
    });
    if (service !== undefined) service.port ??= defaultServicePort;
  },
  validate: validateApiService,
  validateStatusUpdate: validateStatus,
  strategy: {
    statusKeeps: 'metadata',
    requiresVersion: true,
    prepareForCreate: (draft, now) => {
      draft.status =
        draft.spec.service === undefined ? { conditions: [locallyAvailable(now)] } : {};
    },
  },
  columns: [
    nameColumn,
    {
      name: 'Service',
      type: 'string',
      description: 'The Service of the server that answers; Local for this server.',
      priority: 0,
      cell: ({ spec: { service } }) =>
        service === undefined ? 'Local' : `${service.namespace ?? ''}/${service.name ?? ''}`,
    },
    {
      name: 'Available',
      type: 'string',
      description: 'Whether the server answers.',
      priority: 0,
      cell: availabilityText,
    },
    ageColumn,
  ],
});
