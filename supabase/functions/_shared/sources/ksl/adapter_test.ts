import assert from "node:assert/strict";
import { extraction as extractionSchema } from "../../domain/extraction.ts";
import { pageOf } from "../../domain/testing/page.ts";
import { extract } from "../registry.ts";

const URL_OF_CAR = "https://cars.ksl.com/listing/10224357";
const LISTING: Record<string, unknown> = {
  id: 10_224_357,
  title: "1973 Chevrolet C30",
  price: 9500,
  make: "Chevrolet",
  model: "C30",
  makeYear: 1973,
  trim: "Not Specified",
  mileage: 58_035,
  vin: "CCY333S128408",
  body: "Truck",
  transmission: "Automatic",
  drive: "2-Wheel Drive",
  paint: ["White", "Blue"],
  upholstery: "Other",
  liter: "5.7L",
  cylinders: 8,
  sellerType: "For Sale By Owner",
  firstName: "Colby",
  location: { city: "Ogden", state: "UT", zip: "84401" },
  description: "Runs well & drives.\nNew tires all around.",
  photo: [
    '{"id":"https://image.ksldigital.com/a.jpg?filter=ksl/640x480","desc":""}',
    { url: "//image.ksldigital.com/b.jpg" },
  ],
  status: "Active",
};
const OTHER = { ...LISTING, id: 999, vin: "1GCEK14L9EJ147915", price: 1 };

function nextPage(state: unknown, url = URL_OF_CAR, rest = "") {
  const data = { props: { pageProps: { initialReduxState: state } }, page: "/listing/[id]" };
  return extract(pageOf(
    `<html><title>KSL Cars</title><div id="__next"><p>${"A car. ".repeat(150)}</p></div>${rest}
    <script id="__NEXT_DATA__" type="application/json">${JSON.stringify(data)}</script></html>`,
    url,
  ));
}
const values = ({ facts }: ReturnType<typeof extract>) =>
  Object.fromEntries(Object.entries(facts).map(([field, fact]) => [field, fact.value]));

const EXPECTED = {
  year: 1973,
  make: "Chevrolet",
  model: "C30",
  vin: "CCY333S128408",
  mileage: 58_035,
  color: "White, Blue",
  transmission: "Automatic",
  body_style: "Truck",
  engine: "5.7L 8-Cylinder",
  drivetrain: "2-Wheel Drive",
  description: "Runs well & drives.\n\nNew tires all around.",
  asking_price: 9_500,
  currency: "USD",
  sale_status: "for_sale",
  seller_name: "Colby",
  location: "Ogden, UT 84401",
};

Deno.test("a listing in the page's data gives what it states, a short VIN as it is written", () => {
  const extraction = nextPage({
    vdp: { listing: LISTING, recommendationCarousel: [OTHER] },
    search: { listings: [] },
  });
  extractionSchema.parse(extraction);
  assert.deepEqual([extraction.source, extraction.scraper.name], ["ksl", "ksl_scraper"]);
  assert.deepEqual(values(extraction), EXPECTED);
  assert.deepEqual(extraction.images, [
    "https://image.ksldigital.com/a.jpg",
    "https://image.ksldigital.com/b.jpg",
  ]);
});

Deno.test("a private seller named by one word counts 0.3, a dealer's name in full", () => {
  const seller = (changes: Record<string, unknown>) =>
    nextPage({ vdp: { listing: { ...LISTING, ...changes } } }).facts.seller_name;
  assert.equal(seller({})?.confidence, 0.3);
  assert.ok((seller({ firstName: "Colby Smith" })?.confidence ?? 0) > 0.9);
  const dealer = seller({ dealer: { name: "Fiuza" }, sellerType: "Dealership" });
  assert.deepEqual([dealer?.value, (dealer?.confidence ?? 0) > 0.9], ["Fiuza", true]);
});

Deno.test("a listing streamed by Next.js is found by the number of its address", () => {
  const row = `7:["$","div",null,{"data":${JSON.stringify({ a: OTHER, b: LISTING })}}]\n`;
  const extraction = extract(pageOf(
    `<html><title>KSL</title><script>self.__next_f.push([1,${
      JSON.stringify(row.slice(0, 99))
    }])</script>
    <script>self.__next_f.push([1,${JSON.stringify(row.slice(99))}])</script></html>`,
    URL_OF_CAR,
  ));
  assert.deepEqual(values(extraction), EXPECTED);
});

Deno.test("a listing in an older page's attribute is found by the number of its address", () => {
  const attribute = (listing: unknown) =>
    `<div data-listing="${JSON.stringify(listing).replaceAll('"', "&quot;")}"></div>`;
  const { facts } = extract(pageOf(
    `<html>${attribute(OTHER)}${attribute(LISTING)}</html>`,
    "https://www.ksl.com/auto/listing/10224357",
  ));
  assert.deepEqual([facts.vin?.value, facts.asking_price?.value], ["CCY333S128408", 9_500]);
});

Deno.test("the VIN of the one link to CARFAX confirms or fills, links to several cars say nothing", () => {
  const link = (vin: string) =>
    `<a href="http://www.carfax.com/cfm/check_order.cfm?partner=KSN_2&amp;VIN=${vin}">x</a>`;
  const state = { vdp: { listing: { ...LISTING, makeYear: 1984, vin: null } } };
  const vin = (rest: string) => nextPage(state, URL_OF_CAR, rest).facts.vin?.value;
  assert.equal(vin(link("1GCEK14L9EJ147915")), "1GCEK14L9EJ147915");
  assert.equal(vin(link("1GCEK14L9EJ147915") + link("CCY333S128408")), undefined);
  assert.deepEqual(nextPage(state).absent, ["vin"]);
});

Deno.test("a car without mileage has none, and a bait price is no price", () => {
  const { facts } = nextPage({ vdp: { listing: { ...LISTING, mileage: 0, price: 1 } } });
  assert.deepEqual([facts.mileage, facts.asking_price], [undefined, undefined]);
});

Deno.test("a sold car is said to be sold, and what was asked for it is less sure", () => {
  const { facts } = nextPage({ vdp: { listing: { ...LISTING, newUsed: "Sold" } } });
  assert.equal(facts.sale_status?.value, "sold");
  assert.ok((facts.asking_price?.confidence ?? 1) < 0.9);
  assert.equal(facts.sale_price, undefined);
});

const ENDED: [string, Record<string, unknown>][] = [
  ["expired", { status: "Expired" }],
  ["inactive", { status: "INACTIVE" }],
  ["deleted", { status: "deleted" }],
  ["pending", { status: "salePending" }],
  ["pending by a flag", { salePending: true }],
  ["no longer active", { active: false }],
  ["pending in its title", { title: "1973 Chevrolet C30 - sale pending" }],
  ["of a status that is not known", { status: "Moderated" }],
];
for (const [name, more] of ENDED) {
  Deno.test(`a listing that is ${name} keeps its car, and is no longer for sale`, () => {
    const { outcome, facts, retractions } = nextPage({ vdp: { listing: { ...LISTING, ...more } } });
    assert.deepEqual([outcome, facts.vin?.value], ["listing", "CCY333S128408"]);
    assert.equal(facts.sale_status, undefined);
    assert.ok(retractions.sale_status, "what is held must go");
  });
}

Deno.test("a listing is for sale where its status says so or says nothing", () => {
  const { status: _status, ...unstated } = LISTING;
  for (const listing of [LISTING, unstated, { ...LISTING, description: "I sold the other one." }]) {
    const { facts, retractions } = nextPage({ vdp: { listing } });
    assert.deepEqual([facts.sale_status?.value, retractions], ["for_sale", {}]);
  }
});

Deno.test("a page without the site's data is read by its markup, under the site's name", () => {
  const car = {
    "@type": "Car",
    name: "2018 Honda Odyssey",
    vehicleIdentificationNumber: "5FNRL6H72JB054602",
  };
  const { source, scraper, facts } = extract(pageOf(
    `<html><title>2018 Honda Odyssey</title><script type="application/ld+json">${
      JSON.stringify(car)
    }</script></html>`,
    URL_OF_CAR,
  ));
  assert.deepEqual([source, scraper.name, facts.vin?.value], [
    "ksl",
    "ksl_scraper",
    "5FNRL6H72JB054602",
  ]);
});

const OTHERS: Record<string, [unknown, string, RegExp]> = {
  "an empty index": [
    { vdp: { listing: { isFavorited: false } }, search: { listings: [] } },
    "https://cars.ksl.com/search/newused",
    /^not_a_listing an index/,
  ],
  "an index of several cars": [
    { search: { listings: [LISTING, OTHER] } },
    "https://cars.ksl.com/search/make/Chevrolet",
    /^not_a_listing an index of 2/,
  ],
  "a listing's page that holds other cars only": [
    { vdp: { listing: {}, recommendationCarousel: [OTHER, { ...OTHER, id: 998 }] } },
    URL_OF_CAR,
    /^unreadable no listing's data/,
  ],
  "a listing that names no model": [
    { vdp: { listing: { ...LISTING, model: null, title: null } } },
    URL_OF_CAR,
    /^unreadable .*no model/,
  ],
};
for (const [name, [state, url, expected]] of Object.entries(OTHERS)) {
  Deno.test(`nothing is read from ${name}`, () => {
    const { outcome, reason, facts, images } = nextPage(state, url);
    assert.match(`${outcome} ${reason}`, expected);
    assert.deepEqual([facts, images], [{}, []]);
  });
}

Deno.test("the wall in front of the site is blocked", () => {
  const { outcome, reason } = extract(pageOf(
    `<html><title>Access to this page has been denied.</title><div id="px-captcha"></div></html>`,
    URL_OF_CAR,
  ));
  assert.match(`${outcome} ${reason}`, /^blocked PerimeterX/);
});
