import { boolean, definition, int64, list, map, ref, string } from '../../schema/schema.js';
import { deviceSelector } from './device-selector.js';

export const capacityRequirements = definition(
  'io.k8s.api.resource.v1.CapacityRequirements',
  'How much of a device is wanted.',
  {
    requests: map(1, 'quantity', 'The amount of each capacity, by its name.'),
  },
);

export const deviceToleration = definition(
  'io.k8s.api.resource.v1.DeviceToleration',
  'A taint of devices that is put up with.',
  {
    effect: string(4, 'The effect that is put up with; every effect when empty.', {
      enum: ['None', 'NoSchedule', 'NoExecute'],
    }),
    key: string(1, 'The key of the taint; every key when empty, with the operator Exists.'),
    operator: string(2, 'How the value is compared: Exists or Equal (the default).', {
      enum: ['Exists', 'Equal'],
      default: 'Equal',
    }),
    tolerationSeconds: int64(
      5,
      'For how long the effect NoExecute is put up with; for ever when absent.',
    ),
    value: string(3, 'The value of the taint, for Equal.'),
  },
);

export const exactDeviceRequest = definition(
  'io.k8s.api.resource.v1.ExactDeviceRequest',
  'A wish without alternatives.',
  {
    adminAccess: boolean(
      5,
      'Asks for devices that others may be using, to look after them; needs the rights of an administrator.',
    ),
    allocationMode: string(
      3,
      'Whether a number of devices (ExactCount, the default) or All that match are wanted.',
    ),
    capacity: ref(7, capacityRequirements, 'How much of each device is wanted.'),
    count: int64(4, 'How many devices are wanted; 1 by default.'),
    deviceClassName: string(1, 'The class of the devices.', { required: true }),
    selectors: list(2, deviceSelector, 'Conditions the devices have to meet, all of them.', {
      listType: 'atomic',
    }),
    tolerations: list(6, deviceToleration, 'The taints of devices that are put up with.', {
      listType: 'atomic',
    }),
  },
);

export const deviceSubRequest = definition(
  'io.k8s.api.resource.v1.DeviceSubRequest',
  'One of several wishes.',
  {
    allocationMode: string(
      4,
      'Whether a number of devices (ExactCount, the default) or All that match are wanted.',
    ),
    capacity: ref(7, capacityRequirements, 'How much of each device is wanted.'),
    count: int64(5, 'How many devices are wanted; 1 by default.'),
    deviceClassName: string(2, 'The class of the devices.', { required: true }),
    name: string(1, 'The name of the wish, unique in its request.', { required: true }),
    selectors: list(3, deviceSelector, 'Conditions the devices have to meet, all of them.', {
      listType: 'atomic',
    }),
    tolerations: list(6, deviceToleration, 'The taints of devices that are put up with.', {
      listType: 'atomic',
    }),
  },
);

export const deviceRequest = definition(
  'io.k8s.api.resource.v1.DeviceRequest',
  'Asks for devices, either exactly or as the first of several wishes that can be had.',
  {
    exactly: ref(2, exactDeviceRequest, 'What is wanted, without alternatives.'),
    firstAvailable: list(
      3,
      deviceSubRequest,
      'Wishes in order; the first that can be had counts.',
      { listType: 'atomic' },
    ),
    name: string(1, 'The name of the request, unique in its claim.', { required: true }),
  },
);
