import type { Extraction } from "../domain/extraction.ts";
import { hostOf, isHostOf } from "../domain/host.ts";
import type { Page } from "../domain/page.ts";
import { NO_MAPS, type ServingMap, type ServingMaps } from "../domain/serving_maps.ts";
import { damageOf, withoutDoubtful } from "../extraction/damage.ts";
import { unusableResponse } from "../extraction/page_kind.ts";
import { noListing, type PageReading } from "../extraction/page_reading.ts";
import type { Feed, SourceAdapter } from "./adapter.ts";
import { bringatrailer } from "./bringatrailer/adapter.ts";
import { carsandbids } from "./carsandbids/adapter.ts";
import { carscom } from "./carscom/adapter.ts";
import { craigslist } from "./craigslist/adapter.ts";
import { general } from "./general/adapter.ts";
import { ksl } from "./ksl/adapter.ts";
import { withMaps } from "./maps/with_maps.ts";
import { pcarmarket } from "./pcarmarket/adapter.ts";

/** Every site that is read, most particular first: the one list. A new site is a folder and a line here. */
export const adapters: readonly SourceAdapter[] = [
  bringatrailer,
  craigslist,
  carsandbids,
  carscom,
  ksl,
  pcarmarket,
  general,
];

/** Where new listings are discovered, each with the slug of its source. */
export const feeds: readonly (Feed & { source: string })[] = adapters.flatMap((adapter) =>
  (adapter.feeds ?? []).map((feed) => ({ source: adapter.slug, ...feed }))
);

/** The adapter for a listing's URL; the general one for any host that has none of its own. */
export function adapterFor(url: string): SourceAdapter {
  const host = hostOf(url);
  return adapters.find(({ hosts }) => isHostOf(host, hosts)) ?? general;
}

/** The address that a page names as its listing's own; null where it names none, or none can be trusted. */
export function listingUrlOf(page: Page): string | null {
  return adapterFor(page.url).listingUrlOf?.(page) ?? null;
}

/** Slug of the source that a URL belongs to: the adapter's, or for the general one the host. */
export function sourceOf(url: string): string {
  const adapter = adapterFor(url);
  return adapter === general ? hostOf(url) || general.slug : adapter.slug;
}

/** Characters of a page that are read; what a hostile site sends beyond them is not looked at. */
const LONGEST_PAGE = 8_000_000;

/** A page, cut where it is longer than is read. */
export function readablePart(page: Page): Page {
  return page.body.length <= LONGEST_PAGE
    ? page
    : { ...page, body: page.body.slice(0, LONGEST_PAGE) };
}

/**
 * Reads a page: whether it is a page of a vehicle at all (status, bot wall, shell, removed), then
 * what its site's adapter finds, then what the site's extraction maps find besides. A pure function
 * of the page and the maps; never throws.
 */
export function extract(page: Page, maps: ServingMaps = NO_MAPS): Extraction {
  const adapter = adapterFor(page.url);
  const source = sourceOf(page.url);
  return {
    ...readPage(adapter, readablePart(page), maps.get(source) ?? []),
    source,
    scraper: { name: adapter.scraper, version: adapter.version },
  };
}

function readPage(
  adapter: SourceAdapter,
  page: Page,
  maps: readonly ServingMap[],
): PageReading {
  try {
    const unusable = unusableResponse(page);
    if (unusable !== null) return noListing(unusable);
    const { why, suspect } = damageOf(page.body);
    if (why !== null) return noListing({ kind: "broken", reason: why });
    const reading = withMaps(adapter.extract(page), page, maps);
    return suspect ? withoutDoubtful(reading, page.body) : reading;
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    return noListing({ kind: "broken", reason: `the adapter failed: ${what}` });
  }
}
