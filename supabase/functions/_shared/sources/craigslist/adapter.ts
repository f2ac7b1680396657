import type { Page } from "../../domain/page.ts";
import { CONFIDENCE } from "../../extraction/confidence.ts";
import { imageUrls } from "../../extraction/images.ts";
import { listing, noListing, type PageReading } from "../../extraction/page_reading.ts";
import type { SourceAdapter } from "../adapter.ts";
import { otherCategory, sellerKind } from "./category.ts";
import { countryOf, factsOf } from "./facts.ts";
import { feedFormat, feeds } from "./feeds.ts";
import { picturesOf } from "./images.ts";
import { readIndex } from "./index_page.ts";
import { HOST } from "./listing_url.ts";
import { whyNoVehicle } from "./non_vehicle.ts";
import { postOfferOf } from "./post_offer.ts";
import { whyNoPost } from "./page_kind.ts";
import { cutPost, type Post } from "./post.ts";
import { withoutSearchWords } from "./search_terms.ts";
import { readSellerTitle } from "./seller_title.ts";

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
  slug: "craigslist",
  name: "Craigslist",
  kind: "classified",
  hosts: [HOST],
  scraper: "craigslist_scraper",
  version: "v1.1.0",
  extract,
  readIndex,
  feedFormat,
  feeds,
};

function extract(page: Page): PageReading {
  const html = page.body;
  const post = cutPost(html);
  if (post === null) return noListing(whyNoPost(page));
  if (!post.whole) return noListing({ kind: "broken", reason: "a post's page that breaks off" });
  const category = otherCategory(html, page.url);
  if (category !== null) {
    const reason = `a post in the category "${category}", which holds no vehicles`;
    return noListing({ kind: "no_vehicle", reason });
  }
  const { title, body, form } = post;
  const titled = readSellerTitle(title);
  const beside = { place: "form", known: form.year, besides: titled.isOtherThing } as const;
  const names = { titled, formed: readSellerTitle(form.makeModel, beside) };
  const none = whyNoVehicle({
    ...{ title, form: form.makeModel, year: form.year, description: body },
    ...names,
  });
  if (none !== null) return noListing({ kind: "no_vehicle", reason: none });
  const { facts, absent } = factsOf(post, names, sellerKind(html, page.url), countryOf(html, post));
  if (facts.make === undefined && facts.model === undefined && facts.vin === undefined) {
    return noListing({ kind: "no_vehicle", reason: `no vehicle named: "${post.title}"` });
  }
  const images = imageUrls(picturesOf(html, post.product), page.url);
  return listing("a post with a title, a form and a text", facts, {
    absent,
    images,
    retractions: facts.sale_status === undefined ? retractedOffer(post) : {},
  });
}

/** What is on hold or no longer offered is not for sale, and how that ends is not said: what is held must go. */
function retractedOffer(post: Post): PageReading["retractions"] {
  const { way, evidence } = postOfferOf(post, withoutSearchWords(post.body));
  return { sale_status: { confidence: CONFIDENCE[way].checked, evidence: evidence.slice(0, 600) } };
}
