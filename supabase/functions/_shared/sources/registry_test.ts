import assert from "node:assert/strict";
import { extractionHash } from "../extraction/hash.ts";
import { pageOf } from "../domain/testing/page.ts";
import { batPage, bid, read } from "./bringatrailer/testing/page.ts";
import { adapterFor, adapters, extract, sourceOf } from "./registry.ts";

Deno.test("a host chooses its adapter, its subdomains too, and any other the general one", () => {
  assert.equal(adapterFor("https://bringatrailer.com/listing/x/").slug, "bringatrailer");
  assert.equal(adapterFor("https://www.BringATrailer.com./listing/x/").slug, "bringatrailer");
  assert.equal(adapterFor("https://notbringatrailer.com/x").slug, "general");
  assert.equal(adapterFor("https://bringatrailer.com.evil.example/x").slug, "general");
  assert.equal(adapterFor("no address").slug, "general");
});

Deno.test("a host without an adapter of its own is its own source", () => {
  assert.equal(sourceOf("https://www.hemmings.com/listing/1/"), "hemmings.com");
  assert.equal(sourceOf("https://bringatrailer.com/listing/x/"), "bringatrailer");
  assert.equal(sourceOf("no address"), "general");
});

Deno.test("every adapter names a version that begins with v, and no two share a slug", () => {
  for (const adapter of adapters) assert.match(adapter.version, /^v\d+\.\d+\.\d+$/);
  assert.equal(new Set(adapters.map(({ slug }) => slug)).size, adapters.length);
});

Deno.test("an error status, an empty page and a picture yield nothing, and say why", () => {
  const said = (status: number, body = "<html>x", contentType = "text/html") => {
    const { outcome, reason, facts } = extract({
      ...pageOf(body, "https://a.example/1", status),
      contentType,
    });
    assert.deepEqual(facts, {});
    return `${outcome}: ${reason}`;
  };
  assert.equal(said(404), "not_a_listing: removed: the site answered 404");
  assert.equal(said(410), "not_a_listing: removed: the site answered 410");
  assert.equal(said(403), "blocked: the site answered 403");
  assert.equal(said(500), "unreadable: the site answered 500");
  assert.equal(said(200, " \n"), "unreadable: the page is empty");
  assert.equal(said(200, "x", "image/jpeg"), "not_a_listing: not a page but image/jpeg");
});

Deno.test("the hash follows values, images and outcome, not bids, comments, views or confidence", () => {
  const before = extractionHash(read());
  assert.match(before, /^[0-9a-f]{64}$/);
  const more = read({ comments: "2 Comments" });
  more.bids.push({ source_id: "99", amount: 1, currency: null, bidder: null, placed_at: null });
  if (more.facts.year) more.facts.year.confidence = 0.1;
  if (more.auction) more.auction.view_count = 1;
  assert.equal(extractionHash(more), before);
  assert.notEqual(extractionHash(read({ title: "1989 BMW M5" })), before);
  assert.notEqual(extractionHash(read({ gallery: [] })), before);
  assert.notEqual(
    extractionHash(read({ entries: [bid(1, 1)], stats: "", priceLine: "" })),
    before,
  );
});

Deno.test("reading is pure: a page gives the same twice, and stays as it was", () => {
  const page = Object.freeze(batPage());
  assert.deepEqual(extract(page), extract(page));
});
