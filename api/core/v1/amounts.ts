/** How amounts of resources are written down, wherever Kubernetes has a list of them. */
import { canonicalMilliQuantity, isQuantity } from '../../quantity.js';

type Amounts = Record<string, string> | undefined;

/** Spells amounts canonically, rounded up to thousandths; what is no quantity is left for the decoder to refuse. */
export function normalizeAmounts(...lists: readonly Amounts[]): void {
  for (const amounts of lists) {
    if (amounts === undefined) continue;
    for (const name of Object.keys(amounts)) {
      const text = amounts[name] ?? '';
      if (isQuantity(text)) amounts[name] = canonicalMilliQuantity(text);
    }
  }
}
