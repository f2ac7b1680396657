import assert from "node:assert/strict";
import * as cheerio from "cheerio";
import { buildListing } from "../demo/site/build.ts";
import { extract } from "../supabase/functions/_shared/sources/registry.ts";
import { readGallery, readPage } from "./naive_reading.ts";
import { postPage, POSTS_HOST } from "./post_page.ts";

const posts = Array.from({ length: 40 }, (_, index) => {
  const listing = buildListing({ seed: "post", now: Date.UTC(2026, 9, 30) }, POSTS_HOST, index);
  return { listing, body: postPage(listing) };
});

Deno.test("a post weighs what a real one does", () => {
  for (const { body } of posts) {
    assert.ok(body.length > 20 * 1024 && body.length < 35 * 1024, `${body.length} bytes`);
  }
});

Deno.test("both ways read from a post what its listing states", () => {
  for (const { listing, body } of posts) {
    const { car, url } = listing;
    const stated = {
      year: car.year,
      make: car.make,
      vin: car.vin ?? undefined,
      // Fewer is not believed of an old car: a seller leaves thousands out.
      ...((car.miles ?? 0) < 1_000 ? {} : { mileage: car.miles ?? undefined }),
      asking_price: listing.askingPrice,
    };
    const page = {
      url,
      status: 200,
      contentType: "text/html",
      body,
      fetchedAt: "2026-11-01T00:00:00Z",
    };
    const ours = extract(page);
    const $ = cheerio.load(body);
    const plain = readPage($).facts;
    for (const [field, value] of Object.entries(stated)) {
      const read: unknown = Reflect.get(ours.facts, field)?.value;
      assert.equal(read, value, `${url}: ${field}`);
      // It knows no makes of two words.
      if (field !== "make") assert.equal(plain[field], value, `${url}: ${field}, plainly`);
    }
    assert.deepEqual(readGallery($), listing.images.map((image) => image.url));
    assert.equal(ours.images.length, new Set(readGallery($)).size);
  }
});
