import { boolean, definition, list, map, ref, string, time, within } from '../../schema/schema.js';
import { nodeSelector } from '../../core/v1/pod/scheduling.js';
import { deviceToleration } from './device-request.js';
import { opaqueDeviceConfiguration } from './device-selector.js';

export const deviceAllocationConfiguration = definition(
  'io.k8s.api.resource.v1.DeviceAllocationConfiguration',
  'Settings that apply to devices.',
  {
    opaque: ref(
      within(3, 1),
      opaqueDeviceConfiguration,
      'Settings that only the driver understands.',
    ),
    requests: list(2, 'string', 'The requests that are meant; all when empty.', {
      listType: 'atomic',
    }),
    source: string(1, 'Where the settings come from: FromClass or FromClaim.', {
      required: true,
      enum: ['FromClass', 'FromClaim'],
    }),
  },
);

export const deviceRequestAllocationResult = definition(
  'io.k8s.api.resource.v1.DeviceRequestAllocationResult',
  'A device that a request got.',
  {
    adminAccess: boolean(5, 'Whether others may be using the device.'),
    bindingConditions: list(
      7,
      'string',
      'Conditions of the device that have to hold before a pod is bound.',
      { listType: 'atomic' },
    ),
    bindingFailureConditions: list(
      8,
      'string',
      'Conditions of the device any of which keeps a pod from being bound.',
      { listType: 'atomic' },
    ),
    consumedCapacity: map(10, 'quantity', 'How much of each capacity was given.'),
    device: string(4, 'The name of the device in its pool.', { required: true }),
    driver: string(2, 'The driver of the device.', { required: true }),
    pool: string(3, 'The pool of the device.', { required: true }),
    request: string(1, 'The request, or request/wish, that got the device.', { required: true }),
    shareID: string(9, 'Tells apart the shares of a device that is given several times.'),
    tolerations: list(6, deviceToleration, 'The tolerations of the request.', {
      listType: 'atomic',
    }),
  },
);

export const deviceAllocationResult = definition(
  'io.k8s.api.resource.v1.DeviceAllocationResult',
  'The devices a claim got and their settings.',
  {
    config: list(
      2,
      deviceAllocationConfiguration,
      'The settings of the class and of the claim, in the order they apply.',
      { listType: 'atomic' },
    ),
    results: list(1, deviceRequestAllocationResult, 'Each device.', { listType: 'atomic' }),
  },
);

export const allocationResult = definition(
  'io.k8s.api.resource.v1.AllocationResult',
  'What a claim got.',
  {
    allocationTimestamp: time(5, 'When the claim got it.'),
    devices: ref(1, deviceAllocationResult, 'The devices and their settings.'),
    nodeSelector: ref(3, nodeSelector, 'The nodes that can reach the devices; all when absent.'),
  },
);
