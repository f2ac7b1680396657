import { hostOf, isHostOf } from "../domain/host.ts";
import type { Page } from "../domain/page.ts";
import { jsonLdBlocks, nodeList, nodeText, placedNodes } from "../html/json_ld.ts";
import { isObject, type Json } from "../html/json_region.ts";
import { safeUrl } from "./index/address.ts";
import { linksIn } from "./index/links.ts";

const MOST = 5;
/** What a link to the seller's own site is called. */
const OWN_SITE =
  /\b(?:dealer|seller|our|their|visit|company|business|zur|haendler|händler)\b.{0,20}\b(?:web ?site|homepage|site web|sito(?: web)?|sitio web|webseite)\b|^(?:web ?site|homepage|site web|sito web|sitio web|webseite)$/i;
/** Where everybody has a page, and nobody a site of his own. */
const OF_EVERYBODY = [
  "facebook.com",
  "instagram.com",
  "youtube.com",
  "youtu.be",
  "twitter.com",
  "x.com",
  "linkedin.com",
  "tiktok.com",
  "pinterest.com",
  "google.com",
  "goo.gl",
  "apple.com",
  "whatsapp.com",
  "wa.me",
  "yelp.com",
  "bit.ly",
  "schema.org",
  "w3.org",
  "wikipedia.org",
  "amazonaws.com",
  "cloudfront.net",
];

/** The addresses that linked data gives of who sells. */
function statedSites(html: string): string[] {
  const { blocks } = jsonLdBlocks(html);
  return placedNodes(blocks).flatMap(({ node, offer }) =>
    [node.seller, node.provider, offer?.seller, ...nodeList(node.offers).map(sellerOf)]
      .flatMap((seller) =>
        isObject(seller) ? [...nodeList(seller.url), ...nodeList(seller.sameAs)] : []
      )
      .flatMap((url) => nodeText(url) ?? [])
  );
}

function sellerOf(offer: Json): Json | undefined {
  return isObject(offer) ? offer.seller : undefined;
}

/**
 * The sites that a page names as its seller's own: in its markup, or by a link that says so. On
 * another domain than the page's, and none where everybody has a page; at most five.
 */
export function sellerSites(page: Page): string[] {
  const own = hostOf(page.url).split(".").slice(-2).join(".");
  const named = linksIn(page).filter(({ text }) => OWN_SITE.test(text)).map(({ url }) => url);
  const sites = new Map<string, string>();
  for (const one of [...statedSites(page.body), ...named]) {
    const url = safeUrl(one, page.url);
    const host = url === null ? "" : hostOf(url);
    if (host === "" || isHostOf(host, [own, ...OF_EVERYBODY]) || sites.has(host)) continue;
    sites.set(host, `https://${host}/`);
    if (sites.size >= MOST) break;
  }
  return [...sites.values()];
}
