import assert from "node:assert/strict";
import { bid, entry, read, row } from "./testing/page.ts";

const reserveNotMet = (id: number, amount: number) =>
  entry("bat-bid-reserve", id, {
    authorName: "Anonymous",
    content: `Reserve not met on 11/7/25 at USD $${amount.toLocaleString("en-US")}`,
  });

Deno.test("an auction that ended at 'Bid to' has no sale price, retracts one, and keeps the bid", () => {
  const unsold = read({
    entries: [bid(1, 53_000), reserveNotMet(2, 53_000)],
    stats: row("High Bid", "USD <strong>$53,000</strong> (Reserve Not Met)"),
    priceLine: `<span class="info-value">Bid to <strong>USD $53,000</strong></span>`,
  });
  assert.equal(unsold.facts.sale_price, undefined);
  assert.equal(unsold.facts.sale_date, undefined);
  assert.equal(unsold.facts.sale_status?.value, "bid_to");
  assert.equal(unsold.facts.high_bid?.value, 53_000);
  for (const retraction of [unsold.retractions.sale_price, unsold.retractions.sale_date]) {
    assert.match(retraction?.evidence ?? "", /Reserve not met on 11\/7\/25/);
  }
  assert.equal(unsold.retractions.high_bid, undefined);
  assert.equal(unsold.auction?.reserve_met, false);
  assert.equal(unsold.auction?.buyer, null);
});

Deno.test("an auction on which nobody bid retracts a high bid too", () => {
  const { auction, retractions } = read({
    entries: [],
    comments: "0",
    stats: row("Bids", "0"),
    priceLine: "",
  });
  assert.deepEqual([auction?.outcome, auction?.bid_count], ["no_sale", 0]);
  assert.deepEqual(Object.keys(retractions).sort(), ["high_bid", "sale_date", "sale_price"]);
});

Deno.test("a live auction has no sale price: the running bid is the high bid", () => {
  const live = read({
    state: "live",
    entries: [bid(1, 151_000)],
    stats: row("Current Bid", "<strong>USD $151,000</strong>") +
      row("Ends On", `<span data-ends="1777482900">Wednesday</span>`),
    priceLine: `<span>Current Bid:</span> <strong class="info-value">USD $151,000</strong>`,
  });
  assert.equal(live.auction?.outcome, "live");
  assert.equal(live.facts.sale_price, undefined);
  assert.equal(live.facts.high_bid?.value, 151_000);
  assert.equal(live.auction?.ends_at, "2026-04-29T17:15:00.000Z");
  assert.ok(live.retractions.sale_price);
});

Deno.test("a sale after the reserve was not met takes the price that was paid, not the high bid", () => {
  const accepted = read({
    entries: [
      bid(1, 23_000),
      reserveNotMet(2, 23_000),
      entry("bat-rnm-accepted", 3, {
        authorName: "nocera76",
        content: "Sold on 04/11/2025 for $24,000 to nocera76",
      }),
    ],
    stats: row("High Bid", "USD <strong>$23,000</strong>"),
    priceLine: "",
  });
  assert.equal(accepted.facts.sale_price?.value, 24_000);
  assert.equal(accepted.facts.high_bid?.value, 23_000);
  assert.equal(accepted.facts.currency?.value, "USD");
  assert.equal(accepted.facts.sale_date?.value, "2025-04-11");
  assert.deepEqual([accepted.auction?.reserve_met, accepted.auction?.buyer], [false, "nocera76"]);
});

Deno.test("a bid that the site cancelled is neither a bid nor the high bid", () => {
  const { bids, auction } = read({
    entries: [
      entry("bat-bid-canceled", 1, { bidAmount: 90_000 }),
      bid(2, 50_550),
      reserveNotMet(3, 50_550),
    ],
    stats: row("High Bid", "USD $50,550"),
  });
  assert.deepEqual(bids.map(({ source_id }) => source_id), ["2"]);
  assert.equal(auction?.bid_count, 1);
  assert.equal(auction?.high_bid, 50_550);
});

Deno.test("a price that a comment names is not the price", () => {
  const { facts } = read({
    entries: [
      bid(1, 53_000),
      entry("comment", 2, {
        content: "Sold on 1/1/20 for USD $308,000 to me. Total Price of $308k",
      }),
      reserveNotMet(3, 53_000),
    ],
    stats: "",
    priceLine: "",
  });
  assert.equal(facts.sale_price, undefined);
  assert.equal(facts.high_bid?.value, 53_000);
});

Deno.test("without its entries the outcome is that of the table, then of the price line", () => {
  const fromTable = read({ entries: [] });
  assert.match(fromTable.facts.sale_price?.evidence ?? "", /^result table/);
  const fromLine = read({ entries: [], stats: "" });
  assert.match(fromLine.facts.sale_price?.evidence ?? "", /^price line/);
});

Deno.test("a page that tells nowhere how the auction ended is unreadable, not half a vehicle", () => {
  const { outcome, reason, facts } = read({ entries: [], stats: "", priceLine: "" });
  assert.equal(outcome, "unreadable");
  assert.match(reason, /no sale_status/);
  assert.deepEqual(facts, {});
});

Deno.test("a result is surer where a second place names it too, and does not confirm itself", () => {
  const confidence = (parts: Parameters<typeof read>[0]) =>
    read(parts).facts.sale_price?.confidence ?? 0;
  assert.equal(confidence({}), 0.99);
  assert.equal(confidence({ entries: [], stats: "" }), 0.97);
  assert.equal(confidence({ stats: "", priceLine: "" }), 0.97);
});

Deno.test("a withdrawn auction is withdrawn and has no price", () => {
  const withdrawn = read({ entries: [bid(1, 5_000)], stats: "", priceLine: "Withdrawn on 3/1/26" });
  assert.equal(withdrawn.auction?.outcome, "withdrawn");
  assert.equal(withdrawn.facts.sale_price, undefined);
  assert.ok(withdrawn.retractions.sale_price);
});

const WITHDRAWN = {
  "the line": { priceLine: "<span>Withdrawn <span class='date'>on 3/1/26</span></span>" },
  "a sentence": { priceLine: "This listing has been withdrawn" },
  "a sentence about the auction": { priceLine: "This auction was withdrawn by the seller." },
  "a row of the table": { stats: row("Auction Withdrawn", "March 1") },
  "a record": {
    entries: [bid(1, 5_000), entry("bat-bid-reserve", 2, { content: "Listing withdrawn" })],
  },
  "a record of its own kind": {
    entries: [bid(1, 5_000), entry("bat-withdrawn", 2, { content: "Withdrawn on 3/1/26" })],
  },
  "the head's title": {
    head: "1988 BMW M5 for sale on BaT Auctions - withdrawn on March 1, 2026 (Lot #1)",
  },
};

for (const [place, parts] of Object.entries(WITHDRAWN)) {
  Deno.test(`what ${place} calls withdrawn is withdrawn, whatever bid a row still shows`, () => {
    for (const label of ["High Bid", "Current Bid"]) {
      const stats = row(label, "USD <strong>$5,000</strong>");
      const { facts, auction, retractions } = read({
        entries: [bid(1, 5_000)],
        priceLine: "",
        ...parts,
        stats: stats + ("stats" in parts ? parts.stats : ""),
      });
      assert.equal(facts.sale_status?.value, "withdrawn");
      assert.match(facts.sale_status?.evidence ?? "", /withdrawn/i);
      assert.deepEqual([auction?.reserve_met, auction?.buyer], [null, null]);
      assert.equal(facts.high_bid?.value, 5_000);
      assert.match(facts.high_bid?.evidence ?? "", /5,000/);
      assert.ok(retractions.sale_price);
    }
  });
}

Deno.test("a page that says both sold and withdrawn is sure of neither", () => {
  const { facts, retractions } = read({ priceLine: "Withdrawn on 4/25/26" });
  assert.ok((facts.sale_status?.confidence ?? 1) < 0.5);
  assert.match(facts.sale_status?.evidence ?? "", /Withdrawn.*; but .*Sold/);
  assert.equal(facts.sale_price, undefined);
  assert.deepEqual(retractions, {});
});

Deno.test("the buyer is whom the record names, not who wrote it", () => {
  const buyer = (content: string, authorName: string) =>
    read({
      entries: [
        bid(1, 11_000, "runner_up"),
        bid(2, 12_000, "NIACC"),
        entry("bat-bid-reserve", 3, { content, authorName }),
      ],
      stats: row("Winning Bid", "USD $12,000"),
      priceLine: "",
    }).auction?.buyer;
  assert.equal(buyer("Sold on 9/14/15 for $12,000 to NIACC", "Staff_Member"), "NIACC");
  assert.equal(
    buyer("Sold on 9/14/15 for $12,000 to The Old Garage!", "Staff_Member"),
    "The Old Garage",
  );
  assert.equal(buyer("Sold to NIACC for $12,000 on 9/14/15", "Staff_Member"), "NIACC");
  assert.equal(buyer("This listing sold on 9/14/15 for $12,000 to NIACC", "Desk"), "NIACC");
  assert.equal(buyer("Sold on 9/14/15 for $12,000", "Staff_Member"), null);
  assert.equal(buyer("Sold on 9/14/15 for $12,000", "NIACC"), "NIACC");
});

Deno.test("each sum's evidence is the place that names it", () => {
  const { facts } = read({
    entries: [
      bid(1, 51_000),
      reserveNotMet(2, 51_000),
      entry("bat-rnm-accepted", 3, { content: "Sold on 3/5/25 for $55,000.00 to x1" }),
    ],
    stats: row("Winning Bid", "USD <strong>$55,000</strong>"),
    priceLine: "",
  });
  assert.match(facts.sale_price?.evidence ?? "", /\$55,000/);
  assert.match(facts.high_bid?.evidence ?? "", /\$51,000/);
  assert.match(facts.currency?.evidence ?? "", /USD/);
});
