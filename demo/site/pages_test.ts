import { strict as assert } from "node:assert";
import { load } from "cheerio";
import { createCatalogue } from "./catalogue.ts";
import { changed } from "./changes.ts";
import { DEFAULT_COUNTS } from "./hosts.ts";
import type { Listing } from "./listing.ts";
import { renderListing } from "./markup/index.ts";
import { truthOf } from "./truth.ts";

const now = Date.UTC(2026, 10, 22);
const catalogue = createCatalogue({ seed: "demo", counts: DEFAULT_COUNTS, now });
const auctions = [...catalogue.all()].filter((it) => it.auction);

/** The comment list of an auction page, cut out by its script's own frame. */
function entries(page: string): { id: number; type: string; bidAmount: number; content: string }[] {
  const from = page.indexOf("var BAT_VMS = ") + "var BAT_VMS = ".length;
  return JSON.parse(page.slice(from, page.indexOf(";\n/* ]]> */", from))).comments;
}

const of = (end: string): Listing => {
  const listing = auctions.find((it) => it.auction?.end === end);
  assert.ok(listing, `no auction ended ${end}`);
  return listing;
};

Deno.test("an auction page states what its truth says", () => {
  for (const listing of auctions) {
    const page = renderListing(listing, false);
    const truth = truthOf(listing);
    const $ = load(page);
    const lines = $(".essentials ul li").map((_, li) => $(li).text().trim()).get();
    assert.equal($("h1.listing-post-title").text(), listing.title);
    assert.ok(lines.includes(`Chassis: ${truth.facts.vin}`));
    assert.ok(lines.includes(String(truth.facts.engine)));
    assert.equal($(".number-bids-value").text(), String(truth.auction?.bidCount));
    const counted = entries(page).filter((it) => it.type === "comment").length;
    assert.equal(counted, truth.auction?.commentCount);
    const items = JSON.parse($("[data-gallery-items]").attr("data-gallery-items") ?? "[]");
    assert.equal(items.length, listing.images.length);
  }
});

Deno.test("the price line and the state of the page follow the outcome", () => {
  const line = (listing: Listing) =>
    load(renderListing(listing, false))(".listing-available-info").text();
  assert.match(line(of("sold")), /Sold for [A-Z]{3} .[\d,]+ on \d/);
  assert.match(line(of("sold_after")), /Sold for/);
  assert.match(line(of("bid_to")), /Bid to [A-Z]{3} .[\d,]+ on \d/);
  assert.match(line(of("live")), /Current Bid: [A-Z]{3} .[\d,]+Ends in/);
  assert.match(renderListing(of("live"), false), /"contentGroup":"listing-detail-page-live"/);
  assert.match(renderListing(of("bid_to"), false), /"contentGroup":"listing-detail-page-closed"/);
});

Deno.test("JSON-LD names a price for an unsold auction too, and the boilerplate every outcome", () => {
  const page = renderListing(of("bid_to"), false);
  assert.match(page, new RegExp(`"price":${of("bid_to").auction?.highBid}`));
  for (const words of ["Reserve not met", "withdrawn", "Sold for", "no reserve"]) {
    assert.ok(page.includes(words), words);
  }
});

Deno.test("a struck-out bid is in the list and counts nowhere", () => {
  const listing = changed(of("sold"), "canceled_bid", null);
  const list = entries(renderListing(listing, false));
  const struck = list.find((it) => it.type === "bat-bid-canceled");
  assert.ok(struck && struck.bidAmount > (listing.auction?.highBid ?? Infinity));
  const bids = list.filter((it) => it.type === "bat-bid").length;
  assert.equal(truthOf(listing).auction?.bidCount, bids);
});

Deno.test("a sale after the reserve was not met leaves both records", () => {
  const types = entries(renderListing(of("sold_after"), false)).map((it) => it.type);
  assert.ok(types.includes("bat-bid-reserve") && types.includes("bat-rnm-accepted"));
});

Deno.test("a comment that names a price changes no fact of an unsold auction", () => {
  const listing = changed(of("sold"), "comment_names_price", null);
  assert.match(renderListing(listing, false), /Sold for \$99,000 after/);
  const { facts } = truthOf(listing);
  assert.equal(facts.sale_status, "bid_to");
  assert.equal(facts.sale_price, undefined);
});

Deno.test("a heavy auction page weighs what a real one does", () => {
  const counts = { "bringatrailer.com": 20 };
  const heavy = createCatalogue({ seed: "demo", counts, now, busy: true });
  for (const listing of heavy.all()) {
    const kilobytes = new TextEncoder().encode(renderListing(listing, true)).length / 1000;
    assert.ok(kilobytes > 400 && kilobytes < 660, `${kilobytes} KB`);
  }
});

Deno.test("dealer pages hold one vehicle in JSON-LD, some behind a damaged block", () => {
  let damaged = 0;
  for (const listing of [...catalogue.all()].filter((it) => it.markup === "json_ld")) {
    const $ = load(renderListing(listing, false));
    const blocks = $('script[type="application/ld+json"]').map((_, it) => $(it).text()).get();
    const vins = blocks.flatMap((block) => {
      try {
        JSON.parse(block);
        return block.match(/"vehicleIdentificationNumber":"([^"]+)"/)?.[1] ?? [];
      } catch {
        damaged++;
        return [];
      }
    });
    assert.deepEqual(vins, [listing.car.vin], listing.url);
  }
  assert.ok(damaged > 0);
});

Deno.test("classified pages mark up every fact as microdata", () => {
  const listing = catalogue.at("autos.example", 0);
  assert.ok(listing);
  const $ = load(renderListing(listing, false));
  assert.equal($("[itemprop=vehicleIdentificationNumber]").text(), listing.car.vin);
  assert.equal($("[itemprop=price]").attr("content"), String(listing.askingPrice));
  assert.equal($("[itemprop=brand] [itemprop=name]").text(), listing.car.make);
});

Deno.test("poster pages state neither chassis number nor mileage", () => {
  const listing = catalogue.at("motors.example", 0);
  assert.ok(listing);
  const { facts } = truthOf(listing);
  assert.equal(facts.vin, undefined);
  assert.equal(facts.mileage, undefined);
  assert.equal(facts.description, undefined);
  const page = renderListing(listing, false);
  assert.match(page, new RegExp(`"price":${listing.askingPrice}`));
  assert.ok(page.includes(`<meta property="og:image" content="${listing.images[0]?.url}">`));
});
