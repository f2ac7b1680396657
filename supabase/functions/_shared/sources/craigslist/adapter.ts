import type { Extraction } from "../../domain/extraction.ts";
import type { Page } from "../../domain/page.ts";
import type { SourceAdapter } from "../../extraction/adapter.ts";
import { imageUrls } from "../../extraction/images.ts";
import { nothing } from "../../extraction/no_listing.ts";
import { countryOf, factsOf } from "./facts.ts";
import { picturesOf } from "./images.ts";
import { otherCategory, sellerKind, whyNoPost } from "./kind.ts";
import { whyNoVehicleOffered } from "./offer_kind.ts";
import { cutPost } from "./post.ts";
import { readSellerTitle } from "./seller_title.ts";

const SLUG = "craigslist";
const scraper = { name: "craigslist_scraper", version: "v1.0.0" };

/**
 * Craigslist: posts of owners and dealers, in plain HTML.
 *
 * Seen, on 142 posts of autumn 2021: `#titletextonly`, `.price` and the place in brackets behind
 * it, `p.attrgroup span` (the first is year with make and model as typed, the others "key:
 * <b>value</b>" or a flag), `#postingbody`, `var imgList`, `imageConfig` with the sizes kept.
 *
 * Seen in parts, in tests and notes that others published of pages of 2026: addresses
 * `www.craigslist.org/view/d/…`, `div.attrgroup` with `div.attr`, `span.labl` and `span.valu`,
 * `script#ld_posting_data` (a Product with offer, address and pictures), `purveyor=dealer` in the
 * trail, indexes as `ol.cl-static-search-results`.
 *
 * Inferred: the shape of `autoVinData` in `window.cl.init`, which is read as labels and values in
 * whatever nesting they come and serves only to confirm; the order of the parts of a page of 2026.
 */
export const craigslist: SourceAdapter = {
  slug: SLUG,
  name: "Craigslist",
  kind: "classified",
  hosts: ["craigslist.org"],
  scraper: scraper.name,
  version: scraper.version,
  extract,
};

function extract(page: Page): Extraction {
  const html = page.body;
  const post = cutPost(html);
  if (post === null) return nothing(...whyNoPost(html, page.url), SLUG, scraper);
  if (!post.whole) return nothing("unreadable", "a post's page that breaks off", SLUG, scraper);
  const category = otherCategory(html, page.url);
  if (category !== null) {
    return nothing(
      "not_a_listing",
      `a post in the category "${category}", which holds no vehicles`,
      SLUG,
      scraper,
    );
  }
  const { title, body, form } = post;
  const names = { titled: readSellerTitle(title), formed: readSellerTitle(form.makeModel) };
  const none = whyNoVehicleOffered({ title, form: form.makeModel, description: body, ...names });
  if (none !== null) return nothing("not_a_listing", none, SLUG, scraper);
  const { facts, absent } = factsOf(post, names, sellerKind(html, page.url), countryOf(html, post));
  if (facts.make === undefined && facts.model === undefined && facts.vin === undefined) {
    return nothing("not_a_listing", `no vehicle named: "${post.title}"`, SLUG, scraper);
  }
  return {
    outcome: "listing",
    reason: "a post with a title, a form and a text",
    source: SLUG,
    scraper,
    facts,
    retractions: {},
    absent,
    images: imageUrls(picturesOf(html, post.product), page.url),
    auction: null,
    bids: [],
    comments: [],
  };
}
