/**
 * A text without what it ends with of one character; `least` characters stay whatever they are. A regular expression such as
 * `/x+$/` would take the square of their number where they stand in the middle.
 */
export function trimmedEnd(text: string, character: string, least = 0): string {
  let end = text.length;
  while (end > least && text[end - 1] === character) end -= 1;
  return text.slice(0, end);
}
