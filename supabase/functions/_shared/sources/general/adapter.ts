import { hostOf } from "../../domain/host.ts";
import type { Page } from "../../domain/page.ts";
import { FactBook } from "../../extraction/fact_book.ts";
import { imageUrls } from "../../extraction/images.ts";
import { sellsByBids } from "../../extraction/page_about.ts";
import { type NoListing, whyNoListing } from "../../extraction/page_kind.ts";
import { listing, noListing, type PageReading } from "../../extraction/page_reading.ts";
import { labelledVehicle } from "../../extraction/labelled_listing.ts";
import { whyNoneOffered } from "../../extraction/none_offered.ts";
import { plausible } from "../../extraction/plausible.ts";
import { addTextVin, identityOf, readMarkup } from "../../extraction/schema_org/markup.ts";
import type { PageIdentity } from "../../extraction/schema_org/own_vehicle.ts";
import { headingsOf, names, namesAnother } from "../../extraction/schema_org/page_names.ts";
import { addShared, sharedVehicle } from "../../extraction/schema_org/shared_vehicle.ts";
import { decodeEntities } from "../../html/entities.ts";
import { pageTitle } from "../../html/visible_text.ts";
import type { SourceAdapter } from "../adapter.ts";

/**
 * Any site that marks up a vehicle: dealers' sites, Autotrader, Hemmings and the rest.
 *
 * Read: JSON-LD (each block by itself) and microdata of schema.org's Vehicle and Car, products with
 * a vehicle's properties (`additionalProperty`, a VIN as `sku`), and, where a page has neither, its
 * Open Graph tags if they plainly offer one vehicle: never surely. Seen: Autotrader's index (2023,
 * 27 cars, one block damaged, one car twice), a dealer group's page of places. Inferred: that
 * Autotrader's and Hemmings' own pages of a car carry such markup, as public code that reads them
 * says. The page's own vehicle is the one at its address (VIN, listing number), or, where it states
 * none, the one that the page's heading names. A page without markup is read behind its labels.
 */
export const general: SourceAdapter = {
  slug: "general",
  name: "Any site with vehicle markup",
  kind: "general",
  hosts: [],
  scraper: "general_scraper",
  version: "v1.2.0",
  extract,
};

function extract(page: Page): PageReading {
  const read = readMarkup(page);
  if (read.kind === "vehicle") {
    const { facts, images, where } = read;
    return listing(`a page with a vehicle's ${where}`, facts, { images });
  }
  if (read.kind === "not_own") {
    const { kind } = read.why;
    if (kind !== "unknown" && kind !== "short") return noListing(read.why);
    // Another's markup, or none that is whole, does not keep the page from stating its own in words.
    const inWords = labelled(page, identityOf(page));
    if (inWords !== null) return inWords;
    const other = whyNoListing(page, { types: read.types });
    return noListing(kind === "unknown" && other.kind !== "unknown" ? other : read.why);
  }
  const other = whyNoListing(page, { types: read.types });
  if (other.kind !== "unknown") return noListing(other);
  const identity = identityOf(page);
  return shared(page, identity) ?? labelled(page, identity) ??
    noListing(unmarked(page, read.damaged));
}

/** What the tags for sharing offer, on a page that is no notice and has no other markup; `null` if nothing. */
function shared(page: Page, identity: PageIdentity): PageReading | null {
  const { headings, addresses, card: tags } = identity;
  if (whyNoneOffered(page, { headings }) !== null) return null;
  const vehicle = sharedVehicle(tags, headings.at(0) ?? "", addresses.at(-1) ?? page.url);
  if (vehicle === null) return null;
  const { title } = vehicle;
  const named = { ...title, name: vehicle.heading };
  if (headings.some((heading) => namesAnother(heading, named))) return null;
  // A card that states no address is the page's own if the page is called the same.
  const called = headingsOf(page.body);
  if (!tags.has("og:url") && !called.some((heading) => names(heading, named, true))) return null;
  const facts = new FactBook();
  addShared(facts, vehicle, page.url, sellsByBids(page.body, hostOf(page.url)));
  addTextVin(facts, page.body);
  const reason = "a page whose tags for sharing offer a vehicle, and no other markup";
  return listing(reason, plausible(facts.all(), page), {
    images: imageUrls([tags.get("og:image")], page.url),
  });
}

/** What a page says of one vehicle in its heading and behind labels; `null` unless it is whole. */
function labelled(page: Page, identity: PageIdentity): PageReading | null {
  if (whyNoneOffered(page, identity) !== null) return null;
  const facts = labelledVehicle(
    page.body,
    identity,
    () => sellsByBids(page.body, hostOf(page.url)),
  );
  if (facts === null) return null;
  const images = imageUrls([identity.card.get("og:image")], page.url);
  return listing("a page that states its vehicle behind labels", plausible(facts, page), {
    images,
  });
}

/** A page that is not understood, and what of it is missing. */
function unmarked(page: Page, damaged: number): NoListing {
  const title = decodeEntities(pageTitle(page.body));
  const what = damaged > 0
    ? `; ${damaged} damaged block(s) of JSON-LD`
    : title === ""
    ? " in the page"
    : ` in the page "${title.slice(0, 100)}"`;
  return { kind: "unknown", reason: `no vehicle markup${what}` };
}
