/**
 * Whether a toleration covers a taint, by Kubernetes' rules.
 *
 * Called by the scheduler and by the controller that evicts. Pure.
 */
import type { Taint, Toleration } from './types.js';

/** Signed 64-bit decimal without sign or leading zeros, as Lt and Gt compare; undefined for anything else. */
function wholeFrom(text: string | undefined): bigint | undefined {
  return text !== undefined && /^(0|-?[1-9]\d{0,18})$/.test(text) ? BigInt(text) : undefined;
}

function valueMatches(toleration: Toleration, taint: Taint): boolean {
  switch (toleration.operator ?? 'Equal') {
    case 'Exists':
      return true;
    case 'Equal':
      return (toleration.value ?? '') === (taint.value ?? '');
    case 'Lt':
    case 'Gt': {
      const bound = wholeFrom(toleration.value);
      const value = wholeFrom(taint.value);
      if (bound === undefined || value === undefined) return false;
      return toleration.operator === 'Lt' ? value < bound : value > bound;
    }
  }
}

/** An empty effect covers every effect; an empty key with `Exists` covers every key. */
export function toleratesTaint(toleration: Toleration, taint: Taint): boolean {
  const { effect, key } = toleration;
  if (effect !== undefined && (effect as string) !== '' && effect !== taint.effect) return false;
  if (key !== undefined && key !== '' && key !== taint.key) return false;
  if ((key === undefined || key === '') && toleration.operator !== 'Exists') return false;
  return valueMatches(toleration, taint);
}

/** Whether any of the tolerations covers the taint. */
export const toleratesAny = (tolerations: readonly Toleration[], taint: Taint): boolean =>
  tolerations.some((toleration) => toleratesTaint(toleration, taint));
