import type { Extraction } from "../domain/extraction.ts";
import { hostOf } from "../domain/host.ts";
import type { Page } from "../domain/page.ts";
import type { SourceAdapter } from "../extraction/adapter.ts";
import { damageOf, withoutDoubtful } from "../extraction/damage.ts";
import { nothing, refuse } from "../extraction/no_listing.ts";
import { refusedPage } from "../extraction/page_kind.ts";
import { bringatrailer } from "./bringatrailer/adapter.ts";
import { carsandbids } from "./carsandbids/adapter.ts";
import { carscom } from "./carscom/adapter.ts";
import { craigslist } from "./craigslist/adapter.ts";
import { hostSlug } from "../domain/host.ts";
import { general } from "./general/adapter.ts";
import { ksl } from "./ksl/adapter.ts";
import { pcarmarket } from "./pcarmarket/adapter.ts";

/** Every site that is read, most particular first. A new site is one file and one line here. */
export const adapters: readonly SourceAdapter[] = [
  bringatrailer,
  craigslist,
  carsandbids,
  carscom,
  ksl,
  pcarmarket,
  general,
];

/** The adapter for a listing's URL; the general one for any host that has none of its own. */
export function adapterFor(url: string): SourceAdapter {
  const host = hostOf(url);
  return adapters.find((one) =>
    one.hosts.some((own) => host === own || host.endsWith(`.${own}`))
  ) ??
    general;
}

/** The address that a page names as its listing's own; null where it names none, or none can be trusted. */
export function listingUrlOf(page: Page): string | null {
  return adapterFor(page.url).listingUrl?.(page) ?? null;
}

/** Slug of the source that a URL belongs to: the adapter's, or for the general one the host. */
export function sourceOf(url: string): string {
  const adapter = adapterFor(url);
  return adapter === general ? hostSlug(url) : adapter.slug;
}

/** Characters of a page that are read; what a hostile site sends beyond them is not looked at. */
const LONGEST_PAGE = 8_000_000;

/**
 * Reads a page: whether it is a page of a vehicle at all (status, bot wall, shell, removed), then
 * what its site's adapter finds. A pure function of the page; never throws.
 */
export function extract(page: Page): Extraction {
  const adapter = adapterFor(page.url);
  const scraper = { name: adapter.scraper, version: adapter.version };
  try {
    const whole = page.body.length <= LONGEST_PAGE;
    const read = whole ? page : { ...page, body: page.body.slice(0, LONGEST_PAGE) };
    const refused = refusedPage(read);
    if (refused !== null) {
      return refuse(refused, sourceOf(page.url), scraper);
    }
    const { why, suspect } = damageOf(read.body);
    if (why !== null) return refuse({ kind: "broken", reason: why }, sourceOf(page.url), scraper);
    const extraction = adapter.extract(read);
    return suspect ? withoutDoubtful(extraction, read.body) : extraction;
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    return nothing("unreadable", `the adapter failed: ${what}`, sourceOf(page.url), scraper);
  }
}
