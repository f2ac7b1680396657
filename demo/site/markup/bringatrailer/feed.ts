import type { Listing } from "../../listing.ts";
import { escapeHtml } from "../text.ts";

const when = (seconds: number): string =>
  new Date(seconds * 1000).toUTCString().replace("GMT", "+0000");

function item(listing: Listing): string {
  const { auction, title, url } = listing;
  const id = 110_000_000 + (auction?.lot ?? 0);
  const about = listing.paragraphs.map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`).join("");
  return `	<item>
		<title>${escapeHtml(title)}${auction?.noReserve ? " at No Reserve" : ""}</title>
		<link>${url}</link>
		<dc:creator><![CDATA[bringatrailer]]></dc:creator>
		<pubDate>${when(auction?.startsAt ?? 0)}</pubDate>
		<guid isPermaLink="false">${url}?announcement=${id}</guid>
		<description><![CDATA[${about}]]></description>
	</item>
`;
}

/** The RSS feed of new listings, newest first, in the shape of the real one. */
export function feed(listings: readonly Listing[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"
	xmlns:content="http://purl.org/rss/1.0/modules/content/"
	xmlns:dc="http://purl.org/dc/elements/1.1/"
	xmlns:atom="http://www.w3.org/2005/Atom"
	xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">
<channel>
	<title>The best vintage and classic cars for sale online | Bring a Trailer</title>
	<atom:link href="https://bringatrailer.com/feed/" rel="self" type="application/rss+xml" />
	<link>https://bringatrailer.com</link>
	<description>Barn finds, rally cars, and needles in the haystack.</description>
	<language>en-US</language>
	<sy:updatePeriod>hourly</sy:updatePeriod>
	<sy:updateFrequency>1</sy:updateFrequency>

${listings.map(item).join("\n")}</channel>
</rss>
`;
}
