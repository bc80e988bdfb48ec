/** Checks of where containers see volumes, with Kubernetes' texts. Called by `validate-container.ts`. */
import type { FieldError } from '../../../validation/field-error.js';
import { child, forbidden, invalid, notFound, required } from '../../../validation/field-error.js';
import type { Container, Volume } from '../types.js';
import type { AnyContainer } from './containers.js';
import { anyOf, descendingPath, eachOf, requiredText } from './validate-values.js';

/** The volumes of the pod that containers can mount, by name. */
type Volumes = ReadonlyMap<string, Volume>;

/**
 * Checks the mounts of a container. What is wrong with the path in the volume, the propagation and the protection of a mount
 * is reported at the list, as in Kubernetes.
 */
export function validateMounts(
  container: AnyContainer,
  volumes: Volumes,
  field: string,
): FieldError[] {
  if (container.volumeMounts === undefined) return [];
  const devices = new Map(
    (container.volumeDevices ?? []).map(({ name, devicePath }) => [name, devicePath]),
  );
  const devicePaths = new Set(devices.values());
  const mountPaths = new Set<string>();
  const list = child(field, 'volumeMounts');
  return eachOf(list, container.volumeMounts, (mount, path) => {
    const errors = requiredText(child(path, 'name'), mount.name);
    const { mountPath = '', subPath = '', subPathExpr = '' } = mount as Partial<typeof mount>;
    if (!volumes.has(mount.name)) errors.push(notFound(child(path, 'name'), mount.name));
    if (mountPath === '') errors.push(required(child(path, 'mountPath')));
    if (mountPaths.has(mountPath)) {
      errors.push(invalid(child(path, 'mountPath'), mountPath, 'must be unique'));
    }
    mountPaths.add(mountPath);
    if (devices.has(mount.name)) {
      const detail = 'must not already exist in volumeDevices';
      errors.push(invalid(child(path, 'name'), mount.name, detail));
    }
    if (devicePaths.has(mountPath)) {
      const detail = 'must not already exist as a path in volumeDevices';
      errors.push(invalid(child(path, 'mountPath'), mountPath, detail));
    }
    if (subPath !== '') errors.push(...descendingPath(child(list, 'subPath'), subPath));
    if (subPathExpr !== '') {
      if (subPath !== '') {
        const detail = 'subPathExpr and subPath are mutually exclusive';
        errors.push(invalid(child(path, 'subPathExpr'), subPathExpr, detail));
      }
      errors.push(...descendingPath(child(list, 'subPathExpr'), subPathExpr));
    }
    return [...errors, ...validatePropagation(mount, container, list)];
  });
}

function validatePropagation(
  mount: NonNullable<Container['volumeMounts']>[number],
  container: AnyContainer,
  field: string,
): FieldError[] {
  const { mountPropagation: propagation, recursiveReadOnly: recursive, readOnly } = mount;
  if (propagation === undefined && recursive === undefined) return [];
  const path = child(field, 'mountPropagation');
  const errors = anyOf(path, propagation, ['Bidirectional', 'HostToContainer', 'None']);
  if (propagation === 'Bidirectional' && container.securityContext?.privileged !== true) {
    errors.push(
      forbidden(path, 'Bidirectional mount propagation is available only to privileged containers'),
    );
  }
  const recursivePath = child(field, 'recursiveReadOnly');
  errors.push(...anyOf(recursivePath, recursive, ['Disabled', 'Enabled', 'IfPossible']));
  if (recursive === 'Enabled' || recursive === 'IfPossible') {
    if (readOnly !== true) {
      errors.push(forbidden(recursivePath, 'may only be specified when readOnly is true'));
    }
    if (propagation !== undefined && propagation !== 'None') {
      errors.push(
        forbidden(
          recursivePath,
          'may only be specified when mountPropagation is None or not specified',
        ),
      );
    }
  }
  return errors;
}

/** Checks the block devices of a container: they are claims, and no mounts as well. */
export function validateDevices(
  container: AnyContainer,
  volumes: Volumes,
  field: string,
): FieldError[] {
  if ((container.volumeDevices ?? []).length === 0) return [];
  const mounts = new Map(
    (container.volumeMounts ?? []).map(({ name, mountPath }) => [name, mountPath]),
  );
  const mountPaths = new Set(mounts.values());
  const names = new Set<string>();
  const paths = new Set<string>();
  return eachOf(child(field, 'volumeDevices'), container.volumeDevices, (device, path) => {
    const { name, devicePath } = device;
    const [nameField, pathField] = [child(path, 'name'), child(path, 'devicePath')];
    const errors = requiredText(nameField, name);
    if (names.has(name)) errors.push(invalid(nameField, name, 'must be unique'));
    const volume = volumes.get(name);
    if (volume === undefined) errors.push(notFound(nameField, name));
    else if (volume.persistentVolumeClaim === undefined && volume.ephemeral === undefined) {
      const detail =
        'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode';
      errors.push(invalid(nameField, name, detail));
    }
    errors.push(...requiredText(pathField, devicePath));
    if (paths.has(devicePath)) errors.push(invalid(pathField, devicePath, 'must be unique'));
    if (devicePath.split('/').includes('..')) {
      errors.push(invalid(pathField, devicePath, "can not contain backsteps ('..')"));
    } else paths.add(devicePath);
    if (mounts.has(name)) {
      errors.push(invalid(nameField, name, 'must not already exist in volumeMounts'));
    }
    if (mountPaths.has(devicePath)) {
      const detail = 'must not already exist as a path in volumeMounts';
      errors.push(invalid(pathField, devicePath, detail));
    }
    if (name !== '') names.add(name);
    return errors;
  });
}
