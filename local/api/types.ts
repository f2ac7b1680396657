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

const asGiven = (value: unknown) => value;
/** A text is JSON already: Lite writes objects out before it hands them over. */
const asJson = (value: unknown) => typeof value === "string" ? value : JSON.stringify(value);

function type<T>(oid: number, serialize: (value: unknown) => unknown, parse: (text: string) => T) {
  return { to: oid, from: [oid], serialize, parse };
}

/** For postgres.js; the names replace Lite's own. */
export const valueTypes = {
  json: type(114, asJson, JSON.parse),
  jsonb: type(3802, asJson, JSON.parse),
  numeric: type(1700, String, jsonNumber),
  timestamp: type(1114, asGiven, isoTime),
  timestamptz: type(1184, asGiven, isoTime),
};
