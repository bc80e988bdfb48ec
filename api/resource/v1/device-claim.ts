import { definition, list, ref, string, within } from '../../schema/schema.js';
import { deviceRequest } from './device-request.js';
import { opaqueDeviceConfiguration } from './device-selector.js';

export const deviceClaimConfiguration = definition(
  'io.k8s.api.resource.v1.DeviceClaimConfiguration',
  'Settings for the devices of some requests.',
  {
    opaque: ref(
      within(2, 1),
      opaqueDeviceConfiguration,
      'Settings that only the driver understands.',
    ),
    requests: list(1, 'string', 'The requests that are meant; all when empty.', {
      listType: 'atomic',
    }),
  },
);

export const deviceConstraint = definition(
  'io.k8s.api.resource.v1.DeviceConstraint',
  'A condition on the devices of several requests together.',
  {
    distinctAttribute: string(3, 'An attribute that differs from device to device.'),
    matchAttribute: string(2, 'An attribute that is equal on all the devices.'),
    requests: list(1, 'string', 'The requests that are meant; all when empty.', {
      listType: 'atomic',
    }),
  },
);

export const deviceClaim = definition(
  'io.k8s.api.resource.v1.DeviceClaim',
  'Which devices are wanted and how they are set up.',
  {
    config: list(3, deviceClaimConfiguration, 'Settings for the drivers.', { listType: 'atomic' }),
    constraints: list(2, deviceConstraint, 'Conditions on the devices together.', {
      listType: 'atomic',
    }),
    requests: list(1, deviceRequest, 'What is wanted.', {
      listType: 'atomic',
      nullWhenUnset: true,
    }),
  },
);
