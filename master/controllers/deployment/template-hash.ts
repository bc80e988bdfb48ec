/** Names of ReplicaSets: a hash of the pod template, so that one template always has one name. Pure. */
import { canonicalJson } from '../../../api/canonical-json.js';
import type { PodTemplateSpec } from '../../../api/core/v1/types.js';

/** Where ReplicaSets and their pods carry the hash. */
export const podTemplateHashLabel = 'pod-template-hash';

const fnvOffset = 0x811c9dc5;
const fnvPrime = 0x01000193;

/** 32-bit FNV-1a. */
function fnv32a(bytes: Uint8Array): number {
  let hash = fnvOffset;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, fnvPrime);
  return hash >>> 0;
}

/** Kubernetes' `rand.SafeEncodeString` alphabet: no vowels, so no words. */
const safeAlphabet = 'bcdfghjklmnpqrstvwxz2456789';

const safeEncoded = (text: string): string =>
  [...Buffer.from(text)].map((byte) => safeAlphabet[byte % safeAlphabet.length]).join('');

/** The hash of a template; another collision count gives another. */
export function templateHash(
  template: PodTemplateSpec,
  collisionCount: number | undefined,
): string {
  const suffix = collisionCount === undefined ? '' : `#${String(collisionCount)}`;
  return safeEncoded(String(fnv32a(Buffer.from(canonicalJson(template) + suffix))));
}

function withoutHash(template: PodTemplateSpec | undefined): unknown {
  const labels = { ...template?.metadata?.labels };
  Reflect.deleteProperty(labels, podTemplateHashLabel);
  const { creationTimestamp: _created, ...metadata } = template?.metadata ?? {};
  return { ...template, metadata: { ...metadata, labels } };
}

/** Whether two templates make the same pods; the hash label does not count. */
export const sameTemplate = (
  left: PodTemplateSpec | undefined,
  right: PodTemplateSpec | undefined,
): boolean => canonicalJson(withoutHash(left)) === canonicalJson(withoutHash(right));
