import {
  boolean,
  definition,
  int64,
  list,
  map,
  quantity,
  ref,
  string,
  time,
} from '../../schema/schema.js';
import { nodeSelector } from '../../core/v1/pod/scheduling.js';

export const deviceAttribute = definition(
  'io.k8s.api.resource.v1.DeviceAttribute',
  'The value of an attribute; exactly one is set.',
  {
    bool: boolean(3, 'True or false.'),
    bools: list(7, 'boolean', 'Several truth values.', { listType: 'atomic' }),
    int: int64(2, 'A whole number.'),
    ints: list(6, 'int64', 'Several whole numbers.', { listType: 'atomic' }),
    string: string(4, 'A text of at most 64 bytes.'),
    strings: list(8, 'string', 'Several texts.', { listType: 'atomic' }),
    version: string(5, 'A version as semver.org describes it.'),
    versions: list(9, 'string', 'Several versions.', { listType: 'atomic' }),
  },
);

export const capacityRequestPolicyRange = definition(
  'io.k8s.api.resource.v1.CapacityRequestPolicyRange',
  'A range of amounts.',
  {
    max: quantity(2, 'The largest amount.'),
    min: quantity(1, 'The smallest amount.', { required: true }),
    step: quantity(3, 'The distance between two amounts, from the smallest on.'),
  },
);

export const capacityRequestPolicy = definition(
  'io.k8s.api.resource.v1.CapacityRequestPolicy',
  'How much of a capacity may be asked for.',
  {
    default: quantity(1, 'What a claim gets that asks for no amount.'),
    validRange: ref(
      4,
      capacityRequestPolicyRange,
      'The range of amounts; not together with values.',
    ),
    validValues: list(3, 'quantity', 'The amounts, rising; not together with a range.', {
      listType: 'atomic',
    }),
  },
);

export const deviceCapacity = definition(
  'io.k8s.api.resource.v1.DeviceCapacity',
  'How much a device has of something.',
  {
    requestPolicy: ref(
      2,
      capacityRequestPolicy,
      'How much of it may be asked for; only where the device can be shared.',
    ),
    value: quantity(1, 'The whole amount.', { required: true }),
  },
);

export const counter = definition(
  'io.k8s.api.resource.v1.Counter',
  'An amount that devices share.',
  {
    value: quantity(1, 'The amount.', { required: true }),
  },
);

export const deviceCounterConsumption = definition(
  'io.k8s.api.resource.v1.DeviceCounterConsumption',
  'What a device takes from a set of counters.',
  {
    counterSet: string(1, 'The name of the set.', { required: true }),
    counters: map(2, counter, 'The amounts, by counter.', { required: true }),
  },
);

export const nodeAllocatableResourceMapping = definition(
  'io.k8s.api.resource.v1.NodeAllocatableResourceMapping',
  'How a device counts against a resource of its node.',
  {
    allocationMultiplier: quantity(2, 'What the capacity, or the device, is multiplied with.'),
    capacityKey: string(1, 'The capacity that counts; the device as a whole when absent.'),
  },
);

export const deviceTaint = definition(
  'io.k8s.api.resource.v1.DeviceTaint',
  'What keeps claims off a device.',
  {
    effect: string(
      3,
      'What happens to claims that do not put up with it: None, NoSchedule or NoExecute.',
      { required: true, enum: ['None', 'NoSchedule', 'NoExecute'] },
    ),
    key: string(1, 'The key of the taint.', { required: true }),
    timeAdded: time(4, 'When the taint was put on.'),
    value: string(2, 'The value of the taint.'),
  },
);

export const device = definition(
  'io.k8s.api.resource.v1.Device',
  'A device and what is known of it.',
  {
    allNodes: boolean(7, 'Whether all nodes can reach the device.'),
    allowMultipleAllocations: boolean(12, 'Whether several claims can have shares of the device.'),
    attributes: map(2, deviceAttribute, 'What the device is like, by name.'),
    bindingConditions: list(
      10,
      'string',
      'Conditions that have to hold before a pod with the device is bound.',
      { listType: 'atomic' },
    ),
    bindingFailureConditions: list(
      11,
      'string',
      'Conditions any of which keeps such a pod from being bound.',
      { listType: 'atomic' },
    ),
    bindsToNode: boolean(9, "Whether the device belongs to the pod's node once it is given away."),
    capacity: map(3, deviceCapacity, 'How much of what the device has, by name.'),
    consumesCounters: list(
      4,
      deviceCounterConsumption,
      'What the device takes from the counters it shares with others.',
      { listType: 'atomic' },
    ),
    name: string(1, 'The name of the device, unique in its pool.', { required: true }),
    nodeAllocatableResourceMappings: map(
      13,
      nodeAllocatableResourceMapping,
      "What of the node's own resources the device stands for, by resource.",
    ),
    nodeName: string(5, 'The node that has the device.'),
    nodeSelector: ref(6, nodeSelector, 'The nodes that can reach the device.'),
    taints: list(8, deviceTaint, 'What keeps claims off the device unless they put up with it.', {
      listType: 'atomic',
    }),
  },
);

export const counterSet = definition(
  'io.k8s.api.resource.v1.CounterSet',
  'Counters that the devices of a pool share.',
  {
    counters: map(2, counter, 'The counters, by name.', { required: true }),
    name: string(1, 'The name of the set, unique in its pool.', { required: true }),
  },
);
