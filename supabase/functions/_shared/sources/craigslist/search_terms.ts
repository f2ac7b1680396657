import { MAKE_NAMES } from "../../vehicle/make_names.ts";

/** A line that names so many makers is bait for searches, or lists what the vehicle competes with. */
const MANY_MAKES = 4;
const SHORTEST = 25;
const DECORATED = /(?:[*_#~][^*_#~\n]{0,40}){8}/;
const COMPARED =
  /\b(?:compare[ds]?(?: it)? (?:to|with)|similar to|key ?words?|tags?:|search terms?)\b.*$/i;

/** Makers' names of one word, as they are written in small letters. */
const MAKES = new Set(
  Object.entries(MAKE_NAMES).flatMap(([make, aliases]) => [make, ...aliases])
    .filter((name) => /^[A-Za-z]{3,}$/.test(name)).map((name) => name.toLowerCase()),
);

/** A seller's text without the lines and tails that are there for searches only. */
export function withoutSearchWords(text: string): string {
  return text.split("\n").map(ownPart).filter((line) => line.trim() !== "").join("\n");
}

function ownPart(line: string): string {
  const own = line.replace(COMPARED, "");
  if (DECORATED.test(own)) {
    const start = own.search(/[*_#~]/);
    const words = own.slice(0, start);
    return words.trim().length > 40 ? words : "";
  }
  if (own.length < SHORTEST) return own;
  const makes = new Set<string>();
  for (const match of own.matchAll(/[A-Za-z]{3,}/g)) {
    const word = match[0].toLowerCase();
    if (MAKES.has(word)) makes.add(word);
    if (makes.size >= MANY_MAKES) return "";
  }
  return own;
}
