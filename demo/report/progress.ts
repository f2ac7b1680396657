import { settled, type Status, unsettled } from "../driver/status.ts";
import type { Watcher } from "../driver/fill.ts";
import { bar, span } from "./table.ts";
import type { Voice } from "./voice.ts";

/** A terminal may be no wider, and a line that wraps is not written over. */
const COLUMNS = 80;
const LONGEST_BAR = 8;
const SHORTEST_BAR = 4;

/** What counts as done: a vehicle at rest, or, when each is looked at once, also one that waits. */
type Done = "at rest" | "looked at";

/** "▕████████    ▏ 198 of 363 at rest · complete 180 · waiting 13 · images 240 · 6.2 s"; the others are due. */
export function progressLine(status: Status, seconds: number, done: Done = "at rest"): string {
  const all = settled(status) + unsettled(status);
  const rest = settled(status) + (done === "looked at" ? status.waiting : 0);
  const text = [
    `${rest} of ${all} ${done}`,
    `complete ${status.complete}`,
    ...(status.waiting > 0 ? [`waiting ${status.waiting}`] : []),
    `images ${status.imagesStored}`,
    `${seconds.toFixed(1)} s`,
  ].join(" · ");
  const width = Math.min(LONGEST_BAR, COLUMNS - 1 - text.length - "  ▕▏ ".length);
  if (width < SHORTEST_BAR) return `  ${text}`;
  return `  ▕${bar(all === 0 ? 0 : rest / all, width).padEnd(width)}▏ ${text}`;
}

/** Tells of each state of the work, and of each move of time. */
export function reporter(voice: Voice, begun: number, done: Done = "at rest"): Watcher {
  return {
    status: (status) => voice.progress(progressLine(status, (Date.now() - begun) / 1000, done)),
    moved: ({ seconds, vehicles, images }) => {
      const what = [
        ...(vehicles > 0 ? [`${vehicles} vehicle${vehicles === 1 ? "" : "s"}`] : []),
        ...(images > 0 ? [`${images} image${images === 1 ? "" : "s"}`] : []),
      ].join(" and ");
      voice.say(`  Only ${what} left, waiting: time is moved on by ${span(seconds)}.`);
    },
  };
}
