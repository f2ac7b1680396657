/** How Postgres' values travel through the REST API: as PostgREST writes them into JSON. */

/** `2026-11-22 04:41:00.5+00` → `2026-11-22T04:41:00.5+00:00`; special values stay as they are. */
export function isoTime(text: string): string {
  const match = /^(\d{4,}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)(?:([+-]\d\d)(?::?(\d\d))?)?$/.exec(
    text,
  );
  if (match === null) return text;
  const [, date, time, hours, minutes] = match;
  return `${date}T${time}${hours === undefined ? "" : `${hours}:${minutes ?? "00"}`}`;
}

/** JSON has no NaN and no Infinity: they stay text. */
export function jsonNumber(text: string): number | string {
  const value = Number(text);
  return Number.isFinite(value) ? value : text;
}

/** Whole numbers that a double cannot hold stay exact. */
function wholeNumber(text: string): number | bigint {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text);
}

type Reader = (text: string) => unknown;

/** By the type's oid; every other type is its text. */
export const readers: Record<number, Reader> = {
  16: (text) => text === "t",
  20: wholeNumber,
  21: Number,
  23: Number,
  26: Number,
  114: JSON.parse,
  700: jsonNumber,
  701: jsonNumber,
  1114: isoTime,
  1184: isoTime,
  1700: jsonNumber,
  3802: JSON.parse,
};

/** Types whose values are JSON. */
export const jsonTypes = new Set([114, 3802]);
