import assert from "node:assert/strict";
import { NO_MAPS, type ServingMaps } from "../../domain/serving_maps.ts";
import { learnTemplate } from "../../learning/induce.ts";
import { indexPage } from "../../learning/index/page_index.ts";
import { extract } from "../registry.ts";
import { learnNames } from "./names.ts";

const HOST = "bare.example";
const MODELS = [["BMW", "M3"], ["Porsche", "911"], ["Audi", "S4"], ["Ford", "Mustang"]] as const;

const carOf = (n: number) => {
  const [make, model] = MODELS[n % MODELS.length] ?? MODELS[0];
  return {
    year: 1990 + n,
    make,
    model,
    mileage: 20_000 + 1_713 * n,
    asking_price: 9_000 + 731 * n,
    color: `${["Red", "Blue", "Green"][n % 3]} Pearl ${n}`,
    currency: "USD",
  };
};

/** A page that no reader knows: labels of the site's own, and other cars beside. */
function pageOf(n: number, more: { heading?: string; head?: string; sum?: string } = {}) {
  const { year, make, model, mileage, asking_price, color } = carOf(n);
  const other = carOf(n + 50);
  const body = `<html><head><title>${HOST}</title>${more.head ?? ""}</head><body><main>
    <h1>${more.heading ?? `${year} ${make} ${model}`}</h1>
    <dl><dt>On the clock</dt><dd>${mileage.toLocaleString("en-US")} miles</dd>
    <dt>Our figure</dt><dd>${more.sum ?? `$${asking_price.toLocaleString("en-US")}`}</dd>
    <dt>Finish</dt><dd>${color}</dd></dl></main>
    <aside><h2>Others</h2><p>${other.year} ${other.make} ${other.model}, $${other.asking_price}</p></aside>
    </body></html>`;
  const fetchedAt = "2026-11-01T00:00:00.000Z";
  return { url: `https://${HOST}/${n}`, status: 200, contentType: "text/html", body, fetchedAt };
}

function mapsOf(count: number): ServingMaps {
  const pages = Array.from({ length: count }, (_, n) => indexPage(pageOf(n).body));
  const facts = pages.map((_, n) => carOf(n));
  const template = learnTemplate("template 1", pages, facts, {
    mileage: "number",
    asking_price: "money",
    color: "text",
  });
  return new Map([[HOST, [{
    id: "00000000-0000-4000-8000-000000000001",
    source: HOST,
    version: 3,
    fields: [
      "year",
      "make",
      "model",
      "mileage",
      "asking_price",
      "color",
      "currency",
      "sale_status",
    ],
    rules: {
      map: { version: 1, templates: [template] },
      names: learnNames(pages, facts),
      currency: "USD",
      replaces: [],
    },
  }]]]);
}

const valuesOf = (facts: object) =>
  Object.fromEntries(Object.entries(facts).map(([field, { value }]) => [field, value]));

Deno.test("a page that its adapter cannot read is read by the map of its source", () => {
  const page = pageOf(30);
  assert.equal(extract(page).outcome, "unreadable");
  const { outcome, facts, scraper } = extract(page, mapsOf(20));
  assert.equal(outcome, "listing");
  assert.deepEqual(valuesOf(facts), { ...carOf(30), sale_status: "for_sale" });
  assert.equal(facts.mileage?.way, "learned");
  assert.match(
    facts.mileage?.evidence ?? "",
    /^extraction map 3: label "on the clock" before "71390"/i,
  );
  assert.deepEqual(scraper, extract(page).scraper);
});

Deno.test("a map is as sure as the pages that were held out: few pages, less", () => {
  const [few, many] = [10, 30].map((count) => extract(pageOf(40), mapsOf(count)).facts.mileage);
  assert.ok((few?.confidence ?? 1) <= 0.75, `${few?.confidence}`);
  assert.ok((many?.confidence ?? 0) >= 0.85, `${many?.confidence}`);
});

Deno.test("half a vehicle is not read: where the heading names none, the page stays unreadable", () => {
  const { outcome, facts, reason } = extract(pageOf(30, { heading: "Our car" }), mapsOf(20));
  assert.equal(outcome, "unreadable");
  assert.deepEqual(facts, {});
  assert.match(reason, /; by extraction map 3 no year, no make, no model$/);
});

Deno.test("what an adapter reads stands, and the map adds what it lacks, but no second price", () => {
  const record = {
    "@context": "https://schema.org",
    "@type": "Car",
    name: "2020 Audi S4",
    vehicleModelDate: "2020",
    brand: "Audi",
    model: "S4",
    url: `https://${HOST}/30`,
    offers: { "@type": "Offer", price: 30_000, priceCurrency: "EUR" },
  };
  const head = `<script type="application/ld+json">${JSON.stringify(record)}</script>`;
  const page = pageOf(30, { heading: "2020 Audi S4", head });
  const alone = extract(page);
  assert.equal(alone.outcome, "listing");
  assert.equal(alone.facts.mileage, undefined);
  const { facts } = extract(page, mapsOf(20));
  assert.equal(facts.mileage?.value, 71_390);
  for (const [field, fact] of Object.entries(alone.facts)) {
    assert.deepEqual(facts[field as keyof typeof facts], fact);
  }
});

Deno.test("a page of another template, and of another source, is as if there were no map", () => {
  const other = { ...pageOf(30), body: "<html><body><table><tr><td>x</table></body></html>" };
  assert.deepEqual(extract(other, mapsOf(20)), extract(other));
  const elsewhere = { ...pageOf(30), url: "https://else.example/30" };
  assert.deepEqual(extract(elsewhere, mapsOf(20)), extract(elsewhere, NO_MAPS));
});

Deno.test("a sum that cannot be is not held surely, whoever reads it", () => {
  const { facts } = extract(pageOf(30, { sum: "$1" }), mapsOf(20));
  assert.ok((facts.asking_price?.confidence ?? 0) < 0.5, JSON.stringify(facts.asking_price));
});
