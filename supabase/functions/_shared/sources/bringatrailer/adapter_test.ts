import assert from "node:assert/strict";
import { extraction as extractionSchema } from "../../domain/extraction.ts";
import { extract } from "../registry.ts";
import { pageOf } from "../../domain/testing/page.ts";
import { batPage, bid, entry, read, row } from "./testing/page.ts";

const reserveNotMet = (id: number, amount: number) =>
  entry("bat-bid-reserve", id, {
    authorName: "Anonymous",
    content: `Reserve not met on 11/7/25 at USD $${amount.toLocaleString("en-US")}`,
  });

Deno.test("a sold auction gives price, buyer, date and every fact of the listing", () => {
  const { facts, auction, retractions, absent, images } = read();
  const values = Object.fromEntries(
    Object.entries(facts).map(([field, fact]) => [field, fact.value]),
  );
  assert.deepEqual(values, {
    year: 1988,
    make: "BMW",
    model: "M5",
    vin: "WBSDC9303J2791153",
    mileage: 61,
    engine: "3.5-Liter S38 Inline-Six",
    transmission: "Five-Speed Manual Transmission",
    color: "Diamond Black Metallic",
    interior_color: "Black Leather",
    seller_name: "Sandy",
    location: "Austin, Texas 78701",
    description: "This 1988 BMW M5 is a car.\n\nIt has wheels.",
    sale_status: "sold",
    sale_price: 42000,
    high_bid: 42000,
    currency: "USD",
    sale_date: "2026-04-24",
  });
  assert.equal(auction?.buyer, "bidder");
  assert.equal(auction?.ends_at, "2026-04-24T18:55:42.000Z");
  assert.deepEqual([auction?.bid_count, auction?.comment_count], [2, 1]);
  assert.deepEqual([auction?.view_count, auction?.watcher_count, auction?.lot_number], [
    6993,
    792,
    "218674",
  ]);
  assert.deepEqual([retractions, absent], [{}, []]);
  assert.deepEqual(images, [
    "https://bringatrailer.com/wp-content/uploads/2026/04/a.jpg",
    "https://bringatrailer.com/wp-content/uploads/2026/04/b.jpg",
  ]);
});

Deno.test("what is read is an extraction by the schema", () => {
  extractionSchema.parse(read());
  extractionSchema.parse(read({ entries: [], stats: "", priceLine: "" }));
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

Deno.test("comments go by the site's own number, and the seller's are marked", () => {
  const repeated = entry("comment", 2, {
    authorName: "Sandy (The Seller)",
    content: "Ask &amp; I answer",
  });
  const { comments } = read({
    entries: [repeated, repeated, entry("comment", 3, { authorId: 9 }), {
      type: "comment",
      content: "no number",
    }],
  });
  assert.deepEqual(
    comments.map(({ source_id, author, body, is_seller }) => ({
      source_id,
      author,
      body,
      is_seller,
    })),
    [
      { source_id: "2", author: "Sandy", body: "Ask & I answer", is_seller: true },
      { source_id: "3", author: "someone", body: "", is_seller: true },
    ],
  );
});

Deno.test("another currency than the dollar is kept", () => {
  const { facts } = read({
    entries: [entry("bat-bid-reserve", 1, { content: "Sold on 4/24/26 for EUR €98,000.00 to x" })],
    stats: "",
    priceLine: "",
  });
  assert.deepEqual([facts.sale_price?.value, facts.currency?.value], [98_000, "EUR"]);
});

Deno.test("'No Reserve' stands in the head only and is no part of the model", () => {
  const { auction, facts } = read({ head: "No Reserve: 1988 BMW M5 for sale on BaT Auctions" });
  assert.equal(auction?.no_reserve, true);
  assert.equal(facts.model?.value, "M5");
  assert.equal(read().auction?.no_reserve, false);
});

Deno.test("a chassis number of 1959 is kept as it is written and not checked", () => {
  const { facts } = read({
    title: "1959 Porsche 356A Convertible D",
    details: ["Chassis: 85576"],
    groups: {},
  });
  assert.equal(facts.vin?.value, "85576");
  assert.match(facts.vin?.evidence ?? "", /not checked/);
  assert.equal(facts.model?.value, "356A Convertible D");
});

Deno.test("a mileage that is not the car's stays below one half", () => {
  const confidence = (line: string) =>
    read({ details: ["Chassis: 85576", line] }).facts.mileage?.confidence ?? 0;
  assert.ok(confidence("31k Miles") > 0.9);
  assert.ok(confidence("31k Miles Shown") < 0.9 && confidence("31k Miles Shown") > 0.5);
  assert.ok(confidence("31k Miles Shown, TMU") < 0.5);
  assert.ok(confidence("123k Miles Shown on Repaired Odometer") < 0.5);
});

Deno.test("what the list of details leaves out is absent, and prose may still say it", () => {
  const { facts, absent } = read({
    details: ["Chassis: 85576"],
    excerpt:
      "<p>This car is finished in Ruby Red over tan leather and is powered by a 1.6-liter flat-four paired with a four-speed manual transaxle.</p>",
  });
  assert.equal(facts.color?.value, "Ruby Red");
  assert.ok((facts.color?.confidence ?? 1) < 0.7);
  assert.equal(facts.transmission?.value, "four-speed manual transaxle");
  assert.deepEqual(absent, ["mileage"]);
});

for (
  const [title, groups] of [
    ["Neon Ford GT Sign", {
      Make: "Parts and Automobilia",
      Model: "Parts and Automobilia – Signs",
    }],
    ["14″ 10-Spoke Wheels for 1966-1968 Mustangs", { Make: "Ford", Model: "Ford Mustang" }],
    ["1973 Porsche 911S Type 911/53 Engine", { Make: "Porsche", Model: "Porsche 911S" }],
  ] as const
) {
  Deno.test(`nothing is read from the auction of "${title}"`, () => {
    const { outcome, facts, images } = read({ title, groups, details: ["Metal Housings"] });
    assert.equal(outcome, "not_a_listing");
    assert.deepEqual([facts, images], [{}, []]);
  });
}

Deno.test("the make filed and the make of the title differ: the title's, with less confidence", () => {
  const { facts } = read({
    title: "2012 Ram 1500 Crew Cab 4×4",
    groups: { Make: "Dodge", Model: "Dodge Ram 1500" },
  });
  assert.equal(facts.make?.value, "Ram");
  assert.ok((facts.make?.confidence ?? 1) < 0.8);
  assert.equal(facts.drivetrain?.value, "4WD");
});

Deno.test("a page that stops inside its entries, or before them, is unreadable and never half read", () => {
  const page = batPage({ comments: "64 Comments" });
  const inEntries = page.body.indexOf('"id":3');
  const inPrice = page.body.indexOf("USD $42,000") + "USD $42,0".length;
  for (const at of [inEntries, inPrice]) {
    const cut = extract({ ...page, body: page.body.slice(0, at) });
    assert.equal(cut.outcome, "unreadable");
    assert.match(cut.reason, /stops before its end/);
    assert.deepEqual([cut.facts, cut.bids, cut.auction], [{}, [], null]);
  }
});

Deno.test("a page whose end alone is missing, after its entries, is read", () => {
  const page = batPage();
  const cut = extract({ ...page, body: page.body.replace("</body></html>", "") });
  assert.equal(cut.facts.sale_price?.value, 42_000);
  assert.equal(cut.auction?.bid_count, 2);
});

Deno.test("of a whole page with one entry spoiled the others are kept, and the number it shows", () => {
  const page = batPage({ comments: "64 Comments" });
  const cut = extract({ ...page, body: page.body.replace('"id":3', '"id":') });
  assert.deepEqual(cut.bids.map(({ source_id }) => source_id), ["1"]);
  assert.equal(cut.auction?.comment_count, 64);
  assert.equal(cut.auction?.bid_count, 2);
  assert.equal(cut.facts.sale_price?.value, 42_000);
});

Deno.test("an index, a feed and a page that was not found are no listings", () => {
  const url = "https://bringatrailer.com/auctions/results/";
  const outcome = (body: string, status = 200) => extract(pageOf(body, url, status)).outcome;
  assert.equal(
    outcome("<html><body><script>var auctionsCompletedInitialData = {}</script>"),
    "not_a_listing",
  );
  assert.equal(outcome("<?xml version='1.0'?><rss></rss>"), "not_a_listing");
  assert.equal(outcome("<html><title>Page not found</title><body>x"), "not_a_listing");
  assert.equal(outcome("<html><body>gone", 410), "not_a_listing");
  assert.equal(outcome("<html><body>something new"), "not_a_listing");
  const listing = "https://bringatrailer.com/listing/1988-bmw-m5-1/";
  assert.equal(extract(pageOf("<html><body>something new", listing)).outcome, "unreadable");
});

Deno.test("an older page, with its seller and place among the details, is read too", () => {
  const { facts, auction } = read({
    essentials: "",
    details: [
      "Lot #8291",
      "Seller: mikey",
      "Location: Reno, Nevada 89501",
      "Chassis: 85576",
      "31k Miles",
    ],
  });
  assert.equal(facts.seller_name?.value, "mikey");
  assert.equal(facts.location?.value, "Reno, Nevada 89501");
  assert.equal(facts.mileage?.value, 31_000);
  assert.equal(auction?.lot_number, "8291");
});
