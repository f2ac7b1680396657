import assert from "node:assert/strict";
import { pageOf } from "../domain/testing/page.ts";
import { readIndex } from "./read_index.ts";

const ANY = "https://cars.example/inventory";

const car = (at: number, parts: Record<string, unknown> = {}) => ({
  "@context": "http://schema.org/",
  "@type": ["Product", "Car"],
  name: `Used 2020 Honda Odyssey EX-L`,
  vehicleIdentificationNumber: `5FNRL6H73LB04632${at}`,
  image: "https://images.cars.example/a.jpg",
  offers: { priceCurrency: "EUR", price: 23_000 + at, url: `https://cars.example/car?id=${at}` },
  brand: { name: { code: "HONDA", name: "Honda" } },
  model: { code: "ODYSSEY", name: "Odyssey" },
  productionDate: 2020,
  ...parts,
});
const marked = (cars: unknown[], extra = "") =>
  readIndex(pageOf(
    `<title>Used Cars</title>${
      cars.map((one) => `<script type="application/ld+json">${JSON.stringify(one)}</script>`).join(
        "",
      )
    }${extra}`,
    ANY,
  ));

Deno.test("a list that a site marks up is read, each car once by address and by number", () => {
  const { outcome, entries } = marked(
    [car(1), car(2), car(2), car(1, { url: "https://cars.example/car?id=9" })],
    `<script type="application/ld+json">{"@type":"Car",</script>`,
  );
  assert.equal(outcome, "index");
  assert.deepEqual(
    entries.map((one) => [one.url, one.title, one.year, one.make, one.price, one.currency]),
    [1, 2].map((at) => [
      `https://cars.example/car?id=${at}`,
      "2020 Honda Odyssey EX-L",
      2020,
      "Honda",
      23_000 + at,
      "EUR",
    ]),
  );
  assert.equal(entries[0]?.source, "cars.example");
});

Deno.test("a sum that may not be the price is an entry's unsure one", () => {
  const least = { "@type": "AggregateOffer", lowPrice: 21_000, priceCurrency: "EUR" };
  const [sure, unsure] = marked([
    car(1),
    car(2, { offers: { ...least, url: "https://cars.example/car?id=2" } }),
  ]).entries;
  assert.deepEqual([sure?.price, sure?.raw.unsure_price], [23_001, undefined]);
  assert.deepEqual([unsure?.price, unsure?.raw.unsure_price], [null, 21_000]);
});

Deno.test("a list of one car names it, by what the page calls itself", () => {
  const { outcome, entries } = marked([car(1)]);
  assert.deepEqual([outcome, entries.map(({ url }) => url)], ["index", [
    "https://cars.example/car?id=1",
  ]]);
});

Deno.test("a related car, cars without addresses of their own, and cars elsewhere are no index", () => {
  const elsewhere = { offers: { price: 1, url: "https://evil.example/1" } };
  const detail =
    `<title>1966 Chevrolet Malibu</title><h1>1966 Chevrolet Malibu</h1><script type="application/ld+json">${
      JSON.stringify(car(1))
    }</script>`;
  assert.equal(readIndex(pageOf(detail, "https://cars.example/car?id=7")).outcome, "not_an_index");
  assert.equal(marked([car(1, { offers: {} }), car(2, { offers: {} })]).outcome, "not_an_index");
  assert.equal(marked([car(1, elsewhere), car(2, elsewhere)]).outcome, "not_an_index");
  assert.equal(marked([]).outcome, "not_an_index");
});
