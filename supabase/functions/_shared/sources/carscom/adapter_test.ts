import assert from "node:assert/strict";
import { extraction as extractionSchema } from "../../domain/extraction.ts";
import { pageOf } from "../../domain/testing/page.ts";
import { extract } from "../registry.ts";

const URL_OF_CAR = "https://www.cars.com/vehicledetail/7a1b/";
const RECORD = {
  page_type: "shopping/vehicle-details",
  vin: "19XFC2F69LE000132",
  mileage: "41250",
  price: "18995",
  year: "2020",
  make: "Honda",
  model: "Civic",
  trim: "LX",
  exterior_color: "Blue",
  interior_color: "Gray",
  drivetrain: "Front-wheel Drive",
  bodystyle: "Sedan",
  dealer_name: "Bay Motors",
};

interface Parts {
  record: Record<string, unknown> | null;
  heading: string;
  offer: string;
  specs: string;
  rest: string;
}

function carPage(parts: Partial<Parts> = {}, url = URL_OF_CAR) {
  const all: Parts = {
    record: RECORD,
    heading: "Used 2020 Honda Civic LX",
    offer: `<div class="list-price fuse">$18,995</div><div class="msrp"> 41,250 mi </div>`,
    specs: `<div>VIN: 19XFC2F69LE000132 / Stock #: 1</div><ul><li>Blue exterior color</li>
      <li>2.0L I4 16V engine</li><li>Automatic CVT transmission</li><li>30-38 mpg</li></ul>`,
    rest: "",
    ...parts,
  };
  const record = all.record === null ? "" : JSON.stringify(all.record);
  return extract(pageOf(
    `<html><title>${all.heading}</title><body><div class="vdp-wrap" data-view-name="vehicle-detail">
    <fuse-gallery-grid id="gallery"><img slot="image" src="https://p.example/xxlarge/in/v2/a.jpg">
    <img slot="image" src="https://p.example/in/v2/stock_photos/b.jpg"></fuse-gallery-grid>
    <h1 id="vehicle-title" class="h">${all.heading}</h1>
    <section id="price-and-location">${all.offer}</section>
    <section id="features-and-specs">${all.specs}</section>
    <section id="dealers-info"><h3>Bay Motors</h3><div class="map-link"><a href="#">1 Main St, San Leandro, CA 94577</a></div></section>
    <p>Similar: <span class="price">$16,666</span> <span class="list-price">$1,666</span> ${all.rest}</p>
    ${
      record && `<script type="application/json" id="initial-activity-data">${record}</script>`
    }</body></html>`,
    url,
  ));
}

const values = ({ facts }: ReturnType<typeof extract>) =>
  Object.fromEntries(Object.entries(facts).map(([field, fact]) => [field, fact.value]));

Deno.test("a car's page gives what its record and its labels state", () => {
  const extraction = carPage();
  extractionSchema.parse(extraction);
  assert.deepEqual([extraction.source, extraction.scraper.name], ["carscom", "carscom_scraper"]);
  assert.deepEqual(values(extraction), {
    year: 2020,
    make: "Honda",
    model: "Civic",
    trim: "LX",
    vin: "19XFC2F69LE000132",
    mileage: 41_250,
    color: "Blue",
    interior_color: "Gray",
    body_style: "Sedan",
    drivetrain: "FWD",
    engine: "2.0L I4 16V",
    transmission: "Automatic CVT",
    asking_price: 18_995,
    currency: "USD",
    seller_name: "Bay Motors",
    location: "San Leandro, CA 94577",
    sale_status: "for_sale",
  });
  assert.deepEqual(extraction.images, ["https://p.example/xxlarge/in/v2/a.jpg"]);
});

Deno.test("record and label that agree are surer than either, and two that differ are not sure", () => {
  const price = (offer: string) => carPage({ offer }).facts.asking_price?.confidence ?? 0;
  const agreeing = price(`<div class="list-price">$18,995</div>`);
  const alone = price("");
  const differing = price(`<div class="list-price">$17,495</div>`);
  assert.ok(
    agreeing > alone && alone > 0.9 && differing < 0.9,
    `${agreeing} ${alone} ${differing}`,
  );
});

Deno.test("a car without a price has none, whatever other cars on the page cost", () => {
  for (const price of ["", null, "0", "Not Priced"]) {
    const { facts, absent } = carPage({ record: { ...RECORD, price }, offer: "Not Priced" });
    assert.equal(facts.asking_price, undefined);
    assert.ok(absent.includes("asking_price"));
  }
});

Deno.test("a page whose record is cut off or missing is unreadable, not half a car", () => {
  assert.match(carPage({ record: null }).reason, /cut off/);
  const empty = carPage({ record: { page_type: "x", vin: "" }, offer: "", specs: "" });
  assert.deepEqual([empty.outcome, empty.facts], ["unreadable", {}]);
  assert.match(empty.reason, /no vin or asking_price/);
});

Deno.test("the layout of before 2026 is read by its labels", () => {
  const extraction = extract(pageOf(
    `<html><h1 class="listing-title">Used 2018 Honda Odyssey EX-L</h1>
    <div class="listing-mileage">61,204 mi.</div><div class="price-section "><span class="primary-price" data-qa="primary-price">$22,995</span></div>
    <gallery-slides><img class="swipe-main-image" src="https://p.example/xxlarge/in/v2/1.jpg"></gallery-slides>
    <dl class="fancy-description-list"><dt>Exterior color</dt><dd> Modern Steel </dd><dt>Drivetrain</dt><dd>Front-wheel Drive</dd>
    <dt>Transmission</dt><dd>9-Speed Automatic</dd><dt>Engine</dt><dd>3.5L V6</dd><dt>VIN</dt><dd>5FNRL6H72JB054602</dd><dt>Interior color</dt><dd>–</dd></dl>
    <h3 class="heading seller-name">Smith Motors</h3><div class="dealer-address">1 Main St, Reno, NV 89501</div>
    <div class="vehicle-card"><span class="primary-price">$9,999</span></div></html>`,
    URL_OF_CAR,
  ));
  assert.deepEqual(values(extraction), {
    year: 2018,
    make: "Honda",
    model: "Odyssey EX-L",
    vin: "5FNRL6H72JB054602",
    mileage: 61_204,
    color: "Modern Steel",
    engine: "3.5L V6",
    transmission: "9-Speed Automatic",
    drivetrain: "FWD",
    asking_price: 22_995,
    currency: "USD",
    seller_name: "Smith Motors",
    location: "Reno, NV 89501",
    sale_status: "for_sale",
  });
  assert.equal(extraction.images.length, 1);
});

const OTHERS: Record<string, [string, RegExp]> = {
  "a page of search results": [
    `<title>Used Honda Civic for sale</title><div class="vehicle-card"><a href="/vehicledetail/1/">2020 Honda Civic</a><span class="primary-price">$1,999</span></div>${
      "Find cars. ".repeat(99)
    }`,
    /^not_a_listing an index/,
  ],
  "a listing that is gone": [
    `<title>Cars.com</title><h1>This vehicle is no longer available</h1>`,
    /^not_a_listing removed/,
  ],
  "a page that is something else": [
    `<title>Thoughts</title>${"Words on cars. ".repeat(99)}`,
    /^unreadable no vehicle/,
  ],
};
for (const [name, [body, expected]] of Object.entries(OTHERS)) {
  Deno.test(`nothing is read from ${name}`, () => {
    const { outcome, reason, facts, images } = extract(pageOf(`<html>${body}</html>`, URL_OF_CAR));
    assert.match(`${outcome} ${reason}`, expected);
    assert.deepEqual([facts, images], [{}, []]);
  });
}

Deno.test("a page with a vehicle's markup and none of the site's marks is read by its markup", () => {
  const car = {
    "@type": "Vehicle",
    name: "2020 Honda Civic Si",
    manufacturer: { name: "Honda" },
    model: { name: "Civic" },
    vehicleIdentificationNumber: "2HGFC3B36LH700123",
  };
  const { outcome, source, scraper, facts } = extract(pageOf(
    `<html><title>2020 Honda Civic Si</title><script type="application/ld+json">${
      JSON.stringify(car)
    }</script></html>`,
    URL_OF_CAR,
  ));
  assert.deepEqual([outcome, source, scraper.name], ["listing", "carscom", "carscom_scraper"]);
  assert.deepEqual([facts.make?.value, facts.model?.value], ["Honda", "Civic"]);
});

Deno.test("a vehicle that the page shows as no longer listed, or sold, is not for sale", () => {
  const status = (rest: string, heading = RECORDED) =>
    carPage({ heading, rest }).facts.sale_status?.value;
  assert.equal(status(""), "for_sale");
  assert.equal(
    status("", `${RECORDED}</h1><div class="notice">This vehicle is no longer listed</div><h1>`),
    undefined,
  );
  assert.equal(status("", `${RECORDED} <span>SOLD</span>`), "sold");
});
const RECORDED = "Used 2020 Honda Civic LX";
