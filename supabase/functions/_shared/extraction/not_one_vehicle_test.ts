import assert from "node:assert/strict";
import { type JsonLdNode, placedNodes } from "../html/json_ld.ts";
import { whyModel, whyNotOneVehicle } from "./not_one_vehicle.ts";

const CAR = "https://www.cars.example/used/2015-audi-tt-4711";
const why = (headings: string[], url = CAR, blocks: JsonLdNode[] = []) =>
  whyNotOneVehicle({ url, headings, nodes: placedNodes(blocks) })?.kind ?? null;

Deno.test("what a page calls itself tells lists and reviews from one vehicle's page", () => {
  for (
    const list of [
      "1 Result",
      "1.204 Angebote für Opel Astra",
      "12 annonces Peugeot 205",
      "3 risultati",
      "25 coches de segunda mano",
      "110 wyników",
      "Used Hondas for sale near me",
    ]
  ) assert.equal(why([list]), "index", list);
  for (
    const text of [
      "2026 Honda Civic review",
      "Mazda MX-5 im Test",
      "Alfa Romeo Giulia, la prova su strada",
    ]
  ) assert.equal(why([text]), "no_vehicle", text);
  for (
    const one of [
      "2015 Audi TT",
      "1965 Ford Mustang 289 for sale in Reno, NV",
      "Peugeot 205 GTI 1988",
    ]
  ) assert.equal(why([one]), null, one);
});

Deno.test("addresses of searches and magazines offer none, unless they hold a listing's number", () => {
  assert.equal(why([], "https://www.cars.example/search?make=audi"), "index");
  assert.equal(why([], "https://www.cars.example/reviews/audi-tt"), "no_vehicle");
  assert.equal(why([], "https://www.cars.example/vehicles/4711/audi-tt"), null);
  assert.equal(why([], CAR, [{ "@graph": [{ "@type": "SearchResultsPage" }] }]), "index");
  assert.equal(why([], "https://www.cars.example/search/make/audi/tt"), "index");
  assert.equal(why([], "https://www.cars.example/reviews/4711/audi-tt"), "no_vehicle");
  const questions = { "@type": "FAQPage" };
  assert.equal(why([], CAR, [questions]), "no_vehicle");
  assert.equal(why([], CAR, [questions, { "@type": "Car", name: "TT", sku: "A1" }]), null);
});

Deno.test("a model is no vehicle: many offers, a range of prices, ratings, a year that is sold new", () => {
  const model = (node: JsonLdNode, url = "https://www.cars.example/audi/tt") => {
    const [one] = placedNodes([{ "@type": "Car", name: "2018 Audi TT", ...node }]);
    return one === undefined ? null : whyModel(one, url, 2026) !== null;
  };
  assert.equal(model({ offers: { offerCount: 12, lowPrice: 1, highPrice: 2 } }), true);
  assert.equal(model({ offers: [{ url: "/1" }, { url: "/2" }] }), true);
  assert.equal(model({ aggregateRating: { ratingValue: 4 } }), true);
  assert.equal(model({ name: "2026 Audi TT", offers: { price: 49_000 } }), true);
  assert.equal(model({ name: "Certified 2025 Audi TT", offers: { price: 49_000 } }), false);
  assert.equal(model({ name: "2026 Audi TT", sku: "A1", offers: { price: 49_000 } }), false);
  assert.equal(model({ offers: { price: 21_000 } }), false);
  const range = { offers: { offerCount: 7, lowPrice: 1, highPrice: 2 } };
  assert.equal(model(range, "https://www.cars.example/inventory/audi-tt-55120"), false);
  assert.equal(model(range, "https://www.cars.example/models/audi-tt-55120"), true);
});
