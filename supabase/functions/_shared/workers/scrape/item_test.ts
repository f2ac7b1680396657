import assert from "node:assert/strict";
import { comments, core, everything, imageUrls, itemOf, vin } from "./item.ts";
import type { Reading } from "./read_listing.ts";

const URL = "https://bringatrailer.com/listing/x/";
const reading: Extract<Reading, { kind: "read" }> = {
  kind: "read",
  outcome: "ok",
  from: "site",
  listingUrl: null,
  extraction: {
    outcome: "listing",
    reason: "",
    source: "bringatrailer",
    scraper: { name: "bat_scraper", version: "v1.0.0" },
    facts: { make: { value: "BMW", confidence: 0.9, evidence: "", way: "labelled" } },
    retractions: { sale_price: { confidence: 0.9, evidence: "bid to" } },
    absent: ["vin"],
    images: ["https://i.example/1.jpg"],
    auction: {
      outcome: "bid_to",
      sale_price: null,
      high_bid: 89_500,
      currency: "USD",
      bid_count: 1,
      comment_count: 1,
      view_count: null,
      watcher_count: null,
      reserve_met: false,
      no_reserve: false,
      lot_number: null,
      starts_at: null,
      ends_at: null,
      seller: null,
      buyer: null,
    },
    bids: [{ source_id: "1", amount: 89_500, currency: "USD", bidder: null, placed_at: null }],
    comments: [{ source_id: "2", author: null, body: "nice", posted_at: null, is_seller: false }],
  },
  hash: "h",
  pageAt: "2026-01-01T00:00:00Z",
  snapshotId: null,
  ms: 5,
};

Deno.test("the core step writes the outcome, and neither bids nor comments", () => {
  const item = itemOf(URL, reading, core);
  assert.deepEqual([item.bids, item.comments], [undefined, undefined]);
  assert.equal("bids" in item, false, "absent, not empty: a whole reading has them");
  assert.equal(item.auction?.outcome, "bid_to");
  assert.ok(item.retractions?.sale_price);
  assert.equal(item.images?.length, 1);
  assert.deepEqual(item.steps, ["extract_data", "extract_vin", "extract_images"]);
});

Deno.test("the comments step writes bids and comments on their auction, and no fact", () => {
  const item = itemOf(URL, reading, comments);
  assert.deepEqual([item.bids?.length, item.comments?.length], [1, 1]);
  assert.equal(item.auction?.comment_count, 1);
  for (const part of ["facts", "retractions", "absent", "images"]) {
    assert.equal(part in item, false, part);
  }
  assert.deepEqual(item.steps, ["extract_comments"]);
});

Deno.test("together they write what one reading writes", () => {
  const whole = itemOf(URL, reading);
  const [first, second] = [itemOf(URL, reading, core), itemOf(URL, reading, comments)];
  assert.deepEqual(new Set(Object.keys({ ...first, ...second })), new Set(Object.keys(whole)));
  assert.deepEqual([...first.steps ?? [], ...second.steps ?? []], everything.steps);
});

Deno.test("a step after one field writes it, or that it is absent, and nothing else", () => {
  const item = itemOf(URL, reading, vin);
  assert.deepEqual([item.facts, item.absent, item.steps], [{}, ["vin"], ["extract_vin"]]);
  for (const part of ["retractions", "images", "auction", "bids", "comments"]) {
    assert.equal(part in item, false, part);
  }
  assert.deepEqual(Object.keys(itemOf(URL, reading, imageUrls)).includes("facts"), false);
});

Deno.test("a page that could not be read says how, and which step had asked for it", () => {
  const item = itemOf(
    URL,
    { kind: "failed", code: "blocked", message: "a wall", retryAt: null, ms: 5 },
    comments,
  );
  assert.deepEqual([item.steps, item.outcome, item.error], [
    ["extract_comments"],
    "blocked",
    "a wall",
  ]);
});
