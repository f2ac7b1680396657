import { strict as assert } from "node:assert";
import { changed } from "./changes.ts";
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
