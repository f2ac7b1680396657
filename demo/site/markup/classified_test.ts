import { strict as assert } from "node:assert";
import { load } from "cheerio";
import { createCatalogue } from "../catalogue.ts";
import { DEFAULT_COUNTS } from "../hosts.ts";
import { renderListing } from "./index.ts";

const now = Date.UTC(2026, 10, 22);
const catalogue = createCatalogue({ seed: "demo", counts: DEFAULT_COUNTS, now });

Deno.test("classified pages mark up every fact as microdata", () => {
  const listing = catalogue.at("autos.example", 0);
  assert.ok(listing);
  const $ = load(renderListing(listing, false));
  assert.equal($("[itemprop=vehicleIdentificationNumber]").text(), listing.car.vin);
  assert.equal($("[itemprop=price]").attr("content"), String(listing.askingPrice));
  assert.equal($("[itemprop=brand] [itemprop=name]").text(), listing.car.make);
});
