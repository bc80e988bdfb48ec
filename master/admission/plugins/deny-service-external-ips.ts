/** DenyServiceExternalIPs (off by default): no service takes an address of its user's choice. */
import type { Service } from '../../../api/core/v1/types.js';
import type { AdmissionPlugin } from '../admission.js';
import { refusal } from '../refusals.js';
import { concernsResource } from '../sorts.js';

const addressesOf = (service: object | undefined): readonly string[] =>
  (service as Partial<Pick<Service, 'spec'>> | undefined)?.spec?.externalIPs ?? [];

export const denyServiceExternalIps: AdmissionPlugin = {
  name: 'DenyServiceExternalIPs',
  concerns: concernsResource('', 'services', ['CREATE', 'UPDATE']),
  validate: (attributes) => {
    const before = new Set(addressesOf(attributes.stored));
    if (addressesOf(attributes.object).every((address) => before.has(address))) return;
    throw refusal(attributes, 'Use of external IPs is denied by admission control.');
  },
};
