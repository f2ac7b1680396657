import { strict as assert } from "node:assert";
import { fieldValue } from "../../supabase/functions/_shared/domain/fact.ts";
import type { FieldName } from "../../supabase/functions/_shared/domain/fact.ts";
import { createCatalogue } from "./catalogue.ts";
import { DEFAULT_COUNTS } from "./hosts.ts";
import { truthOf } from "./truth.ts";

const now = Date.UTC(2026, 10, 22, 9);
const catalogue = createCatalogue({ seed: "demo", counts: DEFAULT_COUNTS, now });

Deno.test("the same options give the same listings", () => {
  const again = createCatalogue({ seed: "demo", counts: DEFAULT_COUNTS, now: now + 3_600_000 });
  assert.deepEqual([...again.all()], [...catalogue.all()]);
});

Deno.test("no two listings share an address or a chassis number", () => {
  const many = createCatalogue({ seed: "demo", counts: { "bringatrailer.com": 5000 }, now });
  for (const listings of [[...catalogue.all()], [...many.all()]]) {
    const numbers = listings.map((it) => it.car.vin).filter((vin) => vin !== null);
    assert.equal(new Set(numbers).size, numbers.length);
    assert.equal(new Set(listings.map((it) => it.url)).size, listings.length);
  }
});

Deno.test("no two entries of all auctions share an id", () => {
  const ids = [...catalogue.all()].flatMap((it) =>
    it.auction ? [...it.auction.bids, ...it.auction.remarks].map((entry) => entry.id) : []
  );
  assert.ok(ids.length > 2000);
  assert.equal(new Set(ids).size, ids.length);
});

Deno.test("a listing is found by its URL in other spellings, and by no other URL", () => {
  const listing = catalogue.at("bringatrailer.com", 7);
  assert.ok(listing);
  const bare = listing.url.replace(/\/$/, "");
  assert.deepEqual(catalogue.find(bare), listing);
  assert.deepEqual(catalogue.find(`${listing.url}?utm_source=mail`), listing);
  assert.deepEqual(catalogue.find(bare.replace("//", "//www.")), listing);
  assert.equal(catalogue.find(bare.replace("/listing/", "/listing/x")), null);
  assert.equal(catalogue.find("https://bringatrailer.com/listing/x-99999/"), null);
  assert.equal(catalogue.find("not a url"), null);
});

Deno.test("every truth is made of values that the domain accepts", () => {
  for (const listing of catalogue.all()) {
    for (const [field, value] of Object.entries(truthOf(listing).facts)) {
      assert.ok(fieldValue[field as FieldName].safeParse(value).success, `${field}: ${value}`);
    }
  }
});

Deno.test("all ways to end an auction occur, and only sold ones have a sale price", () => {
  const outcomes = new Map<string, number>();
  for (const listing of catalogue.all()) {
    const { auction, facts } = truthOf(listing);
    if (!auction) continue;
    outcomes.set(auction.outcome, (outcomes.get(auction.outcome) ?? 0) + 1);
    assert.equal(auction.outcome === "sold", facts.sale_price !== undefined, listing.url);
  }
  assert.deepEqual([...outcomes.keys()].sort(), ["bid_to", "live", "no_sale", "sold"]);
});
