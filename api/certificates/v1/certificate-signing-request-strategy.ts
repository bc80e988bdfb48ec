/** What the server itself writes into CertificateSigningRequests: who asked, and when what was decided. Pure. */
import { timestamp } from '../../meta/timestamp.js';
import type { Requester } from '../../schema/resource.js';
import { conditionsOf } from './certificate-signing-request-validation.js';
import type { CertificateSigningRequest, CertificateSigningRequestCondition } from './types.js';

/** Notes who asks, whatever the draft says, and takes away whatever it says was decided. */
export function prepareRequest(
  draft: CertificateSigningRequest,
  _now: number,
  requester?: Requester,
): void {
  const { username = '', groups = [], uid = '', extra = {} } = requester ?? {};
  const {
    username: _username,
    groups: _groups,
    uid: _uid,
    extra: _extra,
    ...asked
  } = (draft.spec as CertificateSigningRequest['spec'] | undefined) ?? {
    request: '',
    signerName: '',
  };
  const copied = Object.entries(extra).map(([key, values]): [string, string[]] => [
    key,
    [...values],
  ]);
  draft.spec = {
    ...asked,
    username,
    ...(uid === '' ? {} : { uid }),
    ...(groups.length === 0 ? {} : { groups: [...groups] }),
    ...(copied.length === 0 ? {} : { extra: Object.fromEntries(copied) }),
  };
  draft.status = {};
}

/** What is asked for never changes: another spec is passed over. */
export function prepareRequestUpdate(
  draft: CertificateSigningRequest,
  stored: CertificateSigningRequest,
): void {
  draft.spec = structuredClone(stored.spec);
}

/** Fills in when conditions were written, and when they first had their status. */
export function stampConditions(
  draft: CertificateSigningRequest,
  stored: CertificateSigningRequest,
  now: number,
): void {
  for (const condition of conditionsOf(draft)) {
    condition.lastUpdateTime ??= timestamp(now);
    if (condition.lastTransitionTime !== undefined) continue;
    const before = conditionsOf(stored).find(
      ({ type, status }) => type === condition.type && status === condition.status,
    );
    condition.lastTransitionTime = before?.lastTransitionTime ?? timestamp(now);
  }
}

/** Conditions of a type as they are stored, unless there are more or fewer of them now: that is refused later. */
function keepStored(
  draft: CertificateSigningRequest,
  stored: CertificateSigningRequest,
  type: CertificateSigningRequestCondition['type'],
): void {
  const isMeant = (condition: CertificateSigningRequestCondition): boolean =>
    condition.type === type;
  const before = conditionsOf(stored).filter(isMeant);
  const conditions = conditionsOf(draft);
  if (before.length === 0 || conditions.filter(isMeant).length !== before.length) return;
  const left = structuredClone(before).values();
  draft.status.conditions = conditions.map((condition) =>
    isMeant(condition) ? (left.next().value ?? condition) : condition,
  );
}

/**
 * Signers write the certificate and Failed; decisions stay as they are stored, so that a signer whose copy is old neither
 * makes nor changes one.
 */
export function prepareRequestStatusUpdate(
  draft: CertificateSigningRequest,
  stored: CertificateSigningRequest,
  now: number,
): void {
  prepareRequestUpdate(draft, stored);
  keepStored(draft, stored, 'Approved');
  keepStored(draft, stored, 'Denied');
  stampConditions(draft, stored, now);
}
