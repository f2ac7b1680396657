/** Auctions of the demo's catalogue, for tests of their pages. */
import { strict as assert } from "node:assert";
import { createCatalogue } from "../catalogue.ts";
import { DEFAULT_COUNTS } from "../hosts.ts";
import type { Listing } from "../listing.ts";

const now = Date.UTC(2026, 10, 22);
const catalogue = createCatalogue({ seed: "demo", counts: DEFAULT_COUNTS, now });
export const auctions = [...catalogue.all()].filter((it) => it.auction);

/** The first auction that ended so. */
export function auctionThat(end: string): Listing {
  const listing = auctions.find((it) => it.auction?.end === end);
  assert.ok(listing, `no auction ended ${end}`);
  return listing;
}

/** The comment list of an auction page, cut out by its script's own frame. */
export function entriesOf(
  page: string,
): { id: number; type: string; bidAmount: number; content: string }[] {
  const from = page.indexOf("var BAT_VMS = ") + "var BAT_VMS = ".length;
  return JSON.parse(page.slice(from, page.indexOf(";\n/* ]]> */", from))).comments;
}
