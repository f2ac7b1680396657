import type { Extraction } from "../../../domain/extraction.ts";
import type { Page } from "../../../domain/page.ts";
import { pageOf } from "../../../domain/testing/page.ts";
import { extract } from "../../registry.ts";

/** What a made-up auction page states; every part can be left out. */
interface BatParts {
  title: string;
  head: string;
  state: "live" | "closed";
  priceLine: string;
  stats: string;
  essentials: string;
  details: string[];
  groups: Record<string, string>;
  excerpt: string;
  gallery: unknown[];
  entries: unknown[];
  comments: string;
  extra: string;
}

/** An entry of the auction's list as the site writes it. */
export function entry(type: string, id: number, parts: Record<string, unknown> = {}): unknown {
  return {
    channels: [`comment;item;${id}`],
    approved: "1",
    authorId: 7,
    authorName: "someone",
    id,
    likers: ["a[b]{c"],
    content: "",
    markup: "",
    timestamp: 1_777_056_000 + id,
    type,
    bidAmount: 0,
    ...parts,
  };
}

export function bid(id: number, amount: number, bidder = "bidder"): unknown {
  const text = `USD $${amount.toLocaleString("en-US")} bid placed by ${bidder}`;
  return entry("bat-bid", id, {
    bidAmount: amount,
    authorName: bidder,
    content: text,
    markup: `<p>${text}</p>`,
  });
}

const SOLD: BatParts = {
  title: "1988 BMW M5",
  head:
    "1988 BMW M5 for sale on BaT Auctions - sold for $42,000 on April 24, 2026 (Lot #1) | Bring a Trailer",
  state: "closed",
  priceLine:
    `<span class="info-value noborder-tiny">Sold for <strong>USD $42,000</strong> <span class="date" data-timestamp="1777056942">on 4/24/26</span></span>`,
  stats: row(
    "Winning Bid",
    `USD <strong>$42,000</strong> by <a href="https://bringatrailer.com/member/b/">bidder</a>`,
  ) +
    row("Auction Ended", `<span data-timestamp="1777056942">Friday</span>`) + row("Bids", "2"),
  essentials:
    `<div class="item item-seller"><strong>Seller</strong>: <a href="https://bringatrailer.com/member/s/">Sandy</a></div><strong>Location</strong>: <a href="https://www.google.com/maps/place/x">Austin, Texas 78701</a>`,
  details: [
    "Chassis: <a href='#'>WBSDC9303J2791153</a>",
    "61 Miles",
    "3.5-Liter S38 Inline-Six",
    "Five-Speed Manual Transmission",
    "Diamond Black Metallic Paint",
    "Black Leather Upholstery",
  ],
  groups: { Make: "BMW", Model: "BMW E28 M5", Era: "1980s" },
  excerpt: "<p>This 1988 BMW M5 is a car.</p><p><img src='x.jpg'></p><p>It has wheels.</p>",
  gallery: [
    {
      id: 1,
      large: { url: "https://bringatrailer.com/wp-content/uploads/2026/04/a.jpg?fit=2048%2C1365" },
    },
    {
      id: 2,
      small: { url: "https://bringatrailer.com/wp-content/uploads/2026/04/b.jpg?resize=155%2C105" },
    },
    {
      id: 3,
      large: { url: "https://bringatrailer.com/wp-content/uploads/2026/04/a.jpg?fit=620%2C413" },
    },
  ],
  entries: [
    bid(1, 40_000),
    entry("comment", 2, { authorName: "Sandy (The Seller)", content: "Ask &amp; I answer" }),
    bid(3, 42_000),
    entry("bat-bid-reserve", 4, {
      authorName: "bidder",
      content: "Sold on 4/24/26 for USD $42,000.00 to bidder",
      markup: "<p>Sold on 04/24/2026 for USD $42,000 to bidder</p>",
    }),
  ],
  comments: "1 Comment",
  extra: "",
};

/** A row of the table of the auction. */
export function row(label: string, value: string): string {
  return `<tr class="listing-stats-stat"><td class="listing-stats-label">${label}</td><td class="listing-stats-value">${value}</td></tr>`;
}

/** A page of an auction that sold, but for the parts given. */
export function batPage(parts: Partial<BatParts> = {}): Page {
  const all = { ...SOLD, ...parts };
  const gallery = JSON.stringify(all.gallery).replaceAll("/", "\\/").replaceAll("&", "&amp;")
    .replaceAll('"', "&quot;");
  const groups = Object.entries(all.groups).map(([label, value]) =>
    `<div class="group-item"><a class="group-link" href="#"><strong class="group-title-label">${label}</strong>${value}</a></div>`
  ).join("");
  const body = `<!doctype html><html><head><title>${all.head}</title>
<script>var BAT_CTX = {"contentGroup":"listing-detail-page-${all.state}"};</script>
<script type="application/ld+json">{"@type":"Product","name":"x","offers":{"@type":"Offer","price":99999}}</script>
</head><body class="single-bat-listing postid-1"><h1 class="post-title listing-post-title">${all.title}</h1>
<div class="listing-available-info">${all.priceLine}</div><div class="column-groups">${groups}</div>
<div class="post-excerpt" tabindex="0">${all.excerpt}</div>
<div data-gallery-items="${gallery}"></div>
<p>No reserve. Reserve not met. Withdrawn. Sold for $1. Bid to $2.</p>
<table class="listing-stats" id="listing-bid"><tbody>${all.stats}</tbody></table>
<span data-stats-item="views">6,993 views</span><span data-stats-item="watchers">792 watchers</span>
<h2 class="comments-title" data-realtime_prop="comments-updated.display">${all.comments}</h2>
<div class="essentials"><h2>BaT Essentials</h2>${all.essentials}<div class="item"><strong>Listing Details</strong><ul>${
    all.details.map((line) => `<li>${line}</li>`).join("")
  }</ul></div><div class="item"><strong>Lot</strong> #218674</div></div>
<script>var BAT_VMS = ${
    JSON.stringify({ comments: all.entries, postAuthor: "9" }).replaceAll("/", "\\/")
  };</script>
${all.extra}</body></html>`;
  return pageOf(body, "https://bringatrailer.com/listing/1988-bmw-m5-1/");
}

/** What is read from a made-up page. */
export function read(parts: Partial<BatParts> = {}): Extraction {
  return extract(batPage(parts));
}
