/** Refusals in Kubernetes' words, naming the object of the request. */
import { forbiddenRequest } from '../../api/meta/status-error.js';
import type { StatusError } from '../../api/meta/status-error.js';
import type { AdmissionAttributes } from './admission.js';

/** How messages call the object: its name, else what its name is to be generated from. */
function nameInMessages({ name, object }: AdmissionAttributes): string {
  if (name !== '') return name;
  if (object === undefined) return 'Unknown';
  const { name: own = '', generateName = '' } = object.metadata as Partial<typeof object.metadata>;
  return own || generateName || 'Unknown';
}

/** 403 `pods "x" is forbidden: why`. */
export const refusal = (attributes: AdmissionAttributes, why: string): StatusError =>
  forbiddenRequest(attributes.resource, nameInMessages(attributes), why);
