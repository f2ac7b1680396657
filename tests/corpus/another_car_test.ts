/** However a page's markup names another car, and wherever: nothing of it becomes a fact of the page's own. */
import assert from "node:assert/strict";
import type { Page } from "../../supabase/functions/_shared/domain/page.ts";
import { isVehicle } from "../../supabase/functions/_shared/extraction/schema_org/vehicle_node.ts";
import {
  jsonLdBlocks,
  nodeText,
  placedNodes,
} from "../../supabase/functions/_shared/html/json_ld.ts";
import { extract } from "../../supabase/functions/_shared/sources/registry.ts";
import { casePage, readCases } from "./cases.ts";
import { random } from "./csv.ts";
import { corpusDir, corpusTest } from "./folder.ts";
import { MADE_UP, madeUpPage } from "./made_up.ts";

interface Car {
  name: string;
  url: string | null;
  vin: string;
  mileage: number;
  price: number;
}

/** A car without `url` states no address; nothing but the page's heading could make it the page's own. */
const SYNTAXES: Readonly<Record<string, (car: Car) => string>> = {
  "JSON-LD": ({ name, url, vin, mileage, price }) =>
    `<script type="application/ld+json">${
      JSON.stringify({
        "@context": "https://schema.org",
        "@type": "Car",
        name,
        ...(url === null ? {} : { url }),
        vehicleIdentificationNumber: vin,
        mileageFromOdometer: { "@type": "QuantitativeValue", value: mileage, unitCode: "SMI" },
        offers: { "@type": "Offer", price, priceCurrency: "USD" },
      })
    }</script>`,
  microdata: ({ name, url, vin, mileage, price }) =>
    `<div itemscope itemtype="https://schema.org/Car">${
      url === null ? "" : `<a itemprop="url" href="${url}"></a>`
    }<span itemprop="name">${name}</span>` +
    `<meta itemprop="vehicleIdentificationNumber" content="${vin}"><meta itemprop="mileageFromOdometer" content="${mileage}">` +
    `<div itemprop="offers" itemscope itemtype="https://schema.org/Offer"><meta itemprop="price" content="${price}">` +
    `<meta itemprop="priceCurrency" content="USD"></div></div>`,
  "Open Graph": ({ name, url, price }) =>
    `<meta property="og:title" content="${name} for sale">${
      url === null ? "" : `<meta property="og:url" content="${url}">`
    }` +
    `<meta property="product:price:amount" content="${price}"><meta property="product:price:currency" content="USD">`,
};

const CARS: readonly Car[] = [
  {
    name: "2015 Audi TT Roadster",
    url: "/vehicles/90210001/2015-audi-tt-roadster",
    vin: "TRUTC5FV6F1000001",
    mileage: 61_213,
    price: 19_517,
  },
  {
    name: "2011 Toyota Camry LE",
    url: "/inventory/90210002",
    vin: "4T4BF3EK7BR100001",
    mileage: 98_767,
    price: 11_391,
  },
];

/** The cars that the corpus' index of Autotrader marks up. */
function indexedCars(): Car[] {
  const file = `${corpusDir}/autotrader/search-honda-odyssey-2023.html`;
  const nodes = placedNodes(jsonLdBlocks(Deno.readTextFileSync(file)).blocks).filter(isVehicle);
  return nodes.slice(0, 6).map(({ node }, at) => ({
    name: nodeText(node.name) ?? "",
    url: nodeText(node.url) ?? "",
    vin: nodeText(node.vehicleIdentificationNumber) ?? "",
    mileage: 23_457 + at,
    price: 31_573 + at,
  })).filter(({ name, vin }) => name !== "" && vin.length === 17);
}

/** Where a block can stand: the head's end, the body's beginning and end, and somewhere between. */
function placesIn(html: string, next: () => number): number[] {
  const head = html.search(/<\/head/i);
  const body = html.search(/<body\b/i);
  const start = body < 0 ? -1 : html.indexOf(">", body) + 1;
  const end = html.search(/<\/body/i);
  const between = [
    ...html.slice(Math.max(start, 0)).matchAll(/<\/(?:p|section|ul|table|article)>/gi),
  ]
    .map((match) => Math.max(start, 0) + match.index + match[0].length);
  const inner = between[Math.floor(next() * between.length)] ?? -1;
  return [head, start, end, inner].filter((place) => place >= 0);
}

function assertNothingOf(car: Car, page: Page, before: ReturnType<typeof extract>, where: string) {
  const { facts } = extract(page);
  const values = Object.entries(facts).map(([field, fact]) => [field, String(fact.value)]);
  for (const taken of [car.vin, String(car.mileage), String(car.price)]) {
    const held = values.find(([, value]) => value === taken);
    assert.equal(held, undefined, `${where}: ${held?.join(" ")}`);
  }
  for (const field of ["year", "make", "model"] as const) {
    const [now, then] = [facts[field]?.value, before.facts[field]?.value];
    assert.ok(now === undefined || now === then, `${where}: ${field} ${now}, was ${then}`);
  }
}

function assertKeptApart(name: string, url: string, body: string, all: readonly Car[]) {
  const next = random(1);
  const page = (html: string): Page => ({
    url,
    status: 200,
    contentType: "text/html",
    body: html,
    fetchedAt: "2026-05-01T00:00:00Z",
  });
  const before = extract(page(body));
  // A page's own car is none of the others.
  const cars = all.filter(({ vin }) => !body.includes(vin));
  const addressed = cars.map((car) => ({
    ...car,
    url: car.url === null ? null : new URL(car.url, url).href,
  }));
  const [first] = addressed;
  // One of them once more, without an address.
  const others = first === undefined ? addressed : [...addressed, { ...first, url: null }];
  for (const related of others) {
    for (const [syntax, write] of Object.entries(SYNTAXES)) {
      for (const place of placesIn(body, next)) {
        const changed = body.slice(0, place) + write(related) + body.slice(place);
        assertNothingOf(
          related,
          page(changed),
          before,
          `${name}, ${related.name} as ${syntax} at ${place}`,
        );
      }
    }
  }
}

for (const [file, url] of Object.entries(MADE_UP)) {
  Deno.test(`another car in the markup gives ${file} nothing`, () =>
    assertKeptApart(file, url, madeUpPage(file), CARS));
}

for (const one of readCases().filter(({ mode }) => mode === "detail")) {
  Deno.test(`another car in the markup gives ${one.file} nothing`, () =>
    assertKeptApart(one.file, one.url, casePage(one).body, CARS));
}

corpusTest("another car in the markup gives no page of the corpus anything", () => {
  const cars = [...CARS, ...indexedCars()];
  assert.ok(cars.length > CARS.length, "the index marks cars up");
  const lines = Deno.readTextFileSync(`${corpusDir}/MANIFEST.tsv`).trim().split("\n").slice(1);
  for (const line of lines) {
    const [file = "", url = ""] = line.split("\t");
    if (!file.endsWith(".html") || file.startsWith("autotrader/")) continue;
    const site = URL.canParse(url) ? url : `https://www.${file.split("/")[0]}.com/listing/1/`;
    assertKeptApart(file, site, Deno.readTextFileSync(`${corpusDir}/${file}`), cars);
  }
});
