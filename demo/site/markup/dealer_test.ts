import { strict as assert } from "node:assert";
import { load } from "cheerio";
import { createCatalogue } from "../catalogue.ts";
import { DEFAULT_COUNTS } from "../hosts.ts";
import { renderListing } from "./index.ts";

const now = Date.UTC(2026, 10, 22);
const catalogue = createCatalogue({ seed: "demo", counts: DEFAULT_COUNTS, now });

Deno.test("dealer pages hold one vehicle in JSON-LD, some behind a damaged block", () => {
  let damaged = 0;
  for (const listing of [...catalogue.all()].filter((it) => it.markup === "json_ld")) {
    const $ = load(renderListing(listing, false));
    const blocks = $('script[type="application/ld+json"]').map((_, it) => $(it).text()).get();
    const vins = blocks.flatMap((block) => {
      try {
        JSON.parse(block);
        return block.match(/"vehicleIdentificationNumber":"([^"]+)"/)?.[1] ?? [];
      } catch {
        damaged++;
        return [];
      }
    });
    assert.deepEqual(vins, [listing.car.vin], listing.url);
  }
  assert.ok(damaged > 0);
});
