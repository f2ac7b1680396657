import assert from "node:assert/strict";
import { applied, type Reading } from "../scrape/read_listing.ts";
import { comments, core } from "./steps.ts";

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
const names = (steps: readonly { step_name: string }[] = []) => steps.map((one) => one.step_name);

Deno.test("the core step writes the outcome, and neither bids nor comments", () => {
  const item = core(applied(URL, reading));
  assert.deepEqual([item.bids, item.comments], [undefined, undefined]);
  assert.equal("bids" in item, false, "absent, not empty: a whole reading has them");
  assert.equal(item.auction?.outcome, "bid_to");
  assert.ok(item.retractions?.sale_price);
  assert.equal(item.images?.length, 1);
  assert.deepEqual(names(item.steps), ["extract_data", "extract_vin", "extract_images"]);
});

Deno.test("the comments step writes bids and comments on their auction, and no fact", () => {
  const item = comments(applied(URL, reading));
  assert.deepEqual([item.bids?.length, item.comments?.length], [1, 1]);
  assert.equal(item.auction?.comment_count, 1);
  for (const part of ["facts", "retractions", "absent", "images"]) {
    assert.equal(part in item, false, part);
  }
  assert.deepEqual(names(item.steps), ["extract_comments"]);
});

Deno.test("together they write what one reading writes", () => {
  const whole = applied(URL, reading);
  const parts = { ...core(whole), ...comments(whole) };
  assert.deepEqual(new Set(Object.keys(parts)), new Set(Object.keys(whole)));
  assert.deepEqual(
    [...names(core(whole).steps), ...names(comments(whole).steps)],
    names(whole.steps),
  );
});

Deno.test("a page that could not be read fails the step that asked for it", () => {
  const failed = applied(URL, {
    kind: "failed",
    code: "blocked",
    message: "a wall",
    retryAt: null,
    ms: 5,
  });
  assert.deepEqual(names(core(failed).steps), ["extract_data"]);
  const [step] = comments(failed).steps ?? [];
  assert.deepEqual([step?.step_name, step?.status, step?.error_message], [
    "extract_comments",
    "failed",
    "a wall",
  ]);
});
