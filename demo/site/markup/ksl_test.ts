import assert from "node:assert/strict";
import { extract } from "../../../supabase/functions/_shared/sources/registry.ts";
import { createCatalogue } from "../catalogue.ts";
import { truthOf } from "../truth.ts";
import { renderListing } from "./index.ts";

const HOST = "cars.ksl.com";
const catalogue = createCatalogue({ seed: "demo", counts: { [HOST]: 30 }, now: Date.now() });

Deno.test("a KSL page states the truth of its listing, as the KSL adapter reads it", () => {
  for (const listing of catalogue.all()) {
    const extraction = extract({
      url: listing.url,
      status: 200,
      contentType: "text/html",
      body: renderListing(listing, false),
      fetchedAt: "2026-04-01T00:00:00.000Z",
    });
    assert.equal(extraction.outcome, "listing", extraction.reason);
    assert.equal(extraction.scraper.name, "ksl_scraper");
    const { facts } = truthOf(listing);
    for (
      const name of [
        "year",
        "make",
        "model",
        "vin",
        "mileage",
        "asking_price",
        "seller_name",
      ] as const
    ) {
      assert.equal(extraction.facts[name]?.value, facts[name], `${listing.url} ${name}`);
    }
    const words = (text: unknown) => String(text).split(/\s+/);
    assert.deepEqual(words(extraction.facts.description?.value), words(facts.description));
    assert.deepEqual(new Set(extraction.images), new Set(listing.images.map(({ url }) => url)));
  }
});

Deno.test("a KSL listing is found by its address", () => {
  const listing = catalogue.at(HOST, 7);
  assert.equal(listing?.url, "https://cars.ksl.com/listing/9100007");
  assert.equal(catalogue.find("https://cars.ksl.com/listing/9100007?x=1")?.index, 7);
  assert.equal(catalogue.find("https://cars.ksl.com/listing/9100030"), null);
});
