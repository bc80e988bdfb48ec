import { ageColumn, nameColumn } from '../../meta/columns.js';
import { defineResource } from '../../schema/resource.js';
import type { TableColumn } from '../../schema/resource.js';
import { fillZeroValues } from '../../schema/zero-values.js';
import type { FieldError } from '../../validation/field-error.js';
import { child, forbidden, invalid, notSupported, required } from '../../validation/field-error.js';
import { mandatoryPriorityLevels } from './bootstrap-objects.js';
import { mandatoryErrors, validateConditionTypes } from './shared-validation.js';
import {
  defaultHandSize,
  defaultQueueLength,
  defaultQueues,
  defaultShares,
  maxHandEntropyBits,
  maxQueues,
} from './limits.js';
import type {
  LimitedPriorityLevelConfiguration,
  LimitResponse,
  PriorityLevelConfiguration,
  PriorityLevelConfigurationSpec,
  QueuingConfiguration,
} from './types.js';
import { definition, int32, list, ref, string, time, keyedBy } from '../../schema/schema.js';
import { objectFields } from '../../meta/v1/object-meta.js';

export const priorityLevelConfigurationReference = definition(
  'io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationReference',
  'Names the priority level that requests are given.',
  {
    name: string(1, 'The name of the PriorityLevelConfiguration.', { required: true }),
  },
);

export const queuingConfiguration = definition(
  'io.k8s.api.flowcontrol.v1.QueuingConfiguration',
  'How requests that must wait are queued.',
  {
    handSize: int32(
      2,
      'How many queues a flow may choose from; the shortest of them takes a request.',
    ),
    queueLengthLimit: int32(
      3,
      'How many requests may wait in one queue; further ones are refused.',
    ),
    queues: int32(1, 'How many queues there are.'),
  },
);

export const limitResponse = definition(
  'io.k8s.api.flowcontrol.v1.LimitResponse',
  'What becomes of requests that cannot be served at once.',
  {
    queuing: ref(2, queuingConfiguration, 'How they are queued; only where the type is Queue.'),
    type: string(1, 'Queue to make them wait, Reject to refuse them with 429.', {
      required: true,
      enum: ['Queue', 'Reject'],
    }),
  },
);

export const limitedPriorityLevelConfiguration = definition(
  'io.k8s.api.flowcontrol.v1.LimitedPriorityLevelConfiguration',
  'How many requests of a level are served at the same time.',
  {
    borrowingLimitPercent: int32(
      4,
      'How much this level may borrow of others, in percent of its own share; no limit when absent.',
    ),
    lendablePercent: int32(3, 'How much of its share other levels may borrow, in percent.'),
    limitResponse: ref(2, limitResponse, 'What becomes of requests beyond the limit.'),
    nominalConcurrencyShares: int32(
      1,
      "The share of the server's concurrency, in proportion to the shares of all levels.",
    ),
  },
);

export const exemptPriorityLevelConfiguration = definition(
  'io.k8s.api.flowcontrol.v1.ExemptPriorityLevelConfiguration',
  'How much an exempt level counts; its requests never wait.',
  {
    lendablePercent: int32(2, 'How much of its share other levels may borrow, in percent.'),
    nominalConcurrencyShares: int32(1, "The share of the server's concurrency that is set aside."),
  },
);

export const priorityLevelConfigurationSpec = definition(
  'io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationSpec',
  'How the requests of a priority level are limited.',
  {
    exempt: ref(3, exemptPriorityLevelConfiguration, 'Settings of a level of type Exempt.'),
    limited: ref(2, limitedPriorityLevelConfiguration, 'Settings of a level of type Limited.'),
    type: string(1, 'Exempt for requests that never wait, Limited for those that share.', {
      required: true,
      enum: ['Exempt', 'Limited'],
    }),
  },
);

export const priorityLevelConfigurationCondition = definition(
  'io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationCondition',
  'One thing that is or is not the case about a priority level.',
  {
    lastTransitionTime: time(3, 'When the status last changed.', { nullWhenUnset: true }),
    message: string(5, 'The reason in words for people.'),
    reason: string(4, 'The reason as one CamelCase word.'),
    status: string(2, 'True, False or Unknown.', { enum: ['True', 'False', 'Unknown'] }),
    type: string(1, 'What the condition is about.'),
  },
);

export const priorityLevelConfigurationStatus = definition(
  'io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationStatus',
  'What is known of a priority level.',
  {
    conditions: list(
      1,
      priorityLevelConfigurationCondition,
      'What is currently the case.',
      keyedBy('type'),
    ),
  },
);

export const priorityLevelConfiguration = definition(
  'io.k8s.api.flowcontrol.v1.PriorityLevelConfiguration',
  'A level of priority with its share of the server.',
  {
    ...objectFields,
    spec: ref(2, priorityLevelConfigurationSpec, 'What is wanted.'),
    status: ref(3, priorityLevelConfigurationStatus, 'What is known to be the case.'),
  },
);

const types = ['Exempt', 'Limited'] as const;
const responses = ['Queue', 'Reject'] as const;

/** Bits needed to choose `handSize` of so many queues, in order. */
function handEntropyBits(queues: number, handSize: number): number {
  let bits = 0;
  for (let drawn = 0; drawn < handSize; drawn++) bits += Math.log2(queues - drawn);
  return Math.ceil(bits);
}

function validateQueuing(queuing: QueuingConfiguration, field: string): FieldError[] {
  const { queues = 0, handSize = 0, queueLengthLimit = 0 } = queuing;
  const errors = Object.entries({ queueLengthLimit, queues, handSize })
    .filter(([, value]) => value <= 0)
    .map(([name, value]) => invalid(child(field, name), value, 'must be positive'));
  if (queues > maxQueues) {
    const why = `must not be greater than ${String(maxQueues)}`;
    errors.push(invalid(child(field, 'queues'), queues, why));
  }
  if (handSize > queues) {
    const why = `should not be greater than queues (${String(queues)})`;
    errors.push(invalid(child(field, 'handSize'), handSize, why));
  } else if (handSize > 0 && handEntropyBits(queues, handSize) > maxHandEntropyBits) {
    const why = `required entropy bits of deckSize ${String(queues)} and handSize ${String(handSize)} should not be greater than ${String(maxHandEntropyBits)}`;
    errors.push(invalid(child(field, 'handSize'), handSize, why));
  }
  return errors;
}

function validateResponse(response: LimitResponse, field: string): FieldError[] {
  const { queuing } = response;
  const type: string = response.type;
  const path = child(field, 'queuing');
  if (type === 'Reject') {
    const why = 'must be nil if limited.limitResponse.type is not Limited';
    return queuing === undefined ? [] : [forbidden(path, why)];
  }
  if (type !== 'Queue') return [notSupported(child(field, 'type'), type, responses)];
  return queuing === undefined
    ? [required(path, 'must not be empty if limited.limitResponse.type is Limited')]
    : validateQueuing(queuing, path);
}

const notNegative = (field: string, value: number | undefined): FieldError[] =>
  value === undefined || value >= 0
    ? []
    : [invalid(field, value, 'must be a non-negative integer')];

const percentOf = (field: string, value: number | undefined): FieldError[] =>
  value === undefined || (value >= 0 && value <= 100)
    ? []
    : [invalid(field, value, 'must be between 0 and 100, inclusive')];

function validateLimited(limited: LimitedPriorityLevelConfiguration, field: string): FieldError[] {
  const { borrowingLimitPercent: borrowing, limitResponse = { type: '' } } = limited;
  return [
    ...notNegative(child(field, 'nominalConcurrencyShares'), limited.nominalConcurrencyShares),
    ...validateResponse(limitResponse as LimitResponse, child(field, 'limitResponse')),
    ...percentOf(child(field, 'lendablePercent'), limited.lendablePercent),
    ...(borrowing === undefined || borrowing >= 0
      ? []
      : [
          invalid(
            child(field, 'borrowingLimitPercent'),
            borrowing,
            'if specified, must be a non-negative integer',
          ),
        ]),
  ];
}

function validateSpec(spec: PriorityLevelConfigurationSpec): FieldError[] {
  const { limited, exempt } = spec;
  const type: string = spec.type;
  if (type === 'Exempt') {
    const errors =
      limited === undefined
        ? []
        : [forbidden('spec.limited', 'must be nil if the type is not Limited')];
    return [
      ...errors,
      ...notNegative('spec.exempt.nominalConcurrencyShares', exempt?.nominalConcurrencyShares),
      ...percentOf('spec.exempt.lendablePercent', exempt?.lendablePercent),
    ];
  }
  if (type !== 'Limited') return [notSupported('spec.type', type, types)];
  const errors =
    exempt === undefined ? [] : [forbidden('spec.exempt', 'must be nil if the type is Limited')];
  return limited === undefined
    ? [...errors, required('spec.limited', 'must not be empty when type is Limited')]
    : [...errors, ...validateLimited(limited, 'spec.limited')];
}

/** Levels that fairness cannot do without stay as they are, but for how much the exempt one lends. */
function fixedErrors(name: string, spec: PriorityLevelConfigurationSpec): FieldError[] {
  const fixed = mandatoryPriorityLevels.find(({ metadata }) => metadata.name === name)?.spec;
  if (fixed === undefined) return [];
  if (fixed.type !== 'Exempt') return mandatoryErrors({ name, spec, fixed });
  const { exempt } = spec;
  const except = " except the 'spec.exempt' field";
  return mandatoryErrors({ name, spec, fixed: { ...fixed, exempt }, except });
}

function validate({ metadata: { name }, spec }: PriorityLevelConfiguration): FieldError[] {
  const isExempt = spec.type === 'Exempt';
  const why = "type must be 'Exempt' if and only if name is 'exempt'";
  return [
    ...((name === 'exempt') === isExempt ? [] : [invalid('spec.type', spec.type, why)]),
    ...validateSpec(spec),
    ...fixedErrors(name, spec),
  ];
}

function fillLimited(limited: LimitedPriorityLevelConfiguration): void {
  limited.nominalConcurrencyShares ??= defaultShares;
  limited.lendablePercent ??= 0;
  const { limitResponse } = limited;
  if (limitResponse?.type !== 'Queue') return;
  const queuing = (limitResponse.queuing ??= {});
  queuing.handSize ??= defaultHandSize;
  queuing.queues ??= defaultQueues;
  queuing.queueLengthLimit ??= defaultQueueLength;
}

function fillDefaults(draft: PriorityLevelConfiguration): void {
  fillZeroValues(priorityLevelConfiguration, draft);
  const { spec } = draft as Partial<PriorityLevelConfiguration>;
  if (spec === undefined) draft.spec = { type: '' } as unknown as PriorityLevelConfigurationSpec;
  else if (spec.type === 'Exempt') {
    const exempt = (spec.exempt ??= {});
    exempt.nominalConcurrencyShares ??= 0;
    exempt.lendablePercent ??= 0;
  } else if (spec.limited !== undefined) fillLimited(spec.limited);
}

const queueColumn = (
  name: string,
  description: string,
  read: (queuing: QueuingConfiguration) => number | undefined,
): TableColumn<PriorityLevelConfiguration> => ({
  name,
  type: 'string',
  description,
  priority: 0,
  cell: ({ spec }) => {
    const queuing = spec.limited?.limitResponse?.queuing;
    return queuing === undefined ? '<none>' : (read(queuing) ?? 0);
  },
});

/** PriorityLevelConfigurations: how the server's concurrency is shared. */
export const priorityLevelConfigurations = defineResource<PriorityLevelConfiguration>({
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  kind: 'PriorityLevelConfiguration',
  plural: 'prioritylevelconfigurations',
  scope: 'Cluster',
  schema: priorityLevelConfiguration,
  status: true,
  defaults: fillDefaults,
  validate,
  validateStatusUpdate: validateConditionTypes,
  strategy: {
    statusKeeps: 'metadata',
    tracksGeneration: true,
    prepareForCreate: (draft) => {
      draft.status = {};
    },
  },
  columns: [
    nameColumn,
    {
      name: 'Type',
      type: 'string',
      description: 'Whether requests of the level wait.',
      priority: 0,
      cell: ({ spec }) => spec.type,
    },
    {
      name: 'NominalConcurrencyShares',
      type: 'string',
      description: "The level's share of the server's concurrency.",
      priority: 0,
      cell: ({ spec: { limited } }) =>
        limited === undefined ? '<none>' : (limited.nominalConcurrencyShares ?? 0),
    },
    queueColumn('Queues', 'How many queues the level has.', ({ queues }) => queues),
    queueColumn('HandSize', 'How many queues a flow chooses from.', ({ handSize }) => handSize),
    queueColumn(
      'QueueLengthLimit',
      'How many requests may wait in a queue.',
      ({ queueLengthLimit }) => queueLengthLimit,
    ),
    ageColumn,
  ],
});
