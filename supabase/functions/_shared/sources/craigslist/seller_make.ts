import { MAKE_NAMES } from "../../vehicle/make_names.ts";
import { AMBIGUOUS } from "../../vehicle/makes.ts";
import { makerlessModelAt, modelAt } from "../../vehicle/models.ts";
import { isOrdinaryWord } from "../../vehicle/ordinary_words.ts";
import { keyOf, nearlySame, type Token } from "../../vehicle/tokens.ts";
import { variantAt } from "../../vehicle/trims.ts";
import { rareMakeAt } from "./seller_make_place.ts";

/** Makers' names that are words of any sale: a maker only behind the year or before its own model. */
const PLAIN_WORDS = new Set([
  ...AMBIGUOUS,
  ...["genesis", "lincoln", "mercury", "saturn", "scion", "rambler", "polaris", "shelby", "willys"],
  ...["triumph", "hudson", "sunbeam", "lucid", "auburn", "cushman", "holden", "norton", "vespa"],
]);
const MAKE_BY_KEY = new Map(
  Object.entries(MAKE_NAMES).flatMap(([make, aliases]) =>
    [make, ...aliases].map((name) => [keyOf(name), make] as const)
  ),
);
const MOST_MAKE_WORDS = 3;

/** The maker's name that starts at a word; the longest wins. */
export function makeAt(
  tokens: readonly Token[],
  at: number,
): { make: string; count: number } | null {
  let key = "";
  let found: { make: string; count: number } | null = null;
  for (let count = 1; count <= MOST_MAKE_WORDS && at + count <= tokens.length; count++) {
    key += tokens[at + count - 1]?.key ?? "";
    const make = MAKE_BY_KEY.get(key);
    if (make !== undefined) found = { make, count };
  }
  return found;
}

/** A maker's name among words. */
export interface Make {
  make: string;
  at: number;
  end: number;
  from: "named" | "slip";
  count: number;
}

/** A maker of few vehicles where a maker stands: behind the year, or first. */
function rareMakeIn(
  tokens: readonly Token[],
  places: readonly number[],
  year: number | null,
): Make | null {
  for (const at of places) {
    const rare = rareMakeAt(tokens, at, year);
    const known = makeAt(tokens, at);
    if (rare === null || (known !== null && known.count >= rare.count)) continue;
    return { make: rare.make, at, end: at + rare.count, from: "named", count: 1 };
  }
  return null;
}

/** Where a text stands, and its model year; `hasYear`: it states that year itself. */
interface Around {
  place: "title" | "form";
  year: number | null;
  hasYear: boolean;
}

/**
 * The maker that words name: one of few vehicles only where a maker stands (`from`: behind the year), one whose
 * name is a common word only there or before its own model, another anywhere, at last with a slip of the pen.
 */
export function makeIn(tokens: readonly Token[], from: number, around: Around): Make | null {
  const placed = around.hasYear || around.place === "form" ? [from, 0] : [];
  return rareMakeIn(tokens, placed, around.year) ?? knownMakeIn(tokens, from, around.place) ??
    slipIn(tokens, from, placed.length > 0);
}

function knownMakeIn(
  tokens: readonly Token[],
  from: number,
  place: "title" | "form",
): Make | null {
  const found: Make[] = [];
  const formed = place === "form" && tokens.length > 1 && variantAt(tokens, 1)?.kind !== "cab";
  for (let at = 0; at < tokens.length; at++) {
    const one = makeAt(tokens, at);
    if (one === null) continue;
    const plain = PLAIN_WORDS.has(tokens[at]?.key ?? "");
    // "Range Rover" and "Mercury Cougar": the word is a maker only with what belongs to it.
    const placed = (from > 0 && (at === from || at === 0)) || (at === 0 && formed) ||
      modelAt(tokens, at + one.count, one.make) !== null;
    if (plain && !placed) continue;
    if (at > 0 && modelAt(tokens, at - 1, "Land Rover") !== null && one.make === "Rover") continue;
    found.push({ make: one.make, at, end: at + one.count, from: "named", count: 1 });
    at += one.count - 1;
  }
  const first = found.find(({ at }) => at >= from) ?? found.at(-1);
  return first === undefined
    ? null
    : { ...first, count: new Set(found.map(({ make }) => make)).size };
}

/**
 * A maker's name with a slip of the pen: before a model of that maker, or, one letter wrong, where a maker stands.
 * "Polaroid" alone is no Polaris.
 */
function slipIn(tokens: readonly Token[], from: number, placed: boolean): Make | null {
  for (let at = from; at < Math.min(tokens.length, from + 4); at++) {
    const key = tokens[at]?.key ?? "";
    if (isOrdinaryWord(key)) continue;
    const make = nearMake(key);
    if (make === null || makerlessModelAt(tokens, at, false) !== null) continue;
    const near = placed && at === from && nearlySame(key, keyOf(make), NEVER_TWO);
    if (near || modelAt(tokens, at + 1, make) !== null) {
      return { make, at, end: at + 1, from: "slip", count: 1 };
    }
  }
  return null;
}

/** Makers whose names words nearly are, or null: sellers use the same words again and again. */
const NEAR_MAKES = new Map<string, string | null>();
const MOST_NEAR_MAKES = 5_000;

function nearMake(key: string): string | null {
  const held = NEAR_MAKES.get(key);
  if (held !== undefined) return held;
  const near = MAKE_KEYS.find(([name]) => !isNameOf(key, name) && nearlySame(key, name));
  const make = near?.[1] ?? null;
  if (NEAR_MAKES.size >= MOST_NEAR_MAKES) NEAR_MAKES.clear();
  NEAR_MAKES.set(key, make);
  return make;
}

/** The name itself, or several of them ("rovers"): no slip. */
const isNameOf = (key: string, name: string) => key === name || key === `${name}s`;
/** No name is so long that two edits are allowed in it. */
const NEVER_TWO = 99;
const MAKE_KEYS: readonly (readonly [string, string])[] = Object.keys(MAKE_NAMES)
  .map((make) => [keyOf(make), make] as const).filter(([key]) => key.length >= 5);
