import assert from "node:assert/strict";
import { FactBook } from "../fact_book.ts";
import { addShared, sharedVehicle } from "./shared_vehicle.ts";

const URL_OF_CAR = "https://www.smith-motors.example/inventory/used-2018-honda-odyssey-48213";
const read = (tags: Record<string, string>, url = URL_OF_CAR) => {
  const vehicle = sharedVehicle(new Map(Object.entries(tags)), "Smith Motors", url);
  if (vehicle === null) return null;
  const facts = new FactBook();
  addShared(facts, vehicle, url, false);
  return facts.all();
};
const values = (facts: ReturnType<typeof read>) =>
  facts === null
    ? null
    : Object.fromEntries(Object.entries(facts).map(([field, fact]) => [field, fact.value]));

Deno.test("tags that offer one vehicle at a price give its name and price, none of it surely", () => {
  const facts = read({
    "og:title": "Used 2018 Honda Odyssey EX-L For Sale $22,995 | Smith Motors",
    "og:description": "Used 2018 Honda Odyssey with 61,204 miles, VIN 5FNRL6H72JB054602.",
    "og:type": "website",
  });
  assert.deepEqual(values(facts), {
    year: 2018,
    make: "Honda",
    model: "Odyssey EX-L",
    vin: "5FNRL6H72JB054602",
    mileage: 61_204,
    asking_price: 22_995,
    sale_status: "for_sale",
  });
  for (const fact of Object.values(facts ?? {})) assert.ok(fact.confidence < 0.9);
});

Deno.test("a price may stand in a tag, on a card or in a sentence, and a currency beside it", () => {
  const title = "1967 Jaguar E-Type in Reno, NV";
  const price = (tags: Record<string, string>) => {
    const facts = read({ "og:title": title, ...tags });
    return facts && [facts.asking_price?.value, facts.currency?.value];
  };
  assert.deepEqual(
    price({ "product:price:amount": "89500.00", "product:price:currency": "GBP" }),
    [89_500, "GBP"],
  );
  assert.deepEqual(price({ "twitter:label1": "Price", "twitter:data1": "$89,500" }), [
    89_500,
    undefined,
  ]);
  assert.deepEqual(price({ "og:description": "Listed for $89,500 with us." }), [89_500, undefined]);
  assert.equal(price({ "og:description": "Shipping from $500." }), null);
  assert.equal(price({ "product:price:amount": "1" }), null);
});

Deno.test("a sum beside the word 'sold' or 'bid' is no price asked", () => {
  const facts = read({ "og:title": "1988 BMW M5 - Sold for $42,000" });
  assert.deepEqual([facts?.make?.value, facts?.asking_price, facts?.sale_status], [
    "BMW",
    undefined,
    undefined,
  ]);
});

const PRICE = { "product:price:amount": "9995" };
const NOT_ONE: Record<string, [Record<string, string>, string?]> = {
  "a list": [{ "og:title": "Used 2018 Honda Odyssey for Sale Near Me", ...PRICE }],
  "a list with a lowest price": [{
    "og:title": "2018 Honda Odyssey",
    "og:description": "Odysseys from $9,995. 542 listings.",
  }],
  "a title without a year": [{ "og:title": "Honda Odyssey EX-L", ...PRICE }],
  "a maker that is not known": [{ "og:title": "2018 Sofa Deluxe", ...PRICE }],
  "a maker without a model": [{ "og:title": "2018 Honda", ...PRICE }],
  "a review": [{ "og:title": "2018 Honda Odyssey Review", ...PRICE }],
  "an article": [{ "og:title": "2018 Honda Odyssey $22,995", "og:type": "article" }],
  "parts": [{ "og:title": "2018 Honda Odyssey Floor Mats", ...PRICE }],
  "no price": [{ "og:title": "2018 Honda Odyssey" }],
  "a page that is not of one thing": [
    { "og:title": "2018 Honda Odyssey $22,995" },
    "https://cars.example/2018/honda/odyssey",
  ],
};
for (const [name, [tags, url]] of Object.entries(NOT_ONE)) {
  Deno.test(`nothing is read from tags of ${name}`, () => assert.equal(read(tags, url), null));
}

Deno.test("a tag that says a car is not in stock outweighs its price", () => {
  const status = (availability: string) =>
    read({
      "og:title": "1967 Jaguar E-Type",
      "product:price:amount": "84500",
      "product:availability": availability,
    })?.sale_status?.value;
  assert.equal(status("in stock"), "for_sale");
  assert.equal(status("oos"), "sold");
  assert.equal(status("Out of stock"), "sold");
  assert.equal(status("pending"), undefined);
});
