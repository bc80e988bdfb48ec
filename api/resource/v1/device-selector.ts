import { definition, rawExtension, ref, string } from '../../schema/schema.js';

export const celDeviceSelector = definition(
  'io.k8s.api.resource.v1.CELDeviceSelector',
  'A condition on devices in CEL.',
  {
    expression: string(
      1,
      'True for the devices that are meant; sees the device as `device`; at most 10 KiB.',
      { required: true },
    ),
  },
);

export const deviceSelector = definition(
  'io.k8s.api.resource.v1.DeviceSelector',
  'A condition on devices; exactly one kind of condition is set.',
  {
    cel: ref(1, celDeviceSelector, 'A condition in CEL.'),
  },
);

export const opaqueDeviceConfiguration = definition(
  'io.k8s.api.resource.v1.OpaqueDeviceConfiguration',
  'Settings that only the driver understands.',
  {
    driver: string(1, 'The driver the settings are for.', { required: true }),
    parameters: rawExtension(2, 'The settings, an object of at most 10 KiB.', { required: true }),
  },
);
