import { html } from "htm/preact";
import type { VNode } from "preact";
import { now } from "./clock.ts";
import { span } from "./words.ts";

const hour = new Intl.DateTimeFormat("en", {
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const day = new Intl.DateTimeFormat("en", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const full = new Intl.DateTimeFormat("en", { dateStyle: "full", timeStyle: "long" });
const dateOnly = new Intl.DateTimeFormat("en", { day: "numeric", month: "short", year: "numeric" });

const utcDay = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeZone: "UTC" });

/** A step of sampled values by its beginning; days are those of UTC. */
export function stepName(ms: number, step: "minute" | "hour" | "day"): string {
  return step === "day" ? utcDay.format(ms) : absolute(ms);
}

/** A time of this day by its hour, any other with its day. */
export function absolute(ms: number): string {
  const far = Math.abs(now() - ms);
  if (far > 200 * 86_400_000) return dateOnly.format(ms);
  return far < 12 * 3_600_000 ? hour.format(ms) : day.format(ms);
}

/** How far away a time is: 3 min ago, in 2 h. */
export function relative(ms: number): string {
  const seconds = (ms - now()) / 1000;
  if (Math.abs(seconds) < 5) return "just now";
  return seconds < 0 ? `${span(seconds)} ago` : `in ${span(seconds)}`;
}

/** A time, relative and absolute; a dash where there is none. */
export function when(iso: string | null | undefined): VNode | string {
  const ms = iso === null || iso === undefined ? NaN : Date.parse(iso);
  if (Number.isNaN(ms)) return "–";
  return html`<time class="when" dateTime=${iso} title=${full.format(ms)}>${relative(ms)}
    <span class="when-at"> ${absolute(ms)}</span></time>`;
}
