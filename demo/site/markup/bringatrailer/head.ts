import type { Listing } from "../../listing.ts";
import { escapeHtml, grouped, longDate, scriptJson } from "../text.ts";

/** The `<title>`: the only place besides og:title that says "No Reserve". */
function documentTitle(listing: Listing): string {
  const { auction, currency } = listing;
  if (!auction) throw new TypeError("an auction page needs an auction");
  const lot = `(Lot #${grouped(auction.lot)})`;
  const how = auction.end === "live"
    ? `ending ${longDate(auction.endsAt, false)}`
    : auction.salePrice !== null
    ? `sold for ${currency.sign}${grouped(auction.salePrice)} on ${longDate(auction.endsAt)}`
    : `closed on ${longDate(auction.endsAt)}`;
  return `${auction.noReserve ? "No Reserve: " : ""}${listing.title} for sale on BaT Auctions - ` +
    `${how} ${lot} |  Bring a Trailer`;
}

/**
 * The head of an auction page. The JSON-LD offer carries the high bid whatever the outcome: as on
 * the real site it is no sale price.
 */
export function head(listing: Listing, scripts: string): string {
  const { auction, url } = listing;
  const state = auction?.end === "live" ? "live" : "closed";
  const title = escapeHtml(listing.title);
  const image = listing.images[0]?.url ?? "";
  const product = {
    "@context": "http://schema.org",
    "@type": "Product",
    name: listing.title,
    image,
    description: listing.paragraphs[0] ?? "",
    offers: {
      "@type": "Offer",
      priceCurrency: listing.currency.code,
      price: auction?.salePrice ?? auction?.highBid ?? 0,
    },
  };
  return `<!doctype html>
<html lang="en-US">
<head>
	<meta name="viewport" content="width=device-width, initial-scale=1.0">
	<title>${escapeHtml(documentTitle(listing))}</title>
	<script type="text/javascript">
/* <![CDATA[ */
var BAT_CTX = {"contentGroup":"listing-detail-page-${state}"};
/* ]]> */
</script>
${scripts}<script type="application/ld+json">${
    scriptJson({
      "@context": "http://schema.org",
      "@type": "BreadcrumbList",
      itemListElement: [{ "@type": "ListItem", name: "Auctions", position: 1 }],
    })
  }</script><script type="application/ld+json">${scriptJson(product)}</script>
<link rel="canonical" href="${url}" />
<meta property="og:site_name" content="Bring a Trailer"/>
<meta property="og:title" content="${auction?.noReserve ? "No Reserve: " : ""}${title}"/>
<meta property="og:url" content="${url}"/>
<meta property="og:image" content="${image}"/>
</head>
`;
}
