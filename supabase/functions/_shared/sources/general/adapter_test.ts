import assert from "node:assert/strict";
import { extraction as extractionSchema } from "../../domain/extraction.ts";
import { pageOf } from "../../domain/testing/page.ts";
import { extract } from "../registry.ts";

const URL_OF_CAR = "https://www.smith-motors.example/vehicle/123";
const WORDS = "<p>" + "Come and see this car at our showroom. ".repeat(40) + "</p>";

const CAR = {
  "@context": "https://schema.org",
  "@type": ["Product", "Car"],
  name: "Used 2018 Honda Odyssey EX-L",
  vehicleIdentificationNumber: "5FNRL6H72JB054602",
  brand: { "@type": "Brand", name: "Honda" },
  model: { name: "Odyssey" },
  vehicleModelDate: "2018",
  mileageFromOdometer: { "@type": "QuantitativeValue", value: "97,561", unitCode: "SMI" },
  color: "Gray",
  vehicleInteriorColor: "Black",
  vehicleEngine: { "@type": "EngineSpecification", name: "3.5L V6" },
  vehicleTransmission: "9-Speed Automatic",
  driveWheelConfiguration: "https://schema.org/FrontWheelDriveConfiguration",
  bodyType: "Minivan",
  image: [
    "/img/1.jpg",
    { "@type": "ImageObject", url: "https://cdn.example/2.jpg" },
    "/img/1.jpg",
    "data:image/gif;base64,R0",
  ],
  description: "One owner, serviced here since new, with two keys and a tow bar.",
  offers: {
    "@type": "Offer",
    price: "22288.00",
    priceCurrency: "USD",
    availability: "http://schema.org/InStock",
    seller: {
      name: "Smith Motors",
      address: { addressLocality: "Reno", addressRegion: "NV", streetAddress: "1 Main St" },
    },
  },
};

function carPage(blocks: unknown[], options: { head?: string; body?: string; url?: string } = {}) {
  const scripts = blocks.map((block) =>
    `<script type="application/ld+json">${
      typeof block === "string" ? block : JSON.stringify(block)
    }</script>`
  ).join("\n");
  const body = `<html><head>${
    options.head ?? "<title>2018 Honda Odyssey EX-L | Smith Motors</title>"
  }${scripts}</head><body>${options.body ?? WORDS}</body></html>`;
  return extract(pageOf(body, options.url ?? URL_OF_CAR));
}

const values = (extraction: ReturnType<typeof extract>) =>
  Object.fromEntries(Object.entries(extraction.facts).map(([field, fact]) => [field, fact.value]));

Deno.test("a car in JSON-LD gives every fact that it states, and its price as the asking price", () => {
  const extraction = carPage([CAR]);
  extractionSchema.parse(extraction);
  assert.equal(extraction.source, "smith-motors.example");
  assert.deepEqual(values(extraction), {
    year: 2018,
    make: "Honda",
    model: "Odyssey",
    trim: "EX-L",
    vin: "5FNRL6H72JB054602",
    mileage: 97_561,
    color: "Gray",
    interior_color: "Black",
    engine: "3.5L V6",
    transmission: "9-Speed Automatic",
    drivetrain: "FWD",
    body_style: "Minivan",
    description: "One owner, serviced here since new, with two keys and a tow bar.",
    seller_name: "Smith Motors",
    location: "Reno, NV",
    asking_price: 22_288,
    currency: "USD",
    sale_status: "for_sale",
  });
  assert.deepEqual(extraction.images, [
    "https://www.smith-motors.example/img/1.jpg",
    "https://cdn.example/2.jpg",
  ]);
  assert.ok((extraction.facts.vin?.confidence ?? 0) > 0.95);
  assert.equal(extraction.auction, null);
});

Deno.test("a car is found in a graph, in a page's main entity and in an offer", () => {
  const offered = { ...CAR, offers: undefined };
  const pages = [
    [{ "@graph": [{ "@type": "WebSite", name: "x" }, CAR] }],
    [{ "@type": "WebPage", mainEntity: CAR }],
    [{ "@type": "Offer", price: 22288, priceCurrency: "USD", itemOffered: offered }],
  ];
  for (const page of pages) {
    const { facts } = carPage(page);
    assert.deepEqual([facts.vin?.value, facts.asking_price?.value], ["5FNRL6H72JB054602", 22_288]);
  }
});

Deno.test("a damaged block of JSON-LD costs only itself", () => {
  const { facts } = carPage(['{"@type":"Car","name":"2018 Honda', "not json", CAR, ""]);
  assert.equal(facts.vin?.value, "5FNRL6H72JB054602");
});

Deno.test("raw line breaks and trailing commas in a block are borne", () => {
  const { facts } = carPage(['{"@type":"Car","name":"2018 Honda\n Odyssey","color":"Gray",}']);
  assert.deepEqual([facts.make?.value, facts.color?.value], ["Honda", "Gray"]);
});

Deno.test("kilometres are converted, and the unit comes from the code, the words or the currency", () => {
  const mileage = (mileageFromOdometer: unknown, priceCurrency = "USD") =>
    carPage([{ ...CAR, mileageFromOdometer, offers: { price: 9000, priceCurrency } }]).facts
      .mileage;
  assert.equal(mileage({ value: 100_000, unitCode: "KMT" })?.value, 62_137);
  assert.equal(mileage("100000 km")?.value, 62_137);
  assert.equal(mileage("31,000 miles")?.value, 31_000);
  assert.equal(mileage(31_000)?.value, 31_000);
  assert.equal(mileage({ value: 100_000 }, "EUR")?.value, 62_137);
  assert.ok((mileage({ value: 100_000 }, "EUR")?.confidence ?? 1) < 0.8);
  assert.equal(mileage({ value: 777_777 })?.value, undefined);
  assert.equal(mileage({ value: 0 })?.value, undefined);
});

Deno.test("a price that only lures or says 'call' is none", () => {
  const price = (price: unknown) =>
    carPage([{ ...CAR, offers: { price, priceCurrency: "USD" } }]).facts.asking_price?.value;
  assert.deepEqual(
    [price(1), price(0), price("Call"), price(12345), price(null)],
    Array(5).fill(undefined),
  );
  assert.equal(price("€ 12.500"), 12_500);
});

Deno.test("where a page sells by bids the sum in its markup is no price", () => {
  const auction = carPage([CAR], { body: `<p>Current bid: $22,288</p>${WORDS}` });
  assert.deepEqual([auction.facts.asking_price, auction.facts.sale_price], [undefined, undefined]);
  assert.equal(auction.facts.vin?.value, "5FNRL6H72JB054602");
});

Deno.test("several cars make an index, and nothing is read", () => {
  const other = {
    ...CAR,
    vehicleIdentificationNumber: "5FNRL6H73JB107159",
    name: "Used 2018 Honda Odyssey",
  };
  const index = carPage([CAR, other], { head: "<title>Used Honda for Sale</title>" });
  assert.equal(index.outcome, "not_a_listing");
  assert.match(index.reason, /index of 2/);
  assert.deepEqual(index.facts, {});
  const list = { "@type": "ItemList", itemListElement: [{ "@type": "ListItem", item: CAR }] };
  assert.equal(carPage([list], { head: "<title>Search</title>" }).outcome, "not_a_listing");
});

Deno.test("of several cars the page's own is read: by address, by its place, by the title", () => {
  const other = {
    ...CAR,
    vehicleIdentificationNumber: "5FNRL6H73JB107159",
    name: "2020 Ford Edge",
    url: "/other",
  };
  const vin = (extraction: ReturnType<typeof extract>) => extraction.facts.vin?.value;
  assert.equal(
    vin(carPage([{ ...CAR, url: `${URL_OF_CAR}/#car` }, other])),
    CAR.vehicleIdentificationNumber,
  );
  assert.equal(
    vin(
      carPage([CAR, {
        "@type": "ItemList",
        itemListElement: [other, { ...other, vehicleIdentificationNumber: "5FNRL6H76JB088543" }],
      }]),
    ),
    CAR.vehicleIdentificationNumber,
  );
  assert.equal(vin(carPage([other, CAR])), CAR.vehicleIdentificationNumber);
});

Deno.test("one car named twice is one car", () => {
  const { outcome, facts } = carPage([{ ...CAR, color: undefined }, { ...CAR, offers: undefined }]);
  assert.equal(outcome, "listing");
  assert.deepEqual([facts.color?.value, facts.asking_price?.value], ["Gray", 22_288]);
});

Deno.test("a car in microdata is read like one in JSON-LD", () => {
  const body =
    `<div itemscope itemtype="https://schema.org/Car"><h1 itemprop="name">2018 Honda Odyssey EX-L</h1>
    <span itemprop="brand" itemscope itemtype="https://schema.org/Brand"><b itemprop="name">Honda</b></span>
    <b itemprop="model">Odyssey</b><meta itemprop="vehicleModelDate" content="2018">
    VIN <span itemprop="vehicleIdentificationNumber">5FNRL6H72JB054602</span>
    <div itemprop="mileageFromOdometer" itemscope itemtype="https://schema.org/QuantitativeValue"><span itemprop="value">97,561</span><meta itemprop="unitCode" content="SMI"></div>
    <img itemprop="image" src="/a.jpg"><img itemprop="image" src="/b.jpg">
    <div itemprop="offers" itemscope itemtype="https://schema.org/Offer"><span itemprop="price" content="22288">$22,288</span><meta itemprop="priceCurrency" content="USD"></div>
  </div><p itemprop="color">Not of the car</p>${WORDS}`;
  const extraction = carPage([], { body });
  assert.equal(extraction.outcome, "listing");
  assert.deepEqual(values(extraction), {
    year: 2018,
    make: "Honda",
    model: "Odyssey",
    trim: "EX-L",
    vin: "5FNRL6H72JB054602",
    mileage: 97_561,
    asking_price: 22_288,
    currency: "USD",
    sale_status: "for_sale",
  });
  assert.equal(extraction.images.length, 2);
});

Deno.test("two places of a page that agree are surer than one, and two that differ less", () => {
  const year = (title: string) =>
    carPage([{ ...CAR, url: URL_OF_CAR }], { head: `<title>${title}</title>` }).facts.year
      ?.confidence ?? 0;
  const [agreeing, silent, differing] = [
    year("2018 Honda Odyssey"),
    year("Smith Motors"),
    year("2016 Honda Odyssey"),
  ];
  assert.ok(agreeing > silent && silent > differing, `${agreeing} ${silent} ${differing}`);
  assert.ok(differing < 0.9);
});

Deno.test("words that software writes for 'no value' are no values", () => {
  const { facts } = carPage([{
    ...CAR,
    color: "N/A",
    vehicleEngine: "[object Object]",
    bodyType: "Unknown",
    vehicleTransmission: "-",
  }]);
  assert.deepEqual(
    [facts.color, facts.engine, facts.body_style, facts.transmission],
    Array(4).fill(undefined),
  );
});

Deno.test("a VIN whose check digit is wrong is not sure", () => {
  const { facts } = carPage([{ ...CAR, vehicleIdentificationNumber: "5FNRL6H73JB054602" }]);
  assert.ok((facts.vin?.confidence ?? 1) < 0.5);
});

const PAGES_WITHOUT: Record<string, [string, string, RegExp]> = {
  "a page without markup": [
    `<title>2018 Honda Odyssey</title>${WORDS}`,
    URL_OF_CAR,
    /^unreadable no vehicle markup/,
  ],
  "a shell": [
    `<title>Cars</title><body><div id="root"></div><script src="/app.js"></script></body>`,
    URL_OF_CAR,
    /^unreadable .*needs a browser/,
  ],
  "a dealer's page of places": [
    `<title>Our Locations</title><script type="application/ld+json">{"@type":"AutoDealer","name":"Smith"}</script>${WORDS}`,
    "https://smith.example/locations.html",
    /^not_a_listing/,
  ],
  "a list at a dealer's address for lists": [
    `<title>Honda Civic</title>${WORDS}`,
    "https://www.smith-motors.example/classifieds/cars-for-sale/honda/civic",
    /^not_a_listing .*its address ends/,
  ],
  "a removed listing": [
    `<title>Smith Motors</title><body><h1>Sorry, this vehicle is no longer available</h1>${WORDS}</body>`,
    URL_OF_CAR,
    /^not_a_listing removed/,
  ],
  "an article about a car": [
    `<title>2018 Honda Odyssey review</title><script type="application/ld+json">{"@type":"NewsArticle","headline":"2018 Honda Odyssey"}</script>${WORDS}`,
    URL_OF_CAR,
    /^not_a_listing .*newsarticle/,
  ],
  "a product that is no vehicle": [
    `<title>Floor mats</title><script type="application/ld+json">{"@type":"Product","name":"2018 Honda Odyssey floor mats","offers":{"price":99}}</script>${WORDS}`,
    URL_OF_CAR,
    /^unreadable/,
  ],
  "a bot wall": [
    `<title>Just a moment...</title><script>window._cf_chl_opt={}</script>`,
    URL_OF_CAR,
    /^blocked Cloudflare/,
  ],
};
for (const [name, [body, url, expected]] of Object.entries(PAGES_WITHOUT)) {
  Deno.test(`nothing is read from ${name}`, () => {
    const { outcome, reason, facts, images } = extract(pageOf(`<html>${body}</html>`, url));
    assert.match(`${outcome} ${reason}`, expected);
    assert.deepEqual([facts, images], [{}, []]);
  });
}

Deno.test("a listing that says in its text that a part is no longer available is not removed", () => {
  const { outcome, reason } = extract(
    pageOf(`<html><title>x</title>${WORDS}The paint is no longer available.</html>`, URL_OF_CAR),
  );
  assert.equal(outcome, "unreadable", reason);
});
