import { strict as assert } from "node:assert";
import { createCatalogue } from "./catalogue.ts";
import { changed } from "./changes.ts";
import { DEFAULT_COUNTS } from "./hosts.ts";
import { renderListing } from "./markup/index.ts";
import { auctionThat, entriesOf } from "./testing/auctions.ts";
import { truthOf } from "./truth.ts";

Deno.test("a struck-out bid is in the list and counts nowhere", () => {
  const listing = changed(auctionThat("sold"), "canceled_bid", null);
  const list = entriesOf(renderListing(listing, false));
  const struck = list.find((it) => it.type === "bat-bid-canceled");
  assert.ok(struck && struck.bidAmount > (listing.auction?.highBid ?? Infinity));
  const bids = list.filter((it) => it.type === "bat-bid").length;
  assert.equal(truthOf(listing).auction?.bidCount, bids);
});

Deno.test("a comment that names a price changes no fact of an unsold auction", () => {
  const listing = changed(auctionThat("sold"), "comment_names_price", null);
  assert.match(renderListing(listing, false), /Sold for \$99,000 after/);
  const { facts } = truthOf(listing);
  assert.equal(facts.sale_status, "bid_to");
  assert.equal(facts.sale_price, undefined);
});

Deno.test("a seller asks less, and less again, each time on a page of its own revision", () => {
  const catalogue = createCatalogue({ seed: "demo", counts: DEFAULT_COUNTS, now: Date.now() });
  const listing = catalogue.at("classics.example", 0);
  assert.ok(listing?.askingPrice);
  const once = changed(listing, "price_reduced", null);
  const twice = changed(listing, "price_reduced_again", null);
  const prices = [listing, once, twice].map((it) => truthOf(it).facts.asking_price ?? 0);
  assert.deepEqual(prices, prices.toSorted((a, b) => b - a));
  assert.equal(new Set(prices).size, 3);
  assert.equal(new Set([listing, once, twice].map(({ revision }) => revision)).size, 3);
});
