import assert from "node:assert/strict";
import { extract } from "../../supabase/functions/_shared/sources/registry.ts";
import { AUCTION_PAGES, corpusDir, corpusTest, MARKET_PAGES, pageOf } from "./folder.ts";
import { summary } from "./summary.ts";

const GOLDEN = new URL("./golden/", import.meta.url);
const PAGES = new URL("./pages/", import.meta.url);
const UPDATE = Deno.env.get("UPDATE_GOLDEN") === "1";

/**
 * An adapter whose output changes must raise its version: what older versions exhausted is then
 * read again. Kept beside each page is what its adapter gave; `UPDATE_GOLDEN=1` writes it anew, but
 * not where the version stayed the same.
 */
async function sameAsBefore(name: string, body: string, url: string): Promise<void> {
  const now = summary(
    extract(pageOf(body, url)),
  );
  const file = new URL(`${name.replaceAll("/", "-").replace(/\.(?:html|page)$/, "")}.json`, GOLDEN);
  const before = await Deno.readTextFile(file).then(JSON.parse, () => null) as
    | Record<string, unknown>
    | null;
  const text = JSON.stringify(now, null, 2) + "\n";
  if (UPDATE && before?.scraper !== now.scraper) return await Deno.writeTextFile(file, text);
  const advice = before?.scraper === now.scraper
    ? "the adapter's output changed but its version did not: raise it, then UPDATE_GOLDEN=1"
    : "a new version of the adapter: look at what changed, then UPDATE_GOLDEN=1";
  assert.deepEqual(now, before, advice);
}

for (const [file, url] of Object.entries({ ...AUCTION_PAGES, ...MARKET_PAGES })) {
  corpusTest(`${file} gives what it gave, or the adapter's version was raised`, async () => {
    await sameAsBefore(file, await Deno.readTextFile(`${corpusDir}/${file}`), url);
  });
}

/** Made-up pages in the ways in which sites mark up a car. */
const MADE_UP: Readonly<Record<string, string>> = {
  "dealer-json-ld.page":
    "https://www.smith-motors.example/used/2018-honda-odyssey-5FNRL6H72JB054602",
  "graph-and-similar-cars.page": "https://autohaus.example/gebraucht/porsche-911-1989/",
  "microdata.page": "https://classics.example/cars/1967-jaguar-e-type/",
  "several-cars.page": "https://cars.example/search?make=honda",
  "open-graph.page": "https://www.coastal-classics.example/vehicles/5521/1967-jaguar-e-type",
  "product-with-properties.page": "https://www.valley-auto.example/used/subaru-outback-1187/",
  "car-among-similar.page":
    "https://www.great-autos.example/cars-for-sale/vehicle/699142094?city=reno",
  "carscom-older.page": "https://www.cars.com/vehicledetail/5b1f/",
  "carsandbids-sold.page": "https://carsandbids.com/auctions/3abc/1999-bmw-m3-coupe",
  "ksl-listing.page": "https://cars.ksl.com/listing/10224357",
  "pcarmarket-unsold.page": "https://www.pcarmarket.com/auction/1988-porsche-911-carrera-coupe-7",
};
for (const [file, url] of Object.entries(MADE_UP)) {
  Deno.test(`${file} gives what it gave, or the adapter's version was raised`, async () => {
    await sameAsBefore(file, await Deno.readTextFile(new URL(file, PAGES)), url);
  });
}
