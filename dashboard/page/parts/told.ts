/// <reference lib="dom" />
import { absolute } from "./when.ts";

const TIMES =
  /\b\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z| \d{2}:\d{2}(?::\d{2})? UTC)/g;

/** A sentence of the database with its times (UTC) in the time zone of who reads it. */
export function told(text: string | null | undefined): string {
  return (text ?? "").replace(TIMES, (time) => {
    const ms = Date.parse(time.replace(" UTC", "Z").replace(" ", "T"));
    return Number.isNaN(ms) ? time : absolute(ms);
  });
}
