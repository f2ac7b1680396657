import { hostOf } from "../../domain/host.ts";
import type { Page } from "../../domain/page.ts";
import { nextPage } from "./address.ts";
import { patternMatcher } from "./address_pattern.ts";
import { addCards } from "./cards.ts";
import { linksIn } from "./links.ts";
import { anySite } from "./linked_data.ts";
import { IndexList, type IndexSite } from "./list.ts";
import type { IndexReading } from "./reading.ts";

/** A site of which nothing is known but how the addresses of its listings are made. */
export function siteByPattern(url: string, patterns: readonly string[]): IndexSite {
  const isListing = patternMatcher(hostOf(url), patterns);
  const site = anySite(url);
  return { ...site, listingUrl: (one) => isListing(one.href) ? site.listingUrl(one) : null };
}

/**
 * Reads a page whose links lead to addresses that are made as those of its site's listings: the cards
 * that name a vehicle first, then the other links. `null` where there are none.
 */
export function readByPattern(page: Page, patterns: readonly string[]): IndexReading | null {
  if (patterns.length === 0) return null;
  const isListing = patternMatcher(hostOf(page.url), patterns);
  const list = new IndexList(siteByPattern(page.url, patterns), page.url);
  addCards(list, page.body, null);
  for (const { url, text } of linksIn(page)) {
    if (isListing(url)) list.add({ href: url, title: text }, () => null);
  }
  return list.entries.length === 0
    ? null
    : list.reading("links to listings", nextPage(page.body, page.url));
}
