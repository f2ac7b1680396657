import assert from "node:assert/strict";
import { pageOf } from "../../domain/testing/page.ts";
import { readIndex } from "../read_index.ts";

const KSL = "https://cars.ksl.com/search/make/Toyota";
const OLD_KSL = "https://www.ksl.com/auto/search/index?make=Toyota";

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
