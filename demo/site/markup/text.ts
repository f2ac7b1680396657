const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#039;",
};

/** Text as it stands inside an HTML element or a quoted attribute. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);

/** A value as PHP writes it into a script: no `</`, no raw ampersand or angle bracket trouble. */
export const scriptJson = (value: unknown): string =>
  JSON.stringify(value).replaceAll("/", "\\/").replaceAll("\u2028", "\\u2028");

/** 42000 as "42,000". */
export const grouped = (amount: number): string => amount.toLocaleString("en-US");

const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
] as const;

/** Seconds since 1970 as "4/24/26" (UTC). */
export function shortDate(seconds: number): string {
  const date = new Date(seconds * 1000);
  return `${date.getUTCMonth() + 1}/${date.getUTCDate()}/${String(date.getUTCFullYear()).slice(2)}`;
}

/** Seconds since 1970 as "April 24, 2026" (UTC), without the year when `withYear` is false. */
export function longDate(seconds: number, withYear = true): string {
  const date = new Date(seconds * 1000);
  const day = `${MONTHS[date.getUTCMonth()]} ${date.getUTCDate()}`;
  return withYear ? `${day}, ${date.getUTCFullYear()}` : day;
}
