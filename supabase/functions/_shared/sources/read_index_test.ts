import assert from "node:assert/strict";
import { pageOf } from "./bringatrailer/testing/page.ts";
import { readIndex } from "./read_index.ts";

const KSL = "https://cars.ksl.com/search/make/Toyota";
const OLD_KSL = "https://www.ksl.com/auto/search/index?make=Toyota";
const ANY = "https://cars.example/inventory";

const row = (listing: unknown) =>
  `<div class="listing js-listing-1" data-id="1" data-listing="${
    JSON.stringify(listing).replaceAll('"', "&quot;")
  }"><a href="/x">x</a></div>`;
const TACOMA = {
  price: 36_999,
  make: "Toyota",
  model: "Tacoma",
  makeYear: 2016,
  trim: "TRD Sport",
  mileage: 28_882,
  sellerType: "Dealership",
  id: 3_887_365,
};

Deno.test("a row of KSL is listed with the price asked; adverts around the list are not", () => {
  const advert = row({ ...TACOMA, id: 999_999 }).replace(
    "listing js-listing-1",
    "featured-listing-main",
  );
  const { outcome, entries } = readIndex(pageOf(advert + row(TACOMA) + row(TACOMA), OLD_KSL));
  assert.equal(outcome, "index");
  assert.deepEqual(entries, [{
    url: "https://www.ksl.com/auto/listing/3887365",
    source: "ksl",
    title: "2016 Toyota Tacoma TRD Sport",
    year: 2016,
    make: "Toyota",
    model: "Tacoma",
    price: 36_999,
    price_kind: "asking",
    currency: "USD",
    ends_at: null,
    ended: false,
    thumbnail_url: null,
    raw: { id: "3887365", mileage: "28882", seller_type: "Dealership" },
  }]);
});

Deno.test("listings in the page's data are read, at the addresses of the newer site", () => {
  const data = { page: "/search/[[...params]]", props: { results: { listings: [TACOMA] } } };
  const html = `<p>x</p><script id="__NEXT_DATA__" type="application/json">${
    JSON.stringify(data)
  }</script>`;
  assert.deepEqual(readIndex(pageOf(html, KSL)).entries.map(({ url }) => url), [
    "https://cars.ksl.com/listing/3887365",
  ]);
  const empty = html.replace(JSON.stringify([TACOMA]), "[]");
  assert.equal(readIndex(pageOf(empty, KSL)).outcome, "unreadable");
  const detail = "https://cars.ksl.com/listing/3887365";
  assert.equal(readIndex(pageOf(html, detail)).outcome, "not_an_index");
});

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

Deno.test("one car, cars without addresses of their own, and cars elsewhere are no index", () => {
  const elsewhere = { offers: { price: 1, url: "https://evil.example/1" } };
  assert.equal(marked([car(1)]).outcome, "not_an_index");
  assert.equal(marked([car(1, { offers: {} }), car(2, { offers: {} })]).outcome, "not_an_index");
  assert.equal(marked([car(1, elsewhere), car(2, elsewhere)]).outcome, "not_an_index");
  assert.equal(marked([]).outcome, "not_an_index");
});
