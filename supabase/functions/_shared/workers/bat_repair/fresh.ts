/**
 * How old the snapshot of a listing may be, milliseconds, so that its site is not asked again: the
 * two steps of an extraction, and those who were asked for the same vehicle, share one fetch.
 */
export const FRESH_MS = 5 * 60_000;
