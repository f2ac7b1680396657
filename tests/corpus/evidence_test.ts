/** The evidence of each fact holds the words of this value, as the page writes it. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { createCatalogue } from "../../demo/site/catalogue.ts";
import { HOSTS } from "../../demo/site/hosts.ts";
import { renderListing } from "../../demo/site/markup/index.ts";
import { truthOf } from "../../demo/site/truth.ts";
import type { Fact, FieldName } from "../../supabase/functions/_shared/domain/fact.ts";
import type { Page } from "../../supabase/functions/_shared/domain/page.ts";
import { decodeEntities } from "../../supabase/functions/_shared/html/entities.ts";
import { extract } from "../../supabase/functions/_shared/sources/registry.ts";
import { casePage, readCases } from "./cases.ts";
import { holds, tokens } from "./evidence.ts";
import { corpusDir, corpusTest, pageOf } from "./folder.ts";
import { MADE_UP, madeUpPage } from "./made_up.ts";

interface Stated {
  field: FieldName;
  fact: Fact;
}

function statedOn(page: Page): Stated[] {
  return Object.entries(extract(page).facts).map(([field, fact]) => ({
    field: field as FieldName,
    fact,
  }));
}

function faultsOf(page: Page, stated = statedOn(page)): string[] {
  return stated.filter(({ field, fact }) => !holds(field, fact.value, fact.evidence))
    .map(({ field, fact }) => `${field} ${fact.value} is not in: ${fact.evidence}`);
}

/** Codes that one site's data writes in place of these words. */
const CODED = /^JSON (?:drivetrain|transmission|body_style) "/;

/** Quoted words that stand nowhere on the page: evidence must be no invention. */
function inventedOn(page: Page, stated: readonly Stated[]): string[] {
  const text = decodeEntities(decodeEntities(page.body))
    .replace(/\\u([\da-f]{4})/gi, (_, code) => String.fromCharCode(Number.parseInt(code, 16)))
    .replace(/\\[nrt]/g, " ");
  const words = new Set(tokens(`${text} ${text.replace(/<[^<>]*>/g, "")} ${page.url}`));
  const isEnd = (part: string) => [...words].some((word) => word.endsWith(part));
  return stated.flatMap(({ field, fact: { evidence } }) =>
    evidence.split("; ").filter((place) => !CODED.test(place) && !place.includes("{")).flatMap((
      place,
    ) =>
      [...place.matchAll(/"([^"]*)"/g)].flatMap(([, quote = ""]) =>
        // What is cut out of a text may begin and end within a word.
        tokens(quote).slice(0, -1).filter((word, at) =>
          !words.has(word) && (at > 0 || !isEnd(word))
        )
          .map((word) => `${field}: "${word}" of "${quote}" stands nowhere`)
      )
    )
  );
}

function assertHeld(name: string, page: Page): number {
  const stated = statedOn(page);
  assert.deepEqual([...faultsOf(page, stated), ...inventedOn(page, stated)], [], name);
  return stated.length;
}

for (const [file, url] of Object.entries(MADE_UP)) {
  Deno.test(`the evidence of each fact of ${file} holds its value`, () => {
    assertHeld(file, pageOf(madeUpPage(file), url));
  });
}

Deno.test("the evidence of each fact of the small cases holds its value", () => {
  const counts = readCases().filter(({ mode }) => mode === "detail")
    .map((one) => assertHeld(one.file, casePage(one)));
  assert.ok(counts.reduce((sum, count) => sum + count, 0) > 500);
});

Deno.test("the evidence of each fact of the demo's pages holds its value", () => {
  const counts = Object.fromEntries(HOSTS.map(({ host }) => [host, 40]));
  const catalogue = createCatalogue({ seed: "evidence", counts, now: Date.UTC(2026, 3, 1) });
  let facts = 0;
  for (const listing of catalogue.all()) {
    const page = pageOf(renderListing(listing, false), listing.url);
    facts += assertHeld(listing.url, page);
    for (const [field, fact] of Object.entries(extract(page).facts)) {
      const truth = Object.entries(truthOf(listing).facts).find(([name]) => name === field)?.[1];
      if (typeof truth === "number" && truth === fact.value) {
        assert.ok(holds(field as FieldName, truth, fact.evidence), `${listing.url} ${field}`);
      }
    }
  }
  assert.ok(facts > 1_000, `${facts} facts`);
});

corpusTest("the evidence of each fact of the corpus' pages holds its value", () => {
  let facts = 0;
  for (
    const line of Deno.readTextFileSync(`${corpusDir}/MANIFEST.tsv`).trim().split("\n").slice(1)
  ) {
    const [file = "", url = ""] = line.split("\t");
    if (!file.endsWith(".html")) continue;
    const address = URL.canParse(url)
      ? url
      : `https://${file.split("/")[0]}.com/auctions/KV0vnYqQ/x`;
    facts += assertHeld(file, pageOf(Deno.readTextFileSync(`${corpusDir}/${file}`), address));
  }
  assert.ok(facts > 1_500, `${facts} facts`);
});

/** How sites write whole numbers, by the sign between thousands. */
const SIGNS = [",", ".", " ", "\u00a0", "\u202f", "’", "'", ""];
const grouped = (amount: number, sign: string) =>
  String(amount).replace(/\B(?=(?:\d{3})+$)/g, sign);

Deno.test("a sum and a mileage in any form of number are held, and another number is not", () => {
  fc.assert(fc.property(
    fc.integer({ min: 10_001, max: 899_999 }),
    fc.integer({ min: 10_001, max: 299_999 }),
    fc.constantFrom(...SIGNS),
    fc.constantFrom("EUR", "CHF", "SEK", "USD"),
    fc.constantFrom("km", "mi", "miles", "Kilometer"),
    (price, distance, sign, currency, unit) => {
      const car = {
        "@context": "https://schema.org",
        "@type": "Car",
        name: "1990 Porsche 944 S2",
        url: "https://www.cars-example.com/stock/1",
        vehicleModelDate: "1990",
        brand: "Porsche",
        model: "944 S2",
        mileageFromOdometer: `${grouped(distance, sign)} ${unit}`,
        offers: {
          "@type": "Offer",
          price: `${grouped(price, sign)} ${currency}`,
          priceCurrency: currency,
        },
      };
      const page = pageOf(
        `<html><head><title>${car.name}</title><script type="application/ld+json">${
          JSON.stringify(car)
        }</script></head><body><h1>${car.name}</h1></body></html>`,
        car.url,
      );
      const stated = statedOn(page);
      assert.deepEqual(faultsOf(page, stated), []);
      for (const { field, fact } of stated) {
        if (typeof fact.value !== "number") continue;
        const other = field === "year" ? fact.value + 7 : fact.value * 3 + 7;
        assert.ok(!holds(field, other, fact.evidence), `${field} ${other}: ${fact.evidence}`);
      }
    },
  ));
});

const HELD: readonly [FieldName, string | number, string][] = [
  ["mileage", 55_000, 'detail "55k Miles"'],
  ["mileage", 140_000, 'text "140xxx miles"'],
  ["mileage", 33_554, 'detail "54k Kilometers"'],
  ["high_bid", 51_000, 'record: "bid to $51,000 on 3/4/25"'],
  ["asking_price", 85_000, 'price "85.000 €"'],
  ["sale_date", "2025-03-05", 'record: "Sold on 3/5/25 for $55,000.00 to x1"'],
  ["sale_status", "withdrawn", 'line: "Withdrawn on 3/4/25"'],
  ["make", "Volkswagen", 'title "1971 VW Bug"'],
  ["make", "Ford", 'title "04 Mustang GT"'],
  ["model", "2500 Laramie", 'title "RAM 2500 Larime"'],
  ["drivetrain", "RWD", 'driveWheelConfiguration "https://schema.org/RearWheelDriveConfiguration"'],
  ["currency", "EUR", 'price "85.000 €"'],
  ["vin", "1GNERGKW5MJ100001", 'VIN "1GNERGKW5MJ1OOOO1" (a letter O, Q or I read as a digit)'],
];
const NOT_HELD: readonly [FieldName, string | number, string][] = [
  ["high_bid", 51_000, 'record: "Sold on 3/5/25 for $55,000.00"'],
  ["mileage", 55_000, 'detail "5,500 Miles"'],
  ["mileage", 61_000, 'detail "72k Miles"; but title "61k-Mile"'],
  ["sale_status", "sold", 'line: "Withdrawn on 3/4/25"'],
  ["sale_date", "2025-03-04", 'record: "Sold on 3/5/25"'],
  ["make", "Mercury", 'title "2007 Keystone Passport"'],
  ["currency", "EUR", 'price "$85,000"'],
  ["color", "Blue", "linked data color"],
  ["year", 1989, 'title "1998 BMW M3"'],
];
Deno.test("words hold a value in the forms in which pages write it, and no other", () => {
  for (const [field, value, words] of HELD) assert.ok(holds(field, value, words), `${value}`);
  for (const [field, value, words] of NOT_HELD) assert.ok(!holds(field, value, words), `${value}`);
});
