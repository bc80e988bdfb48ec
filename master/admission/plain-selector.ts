/** Selectors that are nothing but labels: `a=1,b=2`. */
import { validateLabels } from '../../api/validation/labels.js';

/** The labels, or undefined where the text is something else. */
export function labelsFrom(text: string): Readonly<Record<string, string>> | undefined {
  if (text === '') return {};
  const labels: Record<string, string> = {};
  for (const part of text.split(',')) {
    const [key = '', value, ...rest] = part.split('=').map((piece) => piece.trim());
    if (value === undefined || rest.length > 0) return undefined;
    labels[key] = value;
  }
  return validateLabels(labels, '').length === 0 ? labels : undefined;
}
