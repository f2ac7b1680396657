import assert from "node:assert/strict";
import { parseTitle } from "../../vehicle/title.ts";
import { addCards } from "./cards.ts";
import { IndexList } from "./list.ts";

const CARS = [["2015 Audi TT", "$19,500"], ["2019 Toyota Camry SE", "$22,990"], [
  "1982 Hoffmann Cabin",
  "$7,345",
]] as const;
const hrefOf = (at: number) => `/car/${1000 + at}`;

/** Reads a page whose results are drawn by `card`; the first `count` of them. */
function read(
  card: (name: string, price: string, at: number) => string,
  count: number = CARS.length,
) {
  const list = new IndexList({
    slug: "cars",
    listingUrl: (url) =>
      url.pathname.startsWith("/car/") ? `https://cars.example${url.pathname}` : null,
    imageHosts: ["cars.example"],
    readTitle: parseTitle,
  }, "https://cars.example/search");
  const cards = CARS.slice(0, count).map(([name, price], at) => card(name, price, at));
  addCards(
    list,
    `<header><a href="/">Cars</a></header><h1>Cars</h1><p>$20,000 and less</p><main>${
      cards.join("\n")
    }</main><footer>Deals from $199</footer>`,
    "USD",
  );
  return list.entries.map(({ url, title, price }) => [url.slice(-4), title, price]);
}

const ALL = [["1000", "2015 Audi TT", 19_500], ["1001", "2019 Toyota Camry SE", 22_990], [
  "1002",
  "1982 Hoffmann Cabin",
  7_345,
]];

Deno.test("a card's name and price are its own, wherever its links stand in it", () => {
  const link = (at: number, inner: string) => `<a href="${hrefOf(at)}">${inner}</a>`;
  const shapes: ((name: string, price: string, at: number) => string)[] = [
    (name, price, at) =>
      `<div><i>${link(at, `<img alt="${name}">`)}</i><b>${
        link(at, `<h2>Used ${name}</h2>`)
      }</b><p>${price}</p></div>`,
    (name, price, at) => `<li><b>${price}</b>${link(at, `<h2>${name}</h2>`)}</li>`,
    (name, price, at) => `<li><h2>${name}</h2><b>${price}</b><i>${link(at, "View")}</i></li>`,
    (name, price, at) =>
      `<a href="${
        hrefOf(at)
      }" aria-label="${name}"><div aria-label="Price ${price}">${price}</div></a>`,
  ];
  for (const shape of shapes) {
    assert.deepEqual(read(shape), ALL);
    assert.deepEqual(read(shape, 1), ALL.slice(0, 1));
  }
});

Deno.test("of a card's sums only the one that is asked counts, and none of two", () => {
  const priced = (sums: (price: string) => string) =>
    read((name, price, at) => `<li><a href="${hrefOf(at)}"><h2>${name}</h2></a>${sums(price)}</li>`)
      .map(([, , price]) => price);
  const asked = [19_500, 22_990, 7_345];
  assert.deepEqual(
    priced((price) => `<s>$35,000</s> Was $30,000 <b>${price}</b> Est. $399/mo $500 price drop`),
    asked,
  );
  assert.deepEqual(priced((price) => `<b>${price}</b> <b>$31,000</b>`), [null, null, null]);
});

Deno.test("what stands between cards belongs to none", () => {
  const drawn = read((name, _price, at) =>
    `<li><a href="${hrefOf(at)}"><h2>${name}</h2></a></li><li class="ad">Finance it: $9,999</li>`
  );
  assert.deepEqual(drawn.map(([, , price]) => price), [null, null, null]);
});
