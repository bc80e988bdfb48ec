/**
 * Fields of pods that Kubernetes 1.36 knows and has switched off: they are dropped from what is new, and kept where the stored
 * object has them from elsewhere. Changes what it is given.
 *
 * Called by the strategies of pods and of every kind with a template.
 */
import type { Pod, PodSpec, PodTemplateSpec, VolumeProjection } from '../types.js';
import { allContainers, type AnyContainer } from './containers.js';

const hasBundle = ({ clusterTrustBundle }: VolumeProjection): boolean =>
  clusterTrustBundle !== undefined;
const hasCertificate = ({ podCertificate }: VolumeProjection): boolean =>
  podCertificate !== undefined;

/** Every pod has a projected volume, so looking for what is switched off makes nothing. */
function projects(spec: PodSpec | undefined, is: (source: VolumeProjection) => boolean): boolean {
  for (const { projected } of spec?.volumes ?? []) {
    if (projected?.sources?.some(is) === true) return true;
  }
  return false;
}

function dropProjections(spec: PodSpec, stored: PodSpec | undefined): void {
  const dropsBundles = projects(spec, hasBundle) && !projects(stored, hasBundle);
  const dropsCertificates = projects(spec, hasCertificate) && !projects(stored, hasCertificate);
  if (!dropsBundles && !dropsCertificates) return;
  for (const { projected } of spec.volumes ?? []) {
    for (const source of projected?.sources ?? []) {
      if (dropsBundles) delete source.clusterTrustBundle;
      if (dropsCertificates) delete source.podCertificate;
    }
  }
}

/** Ephemeral containers have no hooks that are right, but may be sent with some. */
const lifecycleOf = (container: AnyContainer) => container.lifecycle;

const stops = (spec: PodSpec | undefined): boolean =>
  spec !== undefined &&
  allContainers(spec).some((container) => lifecycleOf(container)?.stopSignal !== undefined);

function dropStopSignals(spec: PodSpec): void {
  for (const container of allContainers(spec)) {
    const lifecycle = lifecycleOf(container);
    if (lifecycle?.stopSignal === undefined) continue;
    delete lifecycle.stopSignal;
    if (Object.keys(lifecycle).length === 0) delete container.lifecycle;
  }
}

/** Drops from a spec what is switched off and was not in use. */
export function dropDisabledFields(spec: PodSpec | undefined, stored?: PodSpec): void {
  if (spec === undefined) return;
  dropProjections(spec, stored);
  if (spec.schedulingGroup !== undefined && stored?.schedulingGroup === undefined) {
    delete spec.schedulingGroup;
  }
  if (stops(spec) && !stops(stored)) dropStopSignals(spec);
}

/** The same of a template. */
export const dropDisabledTemplateFields = (
  template: PodTemplateSpec | undefined,
  stored?: PodTemplateSpec,
): void => {
  dropDisabledFields(template?.spec, stored?.spec);
};

/** Drops from a status what is switched off. */
export function dropDisabledStatusFields({ status }: Pod, stored: Pod): void {
  if (stored.status.nodeAllocatableResourceClaimStatuses === undefined) {
    delete status.nodeAllocatableResourceClaimStatuses;
  }
  for (const list of [
    status.containerStatuses,
    status.initContainerStatuses,
    status.ephemeralContainerStatuses,
  ]) {
    for (const { volumeMounts } of list ?? []) {
      for (const mount of volumeMounts ?? []) delete mount.volumeStatus;
    }
  }
}
