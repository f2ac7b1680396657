import { MAKE_NAMES } from "./make_names.ts";

/** Words that are also makers but start a model or a sentence more often: known, never searched for. */
export const AMBIGUOUS: ReadonlySet<string> = new Set([
  "ac",
  "alpine",
  "austin",
  "eagle",
  "standard",
  "singer",
  "victory",
  "noble",
  "indian",
  "mini",
  "smart",
  "ram",
  "sterling",
  "vector",
  "iso",
  "geo",
  "seat",
  "ariel",
  "cord",
  "radical",
  "rover",
  "international",
  "checker",
  "franklin",
  "graham",
  "riley",
  "essex",
  "marcos",
  "reliant",
  "olds",
  "alfa",
  "harley",
  "moke",
  "benz",
  "chev",
  "talbot",
  "morris",
  "matra",
  "nash",
  "karma",
  "ultima",
  "mack",
  "meyers",
  "thomas",
  "fleetwood",
]);

const BY_WORDS = new Map<string, string>();
for (const [make, aliases] of Object.entries(MAKE_NAMES)) {
  for (const name of [make, ...aliases]) BY_WORDS.set(key(name), make);
}
const MOST_WORDS = 3;

function key(name: string): string {
  return name.toLowerCase().replace(/[-\s]+/g, " ").replace(/[.,:;!]+$/, "");
}

/**
 * This database's name of a maker ("vw" → "Volkswagen"); `null` when it is not a known one.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(knownMake("vw"), "Volkswagen");
 * assert.equal(knownMake("Acme"), null);
 * ```
 */
export function knownMake(name: string): string | null {
  return BY_WORDS.get(key(name.trim())) ?? null;
}

/** The maker that a text starts with and what follows it; the longest name wins. */
export function makeAtStart(text: string): { make: string; rest: string } | null {
  const words = text.trim().split(/\s+/);
  for (let count = Math.min(MOST_WORDS, words.length); count > 0; count--) {
    const make = knownMake(words.slice(0, count).join(" "));
    if (make !== null) return { make, rest: words.slice(count).join(" ") };
  }
  return null;
}

/**
 * The first maker named anywhere in a text, as whole words; not one that only qualifies
 * something ("Nissan 1.4L–Powered", "Corvette-Style"), and not a word with another use.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(makeWithin("Modified Mercedes Benz 300SL")?.make, "Mercedes-Benz");
 * assert.equal(makeWithin("Corvette-style go-kart"), null);
 * ```
 */
export function makeWithin(text: string): { make: string; rest: string } | null {
  const words = text.trim().split(/\s+/);
  for (let at = 0; at < words.length; at++) {
    const found = makeAtStart(words.slice(at).join(" "));
    if (found === null) continue;
    if (AMBIGUOUS.has((words[at] ?? "").toLowerCase()) && at > 0) continue;
    if (/^\S+(\s\S+)?[-–—](powered|style|built|sourced|inspired)\b/i.test(found.rest)) continue;
    return found;
  }
  return null;
}
