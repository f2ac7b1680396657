import { MAKE_NAMES } from "../../vehicle/make_names.ts";
import { makerlessModelAt, type ModelReading } from "../../vehicle/models.ts";
import { rareMakeAtStart } from "../../vehicle/rare_makes.ts";
import { keyOf, nearlySame, type Token } from "../../vehicle/tokens.ts";
import { writtenVariantAt } from "../../vehicle/trims.ts";
import { isSaleWord } from "./sale_words.ts";

/** A maker that no list holds, by the words that stand in its place, with those of the model behind it. */
export interface OwnName {
  make: string;
  model: string;
}

const MOST_MAKE_WORDS = 2;
const MOST_MODEL_WORDS = 3;
/** So short a word is a name in capitals only: "GEM", not "big" of "Big Tex". */
const SHORT = 3;
const NAME = /^\p{L}[\p{L}'’&-]+$/u;

/**
 * What a line names whose maker no list holds: "Bolwell Nagari" → maker and model; "Acme Cougar", too, though
 * another maker built a Cougar. `model` is the known model that was found behind `from`, if any. `null` where
 * words of a sale, of a body or of a trim stand there, or a known maker's name with a slip of the pen.
 */
export function ownNameIn(
  tokens: readonly Token[],
  from: number,
  model: (ModelReading & { at: number }) | null,
): OwnName | null {
  const end = model === null ? from + 1 : model.at;
  const words = tokens.slice(from, end);
  if (words.length === 0 || words.length > MOST_MAKE_WORDS) return null;
  if (
    !words.every(({ text, key }, at) =>
      NAME.test(text) && (text.length > SHORT || text === text.toUpperCase()) && !isSaleWord(key) &&
      writtenVariantAt(tokens, from + at) === null
    )
  ) return null;
  if (model !== null && isSlipOf(words[0]?.key ?? "", model.make)) return null;
  const behind = tokens.slice(end, end + MOST_MODEL_WORDS).map(({ text }) => text);
  const noise = behind.findIndex((word) =>
    isSaleWord(keyOf(word)) || /^(?:19|20)\d{2}$/.test(word)
  );
  const named = noise < 0 ? behind : behind.slice(0, noise);
  // A model's name is a maker's only before another name ("Monaco Dynasty"), not before a code ("Wildcat 31TS").
  const isModel = model === null && makerlessModelAt(tokens, from, true) !== null;
  if (named.length === 0 || (isModel && !NAME.test(named[0] ?? ""))) return null;
  const make = words.map(({ text }) => capital(text)).join(" ");
  return { make, model: named.map(capital).join(" ") };
}

/** "Hond", "Toyta": the maker of the model that follows, with a letter lost. */
function isSlipOf(word: string, make: string): boolean {
  return [make, ...MAKE_NAMES[make] ?? []].map(keyOf).some((name) =>
    nearlySame(word, name) || name.startsWith(word.slice(0, Math.max(3, word.length - 2)))
  );
}

/** The rare maker that a word starts, and how many words its name takes; none for one that the model leaves out. */
export function rareMakeAt(
  tokens: readonly Token[],
  at: number,
  year: number | null,
): { make: string; count: number } | null {
  const words = tokens.slice(at, at + 4).map(({ text }) => text);
  const found = words.length === 0 ? null : rareMakeAtStart(words.join(" "), year);
  if (found === null) return null;
  const left = found.rest === "" ? 0 : found.rest.split(" ").length;
  return { make: found.make, count: words.length - left };
}

/** What stands behind a model's name and makes it another thing's: a camper's, a boat's, a cart's. */
const OTHER_THING =
  /^(?:\S+ )?(?:(?:5th|fifth)[ -]?wheels?(?! (?:hitch|ready|prep|package|plates?|tow\w*))|travel trailers?|toy haulers?|trailers?$|trailers? (?:with|w|sleeps)|pop ?up|campers?$|boats?|bass boats?|pontoons?|jet ?skis?|snowmobiles?|sleds?|golf carts?|carts?|buggy|clubs?|motorhomes?|motorcoach|helicopters?|airplanes?|tractors?|mowers?|jeans|guitars?|pianos?)\b/i;
/** Between a vehicle and what comes with it. */
const JOINS = /^(?:with|w|and|for|to|plus|towing|tows|pulls|or|has|n)$/i;

/** Whether a model's name, with no maker's beside it, is that of something else: "Montana 5th wheel", "golf cart". */
export function namesOtherThing(tokens: readonly Token[], end: number): boolean {
  const behind = tokens.slice(end, end + 4).map(({ text }) => text);
  const joint = behind.findIndex((word) => JOINS.test(word));
  return OTHER_THING.test((joint < 0 ? behind : behind.slice(0, joint)).join(" "));
}

/** As a name is written: "bolwell" → "Bolwell", "gt" → "GT". */
export function capital(word: string): string {
  return word.length <= 3
    ? word.toUpperCase()
    : word.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());
}
