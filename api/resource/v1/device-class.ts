import { isExtendedResource } from '../../core/v1/extended-resources.js';
import { defineResource } from '../../schema/resource.js';
import { fillZeroValues } from '../../schema/zero-values.js';
import type { FieldError } from '../../validation/field-error.js';
import { invalid } from '../../validation/field-error.js';
import { maxClaimEntries } from './limits.js';
import { validateConfiguration, validateList, validateSelectors } from './resource-checks.js';
import type { DeviceClass } from './types.js';
import { definition, list, ref, string, within } from '../../schema/schema.js';
import { deviceSelector, opaqueDeviceConfiguration } from './device-selector.js';
import { objectFields } from '../../meta/v1/object-meta.js';

export const deviceClassConfiguration = definition(
  'io.k8s.api.resource.v1.DeviceClassConfiguration',
  'Settings that apply to the devices of a class.',
  {
    opaque: ref(
      within(1, 1),
      opaqueDeviceConfiguration,
      'Settings that only the driver understands.',
    ),
  },
);

export const deviceClassSpec = definition(
  'io.k8s.api.resource.v1.DeviceClassSpec',
  'Which devices belong to a class and how they are set up.',
  {
    config: list(2, deviceClassConfiguration, 'Settings that apply to the devices of the class.', {
      listType: 'atomic',
    }),
    extendedResourceName: string(
      4,
      'The resource name by which containers can ask for devices of the class.',
    ),
    selectors: list(1, deviceSelector, 'Conditions the devices meet, all of them.', {
      listType: 'atomic',
    }),
  },
);

export const deviceClass = definition(
  'io.k8s.api.resource.v1.DeviceClass',
  'A kind of devices that claims can ask for.',
  {
    ...objectFields,
    spec: ref(2, deviceClassSpec, 'What is wanted.', { required: true }),
  },
);

function validateDeviceClass({ spec }: DeviceClass): FieldError[] {
  const { selectors, config, extendedResourceName: name } = spec;
  return [
    ...validateSelectors(selectors, 'spec.selectors'),
    ...validateList(config, 'spec.config', maxClaimEntries, ({ opaque }, path) =>
      validateConfiguration(opaque, path),
    ),
    ...(name === undefined || isExtendedResource(name)
      ? []
      : [invalid('spec.extendedResourceName', name, 'must be a valid extended resource name')]),
  ];
}

/** DeviceClasses: the kinds of devices that claims can ask for. */
export const deviceClasses = defineResource<DeviceClass>({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'DeviceClass',
  plural: 'deviceclasses',
  scope: 'Cluster',
  schema: deviceClass,
  defaults: (draft) => {
    (draft as Partial<DeviceClass>).spec ??= {};
    fillZeroValues(deviceClass, draft);
  },
  validate: validateDeviceClass,
  strategy: { tracksGeneration: true },
});
