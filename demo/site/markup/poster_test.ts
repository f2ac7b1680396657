import { strict as assert } from "node:assert";
import { createCatalogue } from "../catalogue.ts";
import { DEFAULT_COUNTS } from "../hosts.ts";
import { truthOf } from "../truth.ts";
import { renderListing } from "./index.ts";

const now = Date.UTC(2026, 10, 22);
const catalogue = createCatalogue({ seed: "demo", counts: DEFAULT_COUNTS, now });

Deno.test("poster pages state neither chassis number nor mileage", () => {
  const listing = catalogue.at("motors.example", 0);
  assert.ok(listing);
  const { facts } = truthOf(listing);
  assert.equal(facts.vin, undefined);
  assert.equal(facts.mileage, undefined);
  assert.equal(facts.description, undefined);
  const page = renderListing(listing, false);
  assert.match(page, new RegExp(`"price":${listing.askingPrice}`));
  assert.ok(page.includes(`<meta property="og:image" content="${listing.images[0]?.url}">`));
});
