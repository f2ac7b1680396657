import {
  type OfferState,
  offerStateInText,
  offerStateInTitle,
  offerStateOf,
} from "../../extraction/sale_words.ts";
import { shownOffer } from "../../extraction/shown_offer.ts";
import { textOf } from "../../html/json_region.ts";
import { oneLine } from "../../html/text.ts";
import type { KslListing } from "./listing.ts";

/** How the offer of a listing stands, and the words that say it. `null`: a status that is not known. */
export interface KslOffer {
  state: OfferState | "offered" | null;
  evidence: string;
}

/** Keys that say one state each where they are true. */
const FLAGS: Readonly<Record<OfferState, readonly string[]>> = {
  sold: ["sold", "isSold", "markedSold"],
  pending: ["salePending", "isSalePending", "isPending"],
  over: ["expired", "isExpired", "inactive", "isInactive", "deleted", "isDeleted", "archived"],
};
const OFFERED =
  /^(?:active|live|available|published|approved|for sale|listed|new|featured|renewed)$/i;

/**
 * How a listing stands: by its own status ("Active", "Sale Pending", "Expired"), by what marks it, by what the
 * page shows beside its heading, and by the seller's own words in title and text. Without any of them it is
 * offered.
 */
export function offerOf(listing: KslListing, where: string, html: string): KslOffer {
  const status = words(textOf(listing.status));
  const stated = stateOf(status) ?? stateOf(words(textOf(listing.newUsed)));
  if (stated !== null) {
    const key = stateOf(status) === null ? "newUsed" : "status";
    return { state: stated, evidence: `${where} ${key} "${textOf(listing[key])}"` };
  }
  for (const state of ["sold", "pending", "over"] as const) {
    const flag = FLAGS[state].find((key) => listing[key] === true || listing[key] === 1);
    if (flag !== undefined) return { state, evidence: `${where} ${words(flag)} true` };
  }
  for (const key of ["active", "isActive"]) {
    if (listing[key] === false) return { state: "over", evidence: `${where} ${key} false` };
  }
  const shown = shownOffer(html);
  if (shown !== null) return { state: shown.state, evidence: `the page "${shown.words}"` };
  const title = textOf(listing.title) ?? "";
  const titled = offerStateInTitle(title);
  if (titled !== null) {
    return { state: titled, evidence: `${where} title "${title.slice(0, 200)}"` };
  }
  const said = offerStateInText(oneLine(textOf(listing.description) ?? ""));
  if (said !== null) return { state: said.state, evidence: `${where} description "${said.words}"` };
  return status !== "" && !OFFERED.test(status)
    ? { state: null, evidence: `${where} status "${status}"` }
    : {
      state: "offered",
      evidence: `${where} ${status === "" ? "offers it" : `status "${status}"`}`,
    };
}

function stateOf(status: string): OfferState | null {
  return status === "" ? null : offerStateOf(`Status: ${status}`);
}

/** "salePending", "SALE_PENDING" and "Sale-Pending" as words. */
function words(text: string | null): string {
  return (text ?? "").replace(/([a-z])([A-Z])/g, "$1 $2").replace(/[\s_-]+/g, " ").trim();
}
