import assert from "node:assert/strict";
import { apply } from "../../supabase/functions/_shared/learning/apply.ts";
import { induce } from "../../supabase/functions/_shared/learning/induce.ts";
import { extract } from "../../supabase/functions/_shared/sources/registry.ts";
import { listingOf } from "../fill/sites/listing.ts";
import { fillPage } from "../fill/sites/pages.ts";
import { FILL_SITES } from "../fill/sites/plan.ts";

const PAGES = 100;
const LEARNED = 20;
/** What a page without its markup still shows, by how it was marked up: a dealer's facts stand in JSON-LD. */
const SHOWN = {
  json_ld: "year make model mileage color interior_color engine transmission location".split(" "),
  microdata:
    "year make model vin mileage color interior_color engine transmission drivetrain body_style asking_price"
      .split(" "),
};

const withoutMarkup = (html: string): string =>
  html.replace(/<script type="application\/ld\+json">[\s\S]*?<\/script>/g, "")
    .replace(/ item(?:scope|prop|type)(?:="[^"]*")?/g, "");

/** A prototype read this much of classifieds without labels. */
const PROTOTYPE_RECALL = 0.53;

for (const [host, least] of [["autohalle.example", 0.7], ["harbour-cars.example", 0.95]] as const) {
  const site = FILL_SITES.find((one) => one.host === host);
  assert.ok(site);
  const shown = SHOWN[site.markup === "json_ld" ? "json_ld" : "microdata"];

  Deno.test(`pages of ${host} without schema.org are read by what twenty of them teach`, () => {
    const numbers = Array.from({ length: PAGES }, (_, n) => n);
    const bodies = numbers.map((n) => fillPage(site, n, 0));
    const held = numbers.map((n) => {
      const { facts } = extract({
        url: listingOf(site, n).url,
        status: 200,
        contentType: "text/html",
        body: bodies[n] ?? "",
        fetchedAt: "2026-01-01T00:00:00Z",
      });
      const values = new Map<string, { value: string | number }>(Object.entries(facts));
      return Object.fromEntries(shown.map((field) => [field, values.get(field)?.value ?? null]));
    });
    const pages = bodies.map(withoutMarkup);
    const map = induce(pages.slice(0, LEARNED), held.slice(0, LEARNED));
    let [stated, right] = [0, 0];
    const wrong: string[] = [];
    for (const [n, page] of pages.entries()) {
      if (n < LEARNED) continue;
      const read = apply(map, page);
      for (const [field, value] of Object.entries(held[n] ?? {})) {
        if (value !== null) stated++;
        const got = read[field]?.value;
        if (got === undefined) continue;
        if (String(got).toLowerCase() === String(value).toLowerCase()) right++;
        else wrong.push(`${field} "${got}", not "${value}"`);
      }
    }
    assert.deepEqual(wrong, []);
    assert.ok(right / stated >= Math.max(least, PROTOTYPE_RECALL), `${right} of ${stated}`);
  });
}
