import assert from "node:assert/strict";
import { extraction as extractionSchema } from "../../domain/extraction.ts";
import { extract } from "../registry.ts";
import { pageOf } from "../../domain/testing/page.ts";
import { batPage, entry, read } from "./testing/page.ts";

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
