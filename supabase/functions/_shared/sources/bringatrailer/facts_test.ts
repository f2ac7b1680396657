import assert from "node:assert/strict";
import { entry, read } from "./testing/page.ts";

Deno.test("another currency than the dollar is kept", () => {
  const { facts } = read({
    entries: [entry("bat-bid-reserve", 1, { content: "Sold on 4/24/26 for EUR €98,000.00 to x" })],
    stats: "",
    priceLine: "",
  });
  assert.deepEqual([facts.sale_price?.value, facts.currency?.value], [98_000, "EUR"]);
});

Deno.test("'No Reserve' stands in the head only and is no part of the model", () => {
  const { auction, facts } = read({ head: "No Reserve: 1988 BMW M5 for sale on BaT Auctions" });
  assert.equal(auction?.no_reserve, true);
  assert.equal(facts.model?.value, "M5");
  assert.equal(read().auction?.no_reserve, false);
});

Deno.test("a chassis number of 1959 is kept as it is written and not checked", () => {
  const { facts } = read({
    title: "1959 Porsche 356A Convertible D",
    details: ["Chassis: 85576"],
    groups: {},
  });
  assert.equal(facts.vin?.value, "85576");
  assert.match(facts.vin?.evidence ?? "", /not checked/);
  assert.equal(facts.model?.value, "356A Convertible D");
});

Deno.test("a mileage that is not the car's stays below one half", () => {
  const confidence = (line: string) =>
    read({ details: ["Chassis: 85576", line] }).facts.mileage?.confidence ?? 0;
  assert.ok(confidence("31k Miles") > 0.9);
  assert.ok(confidence("31k Miles Shown") < 0.9 && confidence("31k Miles Shown") > 0.5);
  assert.ok(confidence("31k Miles Shown, TMU") < 0.5);
  assert.ok(confidence("123k Miles Shown on Repaired Odometer") < 0.5);
});

Deno.test("what the list of details leaves out is absent, and prose may still say it", () => {
  const { facts, absent } = read({
    details: ["Chassis: 85576"],
    excerpt:
      "<p>This car is finished in Ruby Red over tan leather and is powered by a 1.6-liter flat-four paired with a four-speed manual transaxle.</p>",
  });
  assert.equal(facts.color?.value, "Ruby Red");
  assert.ok((facts.color?.confidence ?? 1) < 0.7);
  assert.equal(facts.transmission?.value, "four-speed manual transaxle");
  assert.deepEqual(absent, ["mileage"]);
});

for (
  const [title, groups] of [
    ["Neon Ford GT Sign", {
      Make: "Parts and Automobilia",
      Model: "Parts and Automobilia – Signs",
    }],
    ["14″ 10-Spoke Wheels for 1966-1968 Mustangs", { Make: "Ford", Model: "Ford Mustang" }],
    ["1973 Porsche 911S Type 911/53 Engine", { Make: "Porsche", Model: "Porsche 911S" }],
  ] as const
) {
  Deno.test(`nothing is read from the auction of "${title}"`, () => {
    const { outcome, facts, images } = read({ title, groups, details: ["Metal Housings"] });
    assert.equal(outcome, "not_a_listing");
    assert.deepEqual([facts, images], [{}, []]);
  });
}

Deno.test("the make filed and the make of the title differ: the title's, with less confidence", () => {
  const { facts } = read({
    title: "2012 Ram 1500 Crew Cab 4×4",
    groups: { Make: "Dodge", Model: "Dodge Ram 1500" },
  });
  assert.equal(facts.make?.value, "Ram");
  assert.ok((facts.make?.confidence ?? 1) < 0.8);
  assert.equal(facts.drivetrain?.value, "4WD");
});

Deno.test("how many were built is no chassis number, and a short number since 1981 is not sure", () => {
  const vinOf = (title: string, chassis: string) =>
    read({ title, details: [`Chassis: ${chassis}`, "31k Miles"] }).facts.vin;
  for (
    const count of ["1 of 25", "No. 3 of 10", "#12 of 50", "One of 500", "Number 7 of only 20"]
  ) {
    assert.equal(vinOf("2003 BMW M3 Coupe", count), undefined, count);
  }
  assert.ok((vinOf("2003 BMW M3 Coupe", "025")?.confidence ?? 1) < 0.5);
  assert.equal(vinOf("1959 Porsche 356A", "025")?.confidence, 0.95);
});
