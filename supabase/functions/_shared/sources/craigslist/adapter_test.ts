import assert from "node:assert/strict";
import { extraction as extractionSchema } from "../../domain/extraction.ts";
import { pageOf } from "../../domain/testing/page.ts";
import { extract } from "../registry.ts";
import { post2021, post2026, type PostParts, URL_2021 } from "./testing/page.ts";

const values = (extraction: ReturnType<typeof extract>) =>
  Object.fromEntries(Object.entries(extraction.facts).map(([field, fact]) => [field, fact.value]));
const verdict = (extraction: ReturnType<typeof extract>) =>
  `${extraction.outcome} ${extraction.reason}`;

const PARTS: PostParts = {
  rows: {
    "VIN": "3VWRM71K88M027036",
    "condition": "good",
    "cylinders": "5 cylinders",
    "drive": "fwd",
    "fuel": "gas",
    "odometer": "231850",
    "paint color": "black",
    "title status": "clean",
    "transmission": "manual",
    "type": "sedan",
  },
};
const SAID = {
  year: 2008,
  make: "Volkswagen",
  model: "Jetta SE",
  trim: "SE",
  vin: "3VWRM71K88M027036",
  mileage: 231_850,
  color: "black",
  engine: "5 cylinders",
  transmission: "manual",
  drivetrain: "FWD",
  body_style: "sedan",
  asking_price: 2_000,
  currency: "USD",
  sale_status: "for_sale",
  seller_name: "owner",
  location: "Abbeville",
  description: "Just replaced the rear brakes. Runs well.\n\nCall after five.",
};

for (const [layout, make] of Object.entries({ "2021": post2021, "2026": post2026 })) {
  Deno.test(`a post in the layout of ${layout} gives every fact that it states`, () => {
    const extraction = extract(make(PARTS));
    extractionSchema.parse(extraction);
    assert.equal(extraction.outcome, "listing");
    assert.deepEqual([extraction.source, extraction.scraper.name], [
      "craigslist",
      "craigslist_scraper",
    ]);
    assert.deepEqual(values(extraction), SAID);
    assert.deepEqual(extraction.absent, []);
    assert.equal(extraction.images.length, 2);
  });

  Deno.test(`rows that a seller leaves out of a form of ${layout} are absent, not invented`, () => {
    const extraction = extract(
      make({ rows: {}, price: null, product: {}, body: "Runs." } as PostParts),
    );
    assert.deepEqual(extraction.absent, [
      "vin",
      "mileage",
      "color",
      "engine",
      "transmission",
      "drivetrain",
      "asking_price",
    ]);
    for (const field of extraction.absent) assert.equal(extraction.facts[field], undefined);
    assert.equal(extraction.facts.currency, undefined);
  });

  Deno.test(`a dealer's post of ${layout} is a dealer's`, () => {
    assert.equal(extract(make({ seller: "dealer" })).facts.seller_name?.value, "dealer");
  });
}

Deno.test("pictures come once each, in the largest size that the page says is kept", () => {
  const twice = [
    "00Q0Q_1UxJS9itrudz_0t20CI",
    "00Z0Z_k5ar9mZfugz_0t20CI",
    "00Q0Q_1UxJS9itrudz_0t20CI",
  ];
  const host = "https://images.craigslist.org";
  assert.deepEqual(extract(post2021({ images: twice })).images, [
    `${host}/00Q0Q_1UxJS9itrudz_0t20CI_1200x900.jpg`,
    `${host}/00Z0Z_k5ar9mZfugz_0t20CI_1200x900.jpg`,
  ]);
  // Without the list of sizes, the size that is shown is the only one known to be there.
  assert.equal(
    extract(post2026({ images: twice })).images[0],
    `${host}/00Q0Q_1UxJS9itrudz_0t20CI_600x450.jpg`,
  );
});

Deno.test("the title's year stands against the form's, less surely and with both as evidence", () => {
  const { year } = extract(post2021({
    title: "2012 Dodge Charger",
    year: 2013,
    makeModel: "dodge charger",
    body: "2012 Dodge Charger | MILES: 159,792",
  })).facts;
  assert.equal(year?.value, 2012);
  assert.ok((year?.confidence ?? 1) < 0.9);
  assert.match(year?.evidence ?? "", /title "2012 Dodge Charger".*but.*year "2013"/);
});

Deno.test("a VIN with the letter O is mended at lower confidence, and says so", () => {
  const { vin } = extract(post2021({ year: 2019, rows: { VIN: "1N6ADOER9KN717418" } })).facts;
  assert.equal(vin?.value, "1N6AD0ER9KN717418");
  assert.ok((vin?.confidence ?? 1) < 0.9);
  assert.match(vin?.evidence ?? "", /1N6ADOER9KN717418.*letter O/);
});

Deno.test("what stands in the VIN's row and is none gives no VIN", () => {
  for (const text of ["available on request", "000", "11111111111111111", "864-555-0100", "1234"]) {
    const { facts, absent } = extract(post2021({ rows: { VIN: text } }));
    assert.equal(facts.vin, undefined, text);
    assert.ok(absent.includes("vin"));
  }
});

Deno.test("a bait price gives way to the price that the text asks, or to none", () => {
  const price = (price: string, body: string) =>
    extract(post2021({ price, body })).facts.asking_price;
  assert.equal(price("$19", "Asking 19,500 obo, no trades")?.value, 19_500);
  assert.ok((price("$19", "Asking 19,500 obo")?.confidence ?? 1) < 0.9);
  assert.equal(price("$1", "MAKE OFFER. 6,200 miles on motor"), undefined);
  assert.equal(price("$1,500", "$1,500 down and you drive today"), undefined);
});

Deno.test("an odometer typed to fill the form gives way to the text, or to nothing", () => {
  const mileage = (odometer: string, body: string, flags: string[] = []) =>
    extract(post2021({ rows: { odometer }, body, flags })).facts.mileage;
  assert.equal(mileage("3", "300K miles, bought new")?.value, 300_000);
  assert.equal(mileage("1234567", "Mileage is unknown"), undefined);
  assert.equal(mileage("777777", "runs"), undefined);
  assert.equal(mileage("6200", "6,200 miles on motor"), undefined);
  assert.ok((mileage("240000", "runs", ["odometer broken"])?.confidence ?? 1) < 0.5);
});

Deno.test("rows that a seller types into the text are read as text, not as rows of the form", () => {
  const body = '<p class="attrgroup"><span>odometer: <b>5000</b></span></p>';
  const { mileage } = extract(post2021({ body, rows: {} })).facts;
  assert.deepEqual([mileage?.value, mileage?.way], [5_000, "prose"]);
});

Deno.test("a Canadian post counts kilometres and Canadian dollars", () => {
  const product = {
    offers: {
      price: "2000.00",
      priceCurrency: "CAD",
      availableAtOrFrom: { address: { addressCountry: "CA" } },
    },
  };
  const { facts } = extract(post2026({ product, rows: { odometer: "160,934" } }));
  assert.deepEqual([facts.mileage?.value, facts.currency?.value], [100_000, "CAD"]);
});

Deno.test("data decoded from the VIN confirms the post and does not overrule it", () => {
  const agreeing =
    `<script>window.cl.init("a", {"autoVinData":[["Basic",[["Year","2008"],["Make","Volkswagen"]]]]})</script>`;
  const alone = extract(post2026()).facts.year?.confidence ?? 1;
  assert.ok((extract(post2026({ head: agreeing })).facts.year?.confidence ?? 0) > alone);
  const head =
    `<script>window.cl.init("a", {"autoVinData":[["Basic",[["Year","2007"],["Make","Audi"]]]]})</script>`;
  const { facts } = extract(post2026({ head }));
  assert.deepEqual([facts.year?.value, facts.make?.value], [2008, "Volkswagen"]);
});

const NO_VEHICLE: Readonly<Record<string, PostParts>> = {
  "wanted ad": { title: "WANTED: old Toyota trucks", makeModel: "any" },
  "home": { title: "2004 Clayton mobile home", makeModel: "clayton", year: 2004 },
  "part": { title: "Set of 4 wheels off 2010 Camry", makeModel: "toyota" },
  "parts": { title: "Parting out 2002 Honda Civic", makeModel: "honda civic" },
  "category": { title: "2002 Honda Civic hood", makeModel: "honda civic", category: "pta" },
  "no vehicle named": { title: "Nice one", makeModel: "thing", body: "Call me." },
};
for (const [why, parts] of Object.entries(NO_VEHICLE)) {
  Deno.test(`a post that offers no vehicle is no listing: ${why}`, () => {
    const extraction = extract(post2021({ price: "$500", ...parts }));
    assert.match(verdict(extraction), new RegExp(`^not_a_listing .*${why}`));
    assert.deepEqual([extraction.facts, extraction.images], [{}, []]);
  });
}

Deno.test("trash trucks and school buses are vehicles", () => {
  const truck = extract(
    post2021({ title: "Ford F-800 Trash Truck", year: 1995, makeModel: "ford f800" }),
  );
  assert.deepEqual([truck.facts.make?.value, truck.facts.model?.value], [
    "Ford",
    "F-800 Trash Truck",
  ]);
  const bus = extract(
    post2021({ title: "Bus For Sale", year: 2002, makeModel: "thomas school bus" }),
  );
  assert.equal(bus.facts.make?.value, "Thomas");
});

const page = (body: string) => extract(pageOf(`<html><body>${body}</body></html>`, URL_2021));
Deno.test("deleted, flagged and expired posts are no listings, and say which", () => {
  for (const what of ["been deleted by its author", "been flagged for removal", "expired"]) {
    const text = `<div class="removed"><h2>This posting has ${what}.</h2></div>`;
    assert.match(verdict(page(text)), new RegExp(`^not_a_listing removed: .*${what}`));
  }
  assert.match(verdict(extract({ ...post2021(), status: 410 })), /^not_a_listing removed/);
});

Deno.test("a page of results is an index in both layouts", () => {
  const rows =
    `<ol class="cl-static-search-results"><li class="cl-static-search-result" title="x"></li></ol>`;
  assert.match(verdict(page(rows)), /^not_a_listing an index/);
  assert.match(
    verdict(page(`<ul id="search-results" class="rows"><li class="result-row"></li></ul>`)),
    /^not_a_listing an index/,
  );
});

Deno.test("a post that breaks off is unreadable, wherever it is cut", () => {
  const { body, url } = post2021();
  for (let at = 200; at < body.indexOf('class="postinginfos"'); at += 97) {
    const cut = extract(pageOf(body.slice(0, at), url));
    assert.notEqual(cut.outcome, "listing", `cut at ${at}`);
    assert.deepEqual(cut.facts, {});
  }
});
