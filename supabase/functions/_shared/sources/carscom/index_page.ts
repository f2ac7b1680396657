import { hostName, isHostOf } from "../../domain/host.ts";
import type { Page } from "../../domain/page.ts";
import { nextPage } from "../../extraction/index/address.ts";
import { addCards } from "../../extraction/index/cards.ts";
import { IndexList, type IndexSite } from "../../extraction/index/list.ts";
import { type IndexReading, noEntries, noIndex } from "../../extraction/index/reading.ts";
import { parseTitle } from "../../vehicle/title.ts";

const HOST = "cars.com";
const LISTING = /^\/vehicledetail\/([\da-f-]{8,40})\/?$/i;

/** The one spelling of a listing's address; `null` for any other. */
function listingUrl(url: URL): string | null {
  const id = LISTING.exec(url.pathname)?.[1];
  return id === undefined || !isHostOf(hostName(url), [HOST])
    ? null
    : `https://www.${HOST}/vehicledetail/${id.toLowerCase()}/`;
}

const site: IndexSite = {
  slug: "carscom",
  listingUrl,
  imageHosts: [HOST, "cstatic-images.com"],
  readTitle: parseTitle,
};

/**
 * Reads a search of Cars.com by its cards: `div.vehicle-card` with `a.vehicle-card-link` and
 * `h2.title` (public code of 2021 to 2025), or `fuse-card` with the same links (2025).
 */
export function readIndex(page: Page): IndexReading {
  if (LISTING.test(new URL(page.url).pathname)) {
    return noEntries("not_an_index", "the address of one listing");
  }
  const list = new IndexList(site, page.url);
  return addCards(list, page.body, "USD") > 0
    ? list.reading("cards of a search", nextPage(page.body, page.url))
    : noIndex(page);
}
