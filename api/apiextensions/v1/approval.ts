/**
 * Groups of the Kubernetes project itself may only be used by who says, in an annotation, that the project agreed or that it
 * did not.
 */
import { invalid, key, required } from '../../validation/field-error.js';
import type { FieldError } from '../../validation/field-error.js';
import type { CustomResourceDefinition } from './types.js';

const annotation = 'api-approved.kubernetes.io';
const help = 'https://github.com/kubernetes/enhancements/pull/1111';

const isProtected = (group: string): boolean =>
  group === 'k8s.io' ||
  group === 'kubernetes.io' ||
  group.endsWith('.k8s.io') ||
  group.endsWith('.kubernetes.io');

type ApprovalState = 'approved' | 'bypassed' | 'invalid' | 'missing';

export interface Approval {
  readonly state: ApprovalState;
  /** Text for people that says what was found. */
  readonly why: string;
}

function isUrl(text: string): boolean {
  try {
    return new URL(text).host !== '';
  } catch {
    return false;
  }
}

/** What the annotation says; undefined for groups that are nobody's in particular. */
export function approvalOf({ metadata, spec }: CustomResourceDefinition): Approval | undefined {
  if (!isProtected(spec.group)) return undefined;
  const value = metadata.annotations?.[annotation] ?? '';
  const wanted = `protected groups must have approval annotation ${JSON.stringify(annotation)}`;
  if (value === '') return { state: 'missing', why: `${wanted}, see ${help}` };
  if (value.startsWith('unapproved')) {
    return { state: 'bypassed', why: `not approved: ${JSON.stringify(value)}` };
  }
  if (isUrl(value)) return { state: 'approved', why: `approved in ${value}` };
  const why = `${wanted} with either a URL or a reason starting with "unapproved", see ${help}`;
  return { state: 'invalid', why };
}

/** What is wrong with the annotation. */
export function approvalErrors(crd: CustomResourceDefinition): FieldError[] {
  const approval = approvalOf(crd);
  const field = key('metadata.annotations', annotation);
  if (approval?.state === 'missing') return [required(field, approval.why)];
  if (approval?.state !== 'invalid') return [];
  return [invalid(field, crd.metadata.annotations?.[annotation] ?? '', approval.why)];
}
