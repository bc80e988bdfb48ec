/**
 * What resource.k8s.io/v1beta1 says otherwise than later versions: what is known of a device is kept apart from its name, and a
 * request is itself what later became `exactly`.
 *
 * Called by `api/pre-release-resources.ts`.
 */
import type { KubeObject } from '../../meta/v1/types.js';
import { isJsonObject } from '../../patch/json-value.js';
import { reshapedIn } from '../../schema/other-shape.js';
import type { Replaced } from '../../schema/other-version.js';
import { definition, ref, string } from '../../schema/schema.js';
import type { Field } from '../../schema/schema.js';
import { device } from '../v1/device.js';
import { deviceRequest, deviceSubRequest, exactDeviceRequest } from '../v1/device-request.js';
import { resourceClaimTemplates } from '../v1/resource-claim-template.js';
import { resourceClaims } from '../v1/resource-claim.js';
import { resourceSlices } from '../v1/resource-slice.js';
import type { Device, DeviceRequest, ExactDeviceRequest } from '../v1/types.js';

type Fields = Readonly<Record<string, Field>>;

/** The same fields under other protobuf numbers. */
const renumbered = (fields: Fields, numbers: (name: string, field: Field) => number): Fields =>
  Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [
      name,
      { ...field, proto: numbers(name, field) },
    ]),
  );

const numberOf = ({ proto }: Field): number => (typeof proto === 'number' ? proto : 0);

const { name: deviceName, ...knownOfDevice } = device.fields;

// The stable version has the name first and everything else after it.
const basicDevice = definition(
  'io.k8s.api.resource.v1.BasicDevice',
  'What is known of a device.',
  renumbered(knownOfDevice, (_name, field) => numberOf(field) - 1),
);

const namedDevice = definition('io.k8s.api.resource.v1.Device', device.description, {
  name: deviceName ?? string(1, 'The name of the device.', { required: true }),
  basic: ref(2, basicDevice, 'What is known of it.'),
});

const exactNumbers: Readonly<Record<string, number>> = {
  deviceClassName: 2,
  selectors: 3,
  allocationMode: 4,
  count: 5,
  adminAccess: 6,
  tolerations: 8,
  capacity: 9,
};

const { exactly: _, ...ownOfRequest } = deviceRequest.fields;
const { deviceClassName: className, ...exactFields } = exactDeviceRequest.fields;

const flatRequest = definition('io.k8s.api.resource.v1.DeviceRequest', deviceRequest.description, {
  ...renumbered(
    {
      ...exactFields,
      deviceClassName: string(numberOf(className ?? string(1, '')), 'The class of the devices.'),
    },
    (name) => exactNumbers[name] ?? 0,
  ),
  ...renumbered(ownOfRequest, (name) => (name === 'name' ? 1 : 7)),
});

const olderSubRequest = definition(
  deviceSubRequest.name,
  deviceSubRequest.description,
  renumbered(deviceSubRequest.fields, (name, field) =>
    name === 'tolerations' || name === 'capacity' ? numberOf(field) + 1 : numberOf(field),
  ),
);

/** The types of v1beta1 that are not those of v1. */
const olderShapes: Replaced = new Map([
  [device, namedDevice],
  [deviceRequest, flatRequest],
  [deviceSubRequest, olderSubRequest],
]);

type OlderDevice = Pick<Device, 'name'> & { basic?: Omit<Device, 'name'> };

const deviceFrom = ({ name, basic }: OlderDevice): Device => ({ name, ...basic });
const olderDeviceFrom = ({ name, ...basic }: Device): OlderDevice => ({ name, basic });

type OlderRequest = Pick<DeviceRequest, 'name' | 'firstAvailable'> & Partial<ExactDeviceRequest>;

const isSet = (value: unknown): boolean =>
  Array.isArray(value)
    ? value.length > 0
    : value !== undefined && value !== '' && value !== 0 && value !== false;

/** A request without alternatives is an exact one, even where it leaves everything open. */
function requestFrom({ name, firstAvailable, ...exact }: OlderRequest): DeviceRequest {
  const hasAlternatives = isSet(firstAvailable);
  const isExact = !hasAlternatives || Object.values(exact).some(isSet);
  return {
    name,
    ...(isExact ? { exactly: { deviceClassName: '', ...exact } } : {}),
    ...(hasAlternatives ? { firstAvailable } : {}),
  };
}

const olderRequestFrom = ({ name, exactly, firstAvailable }: DeviceRequest): OlderRequest => ({
  name,
  ...exactly,
  ...(firstAvailable === undefined ? {} : { firstAvailable }),
});

/** An object in which the list at a path has other elements; the object itself where there is no list. */
function withElements(
  object: unknown,
  path: readonly string[],
  elementFrom: (element: never) => object,
): unknown {
  if (Array.isArray(object) && path.length === 0) {
    return object.map(elementFrom as (element: unknown) => object);
  }
  const [name, ...deeper] = path;
  if (name === undefined || !isJsonObject(object) || !(name in object)) return object;
  return { ...object, [name]: withElements(object[name], deeper, elementFrom) };
}

interface Directions {
  readonly toStored: (element: never) => object;
  readonly fromStored: (element: never) => object;
}

/** Both directions for objects that have such elements at a path. */
const elementsAt = (path: readonly string[], { toStored, fromStored }: Directions) => ({
  toStored: (object: KubeObject): KubeObject => withElements(object, path, toStored) as KubeObject,
  fromStored: (object: KubeObject): KubeObject =>
    withElements(object, path, fromStored) as KubeObject,
});

const devices: Directions = { toStored: deviceFrom, fromStored: olderDeviceFrom };
const requests: Directions = { toStored: requestFrom, fromStored: olderRequestFrom };
const older = { version: 'v1beta1', deprecated: 35, replaced: olderShapes } as const;

export const olderSlices = reshapedIn(resourceSlices, {
  ...older,
  ...elementsAt(['spec', 'devices'], devices),
});

export const olderClaims = reshapedIn(resourceClaims, {
  ...older,
  ...elementsAt(['spec', 'devices', 'requests'], requests),
});

export const olderClaimTemplates = reshapedIn(resourceClaimTemplates, {
  ...older,
  ...elementsAt(['spec', 'spec', 'devices', 'requests'], requests),
});
