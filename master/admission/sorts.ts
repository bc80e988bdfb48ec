/** Ready-made answers to whether a plugin is concerned with a sort of request. */
import type { AdmissionOperation, RequestSort } from './admission.js';

type Concern = (sort: RequestSort) => boolean;

/** The resource itself, not one of its subresources, for the operations given. */
export const concernsResource =
  (group: string, plural: string, operations: readonly AdmissionOperation[]): Concern =>
  ({ resource, subresource, operation }) =>
    resource.group === group &&
    resource.plural === plural &&
    subresource === '' &&
    operations.includes(operation);

/** Those operations on pods themselves. */
export const concernsPods = (...operations: readonly AdmissionOperation[]): Concern =>
  concernsResource('', 'pods', operations);

/** A subresource of pods. */
export const concernsPodPart =
  (part: string, ...operations: readonly AdmissionOperation[]): Concern =>
  ({ resource, subresource, operation }) =>
    resource.group === '' &&
    resource.plural === 'pods' &&
    subresource === part &&
    operations.includes(operation);

/** Whatever one of the others is concerned with. */
export const anyOf =
  (...concerns: readonly Concern[]): Concern =>
  (sort) =>
    concerns.some((concern) => concern(sort));
