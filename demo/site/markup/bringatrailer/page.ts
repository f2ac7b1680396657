import type { Listing } from "../../listing.ts";
import { escapeHtml } from "../text.ts";
import { priceLine, statsTable } from "./bidding.ts";
import { heavyWeight, LIGHT, TEMPLATES } from "./boilerplate.ts";
import { commentScript } from "./comments.ts";
import { essentials } from "./essentials.ts";
import { gallery, inlineImage } from "./gallery.ts";
import { head } from "./head.ts";

const SIZES = [2047, 300, 768, 620, 1536, 460, 144, 940, 1240, 1860];
const ONE_SIZE = [620];

const group = (label: string, text: string): string =>
  `<div class="group-item-wrap"><div class="group-item"><a class="group-link" href="https://bringatrailer.com/x/">` +
  `<strong class="group-title-label">${label}</strong>${escapeHtml(text)}</a></div></div>`;

/** What the site files the listing under. */
function groups({ car, nonVehicle }: Listing): string {
  if (nonVehicle) return group("Make", nonVehicle.group) + group("Category", nonVehicle.group);
  return group("Make", car.make) + group("Model", car.group) +
    group("Era", `${Math.floor(car.year / 10) * 10}s`) + group("Origin", car.origin);
}

/** An auction page in the shape of Bring a Trailer's; `heavy` brings it to a real page's weight. */
export function auctionPage(listing: Listing, heavy: boolean): string {
  const { auction } = listing;
  if (!auction) throw new TypeError(`not an auction: ${listing.url}`);
  const weight = heavy ? heavyWeight() : LIGHT;
  const postId = 110_000_000 + auction.lot;
  const title = escapeHtml(listing.title);
  const excerpt = listing.paragraphs.map((paragraph, i) =>
    `<p>${escapeHtml(paragraph)}</p>\n` +
    Array.from({ length: heavy ? 18 : 1 }, () => inlineImage(listing, i, heavy ? SIZES : ONE_SIZE))
      .join("")
  ).join("");
  return head(listing, weight.head) +
    `<body class="single single-bat-listing postid-${postId} wp-theme-bringatrailer loggedout">
<header id="site-header" role="banner"><a href="/how-bat-works/">Learn how it works</a>${weight.header}</header>
<main><div class="listing">
<div class="listing-intro" data-listing-intro-id="${postId}">
<h1 class="post-title listing-post-title">${title}</h1>
<div class="listing-available"><div class="listing-available-info">
	${
      priceLine(listing, auction, postId)
    }<a class="comments-anchor-link" href="#comments-anchor"><span class="comments_header_html" data-realtime_id="${postId}" data-realtime_prop="comments-updated.header_html"><span class="info-value">${auction.remarks.length}</span><span class="info-label">Comments</span></span></a>
</div></div>
<div class="column-groups">${groups(listing)}${group("Location", "Located in United States")}</div>
</div>
<div class="container container-flex"><div class="column column-left">
<div class="post-${postId} bat-listing type-bat-listing">
	<div class="post-excerpt" tabindex="0">
${excerpt}</div></div>
${gallery(listing, postId)}
${statsTable(listing, auction, postId)}
<div id="comments-anchor"></div><h2 class="comments-title" data-realtime_id="${postId}" data-realtime_prop="comments-updated.display">${auction.remarks.length} Comments</h2></div>
<div class="column column-right">
${essentials(listing)}
</div></div></div></main>
<footer>${TEMPLATES}${weight.footer}</footer>
${commentScript(listing, auction, postId)}
</body>
</html>
`;
}
