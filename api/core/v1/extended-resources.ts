/** Whose resources are whose, by their names: Kubernetes' own, and those of devices that somebody else's domain names. Pure. */
import { qualifiedNameErrors } from '../../validation/names.js';

/** A resource that Kubernetes itself knows, such as `cpu`. */
export const isNativeResource = (name: string): boolean =>
  !name.includes('/') || name.includes('kubernetes.io/');

/** A resource of another domain, such as `example.com/gpu`, whose name fits into a quota too. */
export const isExtendedResource = (name: string): boolean =>
  !isNativeResource(name) &&
  !name.startsWith('requests.') &&
  qualifiedNameErrors(`requests.${name}`).length === 0;
