/** Putting two lists of tolerations together, shared by the plugins that add some. */
import type { Toleration } from '../../../api/core/v1/types.js';

const same = (left: Toleration, right: Toleration): boolean =>
  (left.key ?? '') === (right.key ?? '') &&
  (left.operator ?? '') === (right.operator ?? '') &&
  (left.value ?? '') === (right.value ?? '') &&
  (left.effect ?? '') === (right.effect ?? '') &&
  left.tolerationSeconds === right.tolerationSeconds;

/** Whether everything that `narrow` tolerates, `wide` tolerates too. */
export function coversToleration(wide: Toleration, narrow: Toleration): boolean {
  if (same(wide, narrow)) return true;
  const [wideKey, wideEffect] = [wide.key ?? '', wide.effect ?? ''];
  const anyKey = wideKey === '' && wide.operator === 'Exists';
  if ((narrow.key ?? '') !== wideKey && !anyKey) return false;
  if (wideEffect !== '' && (narrow.effect ?? '') !== wideEffect) return false;
  if (wideEffect === 'NoExecute' && wide.tolerationSeconds !== undefined) {
    const seconds = narrow.tolerationSeconds;
    if (seconds === undefined || seconds > wide.tolerationSeconds) return false;
  }
  if (wide.operator === 'Exists') return true;
  const isEqual = (wide.operator ?? 'Equal') === 'Equal';
  return isEqual && narrow.operator === 'Equal' && (narrow.value ?? '') === (wide.value ?? '');
}

/** Both lists without what another entry covers; of equal entries the first stays. */
export function mergeTolerations(
  first: readonly Toleration[],
  second: readonly Toleration[],
): Toleration[] {
  const all = [...first, ...second];
  const merged: Toleration[] = [];
  for (const [position, toleration] of all.entries()) {
    if (merged.some((kept) => coversToleration(kept, toleration))) continue;
    const later = all.slice(position + 1);
    if (later.some((other) => !same(other, toleration) && coversToleration(other, toleration))) {
      continue;
    }
    merged.push(toleration);
  }
  return merged;
}
