import assert from "node:assert/strict";
import { whatIsSold } from "../non_vehicle.ts";
import { type Lot, whyNoVehicle } from "./non_vehicle_lot.ts";

const lot = (title: string, parts: Partial<Lot> = {}): Lot => ({
  title,
  slug: "lot-1",
  text: null,
  year: null,
  chassis: null,
  filed: null,
  listHasYears: false,
  ...parts,
});

const VEHICLES: [string, Partial<Lot>?][] = [
  ["1965 Aston Martin DB5"],
  ["1911 Ford Model T Touring"],
  ["350-Powered ’32 Ford Roadster 4-Speed", { slug: "1932-ford-roadster-242" }],
  ["1978 Honda CT90 Trail"],
  ["1951 Ford 8N Tractor"],
  ["1955 Chris-Craft Capri 19′ Runabout", { slug: "1955-chris-craft-capri" }],
  ["LS3-Powered AM General M1151A1 HMMWV", { slug: "2010-am-general-hmmwv-military-5" }],
  ["Volkswagen-Powered Dune Buggy", { slug: "volkswagen-powered-dune-buggy-32" }],
  ["1970 Cadillac Sedan DeVille Hardtop", { slug: "1970-cadillac-deville-22" }],
  ["1966 Volvo 122S 2-Door", { slug: "1966-volvo-122s-66" }],
  ["1975 Honda GL1000 Gold Wing", { slug: "1975-honda-gl1000-gold-wing-21" }],
  ["2022 Rivian R1T Adventure Edition Quad Motor", { slug: "2022-rivian-r1t-154" }],
  ["2023 BMW R1250GS Adventure Trophy", { slug: "2023-bmw-r1250gs-adventure-trophy" }],
  ["Pair of 1968 and 1969 Porsche 912 Coupe Projects", { slug: "pair-of-porsche-912-coupes" }],
  ["1985 Suzuki DR100 and Lighted Sign", { slug: "1985-suzuki-dr100" }],
  ["1956 Continental Mark II Project", { slug: "1956-continental-mark-ii-19" }],
  ["Noble M400", { slug: "2010-noble-m400" }],
  ["Grand Prix Squalo Quarter Midget", { text: "This midget is powered by a 2.5hp motor." }],
  ["Porsche 356 Speedster Replica", { slug: "porsche-356-replica-54" }],
];

const THINGS: [string, Partial<Lot>?][] = [
  ["Neon Ford GT Sign"],
  ["Stern NASCAR Pinball Machine"],
  ["1963 Rupp Dart A-Bone Go-Kart", { slug: "1963-rupp-a-bone-kart-a-bone" }],
  ["21×10″ and 22×12″ Wheels for Ferrari"],
  ["1957 Chevrolet Bel Air–Style Sofa", { slug: "sofa-11" }],
  ["1973 Porsche 911S Type 911/53 Engine and Five-Speed Transaxle", { slug: "engine-188" }],
  ["2009 Dodge Challenger Body Shell", { slug: "dodge-challenger-body" }],
  ["Porsche 915/62 5-Speed Transaxle", { slug: "transaxle-9" }],
  ["Modified Chevrolet Performance LT4 by Late Model Engines", { slug: "engine-174" }],
  ["c.1900s Brass Cutaway Model", { slug: "scale-model-50" }],
  ["Wahlborg Clipboard", { slug: "clipboard" }],
  ["1963 Go-Kart Model 1200", { slug: "1963-go-kart-1200", filed: "karts" }],
  ["1965 Schwinn Krate", { text: "This 1965 Schwinn Krate bicycle is finished in red." }],
  ["Porsche Tequipment Roof Tent", {
    text: "This roof tent was made for a 911.",
    listHasYears: true,
  }],
];

for (const [title, parts] of VEHICLES) {
  Deno.test(`a lot called "${title}" is kept: its own page decides`, () => {
    assert.equal(whyNoVehicle(lot(title, parts)), null);
  });
}

for (const [title, parts] of THINGS) {
  Deno.test(`a lot called "${title}" is no vehicle, and it is said why`, () => {
    assert.match(whyNoVehicle(lot(title, parts)) ?? "kept", /thing|no model year|among/);
  });
}

Deno.test("a chassis number makes a lot without year and maker a vehicle", () => {
  assert.match(whyNoVehicle(lot("The Snake")) ?? "", /no model year/);
  assert.equal(whyNoVehicle(lot("The Snake", { chassis: "1234567" })), null);
});

Deno.test("what comes with a vehicle is not what is sold, also on the lot's own page", () => {
  assert.equal(whatIsSold("1985 Suzuki DR100 and Lighted Sign", []).what, "vehicle");
  assert.equal(whatIsSold("2003 Ford GT Literature and Sign", []).what, "non_vehicle");
  assert.equal(whatIsSold("Neon Gulf Sign and Porsche Display Hood", []).what, "non_vehicle");
  assert.equal(whatIsSold("1973 Porsche 911S Engine and Transaxle", []).what, "non_vehicle");
});
