import { strict as assert } from "node:assert";
import { load } from "cheerio";
import { createCatalogue } from "../../catalogue.ts";
import type { Listing } from "../../listing.ts";
import { auctions, auctionThat, entriesOf } from "../../testing/auctions.ts";
import { truthOf } from "../../truth.ts";
import { renderListing } from "../index.ts";

const now = Date.UTC(2026, 10, 22);

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
    const counted = entriesOf(page).filter((it) => it.type === "comment").length;
    assert.equal(counted, truth.auction?.commentCount);
    const items = JSON.parse($("[data-gallery-items]").attr("data-gallery-items") ?? "[]");
    assert.equal(items.length, listing.images.length);
  }
});

Deno.test("the price line and the state of the page follow the outcome", () => {
  const line = (listing: Listing) =>
    load(renderListing(listing, false))(".listing-available-info").text();
  assert.match(line(auctionThat("sold")), /Sold for [A-Z]{3} .[\d,]+ on \d/);
  assert.match(line(auctionThat("sold_after")), /Sold for/);
  assert.match(line(auctionThat("bid_to")), /Bid to [A-Z]{3} .[\d,]+ on \d/);
  assert.match(line(auctionThat("live")), /Current Bid: [A-Z]{3} .[\d,]+Ends in/);
  assert.match(
    renderListing(auctionThat("live"), false),
    /"contentGroup":"listing-detail-page-live"/,
  );
  assert.match(
    renderListing(auctionThat("bid_to"), false),
    /"contentGroup":"listing-detail-page-closed"/,
  );
});

Deno.test("JSON-LD names a price for an unsold auction too, and the boilerplate every outcome", () => {
  const page = renderListing(auctionThat("bid_to"), false);
  assert.match(page, new RegExp(`"price":${auctionThat("bid_to").auction?.highBid}`));
  for (const words of ["Reserve not met", "withdrawn", "Sold for", "no reserve"]) {
    assert.ok(page.includes(words), words);
  }
});

Deno.test("a sale after the reserve was not met leaves both records", () => {
  const types = entriesOf(renderListing(auctionThat("sold_after"), false)).map((it) => it.type);
  assert.ok(types.includes("bat-bid-reserve") && types.includes("bat-rnm-accepted"));
});

Deno.test("a heavy auction page weighs what a real one does", () => {
  const counts = { "bringatrailer.com": 20 };
  const heavy = createCatalogue({ seed: "demo", counts, now, busy: true });
  for (const listing of heavy.all()) {
    const kilobytes = new TextEncoder().encode(renderListing(listing, true)).length / 1000;
    assert.ok(kilobytes > 400 && kilobytes < 660, `${kilobytes} KB`);
  }
});
