/** What is filled in where a wish for devices leaves it open. Called by claims and their templates. */
import type { DeviceSubRequest, ExactDeviceRequest, ResourceClaimSpec } from './types.js';

function defaultWish(wish: ExactDeviceRequest | DeviceSubRequest): void {
  if ((wish.allocationMode ?? '') === '') wish.allocationMode = 'ExactCount';
  if (wish.allocationMode === 'ExactCount' && (wish.count ?? 0) === 0) wish.count = 1;
  for (const toleration of wish.tolerations ?? []) {
    if (((toleration.operator as string | undefined) ?? '') === '') toleration.operator = 'Equal';
  }
}

/** One device of each request, unless it says otherwise. */
export function defaultClaimSpec(spec: ResourceClaimSpec): void {
  spec.devices ??= {};
  for (const { exactly, firstAvailable } of spec.devices.requests ?? []) {
    if (exactly !== undefined) defaultWish(exactly);
    firstAvailable?.forEach(defaultWish);
  }
}
