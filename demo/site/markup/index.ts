import type { Listing } from "../listing.ts";
import { auctionPage } from "./bringatrailer/page.ts";
import { classifiedPage } from "./classified.ts";
import { dealerPage } from "./dealer.ts";
import { kslPage } from "./ksl.ts";
import { labelledPage } from "./labelled.ts";
import { posterPage } from "./poster.ts";

/** The page of a listing as its host writes it; `heavy` gives auction pages a real page's weight. */
export function renderListing(listing: Listing, heavy: boolean): string {
  switch (listing.markup) {
    case "bringatrailer":
      return auctionPage(listing, heavy);
    case "json_ld":
      return dealerPage(listing);
    case "microdata":
      return classifiedPage(listing);
    case "ksl":
      return kslPage(listing);
    case "poster":
      return posterPage(listing);
    case "labelled":
      return labelledPage(listing);
  }
}
