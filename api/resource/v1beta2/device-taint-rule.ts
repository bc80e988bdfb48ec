import { ageText } from '../../age.js';
import { ageColumn, nameColumn } from '../../meta/columns.js';
import { jsonEqual } from '../../patch/json-value.js';
import { condition } from '../../meta/v1/condition.js';
import { objectFields } from '../../meta/v1/object-meta.js';
import { timestamp } from '../../meta/timestamp.js';
import { inVersion } from '../../schema/other-version.js';
import { defineResource } from '../../schema/resource.js';
import type { TableColumn } from '../../schema/resource.js';
import { definition, keyedBy, list, ref, string } from '../../schema/schema.js';
import { fillZeroValues } from '../../schema/zero-values.js';
import { validateConditions } from '../../validation/conditions.js';
import { validateDriverName } from '../../validation/driver-name.js';
import type { FieldError } from '../../validation/field-error.js';
import { child, tooMany } from '../../validation/field-error.js';
import { deviceTaint as stableDeviceTaint } from '../v1/device.js';
import { validateTaint } from '../v1/device-validation.js';
import { maxDeviceConditions } from '../v1/limits.js';
import { validateLabelText, validatePoolName } from '../v1/resource-checks.js';
import type { DeviceTaintRule, DeviceTaintSelector } from './types.js';

export const deviceTaint = inVersion(stableDeviceTaint, 'v1beta2');

export const deviceTaintSelector = definition(
  'io.k8s.api.resource.v1beta2.DeviceTaintSelector',
  'Which devices are meant: those that fit everything given; all where nothing is.',
  {
    device: string(4, 'Name of the device.'),
    driver: string(2, 'Name of the driver that offers the device.'),
    pool: string(3, 'Name of the pool the device belongs to.'),
  },
);

export const deviceTaintRuleSpec = definition(
  'io.k8s.api.resource.v1beta2.DeviceTaintRuleSpec',
  'A taint and the devices that get it.',
  {
    deviceSelector: ref(1, deviceTaintSelector, 'Which devices; none where it is absent.'),
    taint: ref(2, deviceTaint, 'What keeps claims off the devices.', { required: true }),
  },
);

export const deviceTaintRuleStatus = definition(
  'io.k8s.api.resource.v1beta2.DeviceTaintRuleStatus',
  'What became of the rule.',
  {
    conditions: list(1, condition, 'Such as EvictionInProgress; at most 8.', keyedBy('type')),
  },
);

export const deviceTaintRule = definition(
  'io.k8s.api.resource.v1beta2.DeviceTaintRule',
  'Puts a taint on devices without their driver.',
  {
    ...objectFields,
    spec: ref(2, deviceTaintRuleSpec, 'What is wanted.', { required: true }),
    status: ref(3, deviceTaintRuleStatus, 'What is the case; written by controllers.'),
  },
);

function validateSelector(selector: DeviceTaintSelector | undefined, field: string): FieldError[] {
  const { driver, pool, device } = selector ?? {};
  return [
    ...(driver === undefined ? [] : validateDriverName(driver, child(field, 'driver'))),
    ...(pool === undefined ? [] : validatePoolName(pool, child(field, 'pool'))),
    ...(device === undefined ? [] : validateLabelText(device, child(field, 'device'))),
  ];
}

/** A taint has the time it was added or last got another effect. */
function stampTaint(draft: DeviceTaintRule, stored: DeviceTaintRule | undefined, now: number) {
  const { taint } = draft.spec;
  const before = stored?.spec.taint;
  const isChanged = before !== undefined && before.effect !== taint.effect;
  if (isChanged && jsonEqual(before.timeAdded, taint.timeAdded)) delete taint.timeAdded;
  taint.timeAdded ??= timestamp(now);
}

const text = (
  name: string,
  description: string,
  cell: TableColumn<DeviceTaintRule>['cell'],
): TableColumn<DeviceTaintRule> => ({ name, type: 'string', description, priority: 0, cell });

/** DeviceTaintRules: taints on devices that their drivers know nothing of. */
export const deviceTaintRules = defineResource<DeviceTaintRule>({
  group: 'resource.k8s.io',
  version: 'v1beta2',
  kind: 'DeviceTaintRule',
  plural: 'devicetaintrules',
  scope: 'Cluster',
  schema: deviceTaintRule,
  status: true,
  defaults: (draft) => {
    const partial = draft as { spec?: { taint?: unknown }; status?: object };
    const spec = (partial.spec ??= {});
    spec.taint ??= {};
    fillZeroValues(deviceTaintRule, draft);
    partial.status ??= {};
  },
  validate: ({ spec }) => [
    ...validateSelector(spec.deviceSelector, 'spec.deviceSelector'),
    ...validateTaint(spec.taint, 'spec.taint'),
  ],
  validateStatusUpdate: ({ status }) => {
    const { conditions = [] } = status;
    const field = 'status.conditions';
    return [
      ...validateConditions(conditions, field),
      ...(conditions.length > maxDeviceConditions
        ? [tooMany(field, conditions.length, maxDeviceConditions)]
        : []),
    ];
  },
  strategy: {
    statusKeeps: 'metadata',
    tracksGeneration: true,
    prepareForCreate: (draft, now) => {
      draft.status = {};
      stampTaint(draft, undefined, now);
    },
    prepareForUpdate: (draft, stored, now) => {
      stampTaint(draft, stored, now);
    },
  },
  columns: [
    nameColumn,
    text('Key', 'What the taint is about.', ({ spec }) => spec.taint.key),
    text('Value', 'What is the case about it.', ({ spec }) => spec.taint.value ?? ''),
    text('Effect', 'What the taint does to pods.', ({ spec }) => spec.taint.effect),
    text('TimeAdded', 'How long the devices have had the taint.', ({ spec: { taint } }, now) =>
      taint.timeAdded === undefined ? '' : ageText(taint.timeAdded, now),
    ),
    ageColumn,
  ],
});
