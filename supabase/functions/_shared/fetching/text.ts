/**
 * Text from outside as the database can hold it: no NUL, no half of a surrogate pair, at most `max`
 * characters.
 */
export function clean(text: string, max: number): string {
  return text.slice(0, max).replaceAll("\0", "").toWellFormed();
}

/** The same, with null for what is empty. */
export function cleanOrNull(text: string | null | undefined, max: number): string | null {
  const cleaned = clean(text ?? "", max).trim();
  return cleaned === "" ? null : cleaned;
}
