import type { ReadingWay } from "../../domain/fact.ts";
import {
  type OfferState,
  offerStateInText,
  offerStateInTitle,
} from "../../extraction/sale_words.ts";
import type { Post } from "./post.ts";

/** How the offer of a post stands, and the seller's words that say it. */
interface PostOffer {
  state: OfferState | "offered";
  way: ReadingWay;
  evidence: string;
}

/** "is sold", "has been sold", "now sold" within a title, of the vehicle itself. */
const WITHIN =
  /\b(?:is|been|now|already) sold\b(?! (?:as|by|with|new|out|separately|in|at|from|for)\b)/i;

/** How a post stands by its title, else by a sentence of its text (`own`: without words for searches). */
export function postOfferOf({ title }: Post, own: string): PostOffer {
  const titled = offerStateInTitle(title) ?? (WITHIN.test(title) ? "sold" : null);
  if (titled !== null) return { state: titled, way: "labelled", evidence: `title "${title}"` };
  const said = offerStateInText(own);
  if (said !== null) return { state: said.state, way: "prose", evidence: `text "${said.words}"` };
  return { state: "offered", way: "labelled", evidence: "a post that is open, for sale" };
}
