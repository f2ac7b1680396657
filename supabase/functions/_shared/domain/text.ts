/**
 * White space collapsed to single spaces and cut off at both ends; no invisible characters.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(tidy("  31k\n miles\u200b "), "31k miles");
 * ```
 */
export function tidy(text: string): string {
  return text.replace(/[\u200b-\u200f\u2060\ufeff\u00ad]/g, "").replace(/\s+/g, " ").trim();
}

/** At most `length` characters, with an ellipsis where something was cut. */
export function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

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
