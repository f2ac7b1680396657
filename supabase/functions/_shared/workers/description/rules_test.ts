import assert from "node:assert/strict";
import fc from "fast-check";
import { FIELD_NAMES } from "../../domain/fact.ts";
import { problemsOf } from "./check.ts";
import { speakable } from "./held.ts";
import { describeByRules } from "./rules.ts";
import { heldFacts } from "./testing/arbitrary.ts";

const CAR = { year: 1988, make: "Porsche", model: "911 Carrera" };
const text = (facts: Record<string, unknown>) => describeByRules(facts)?.text;

Deno.test("a sold car is described with all that is held", () => {
  const facts = {
    ...CAR,
    trim: "Club Sport",
    vin: "WP0AB0916JS120001",
    mileage: 61_000,
    color: "Guards Red",
    interior_color: "Black",
    engine: "3.2L Flat-Six",
    transmission: "5-Speed Manual",
    drivetrain: "RWD",
    body_style: "Coupe",
    sale_price: 61_500,
    high_bid: 61_500,
    currency: "USD",
    sale_status: "sold",
    sale_date: "2025-11-03",
    location: "Greenville, SC",
  };
  const described = describeByRules(facts);
  assert.equal(
    described?.text,
    "This 1988 Porsche 911 Carrera Club Sport is a coupe finished in Guards Red with an interior in Black. " +
      "The engine is listed as 3.2L Flat-Six, the transmission as 5-Speed Manual and the drivetrain as RWD. " +
      "The mileage is given as 61,000 miles. Its VIN is WP0AB0916JS120001. " +
      "It sold for $61,500 on November 3, 2025. Its location is given as Greenville, SC.",
  );
  assert.deepEqual(
    new Set(described?.usedFields),
    new Set(Object.keys(facts).filter((field) => field !== "high_bid")),
  );
});

Deno.test("year, make and model alone make one sentence", () => {
  assert.equal(text(CAR), "This vehicle is a 1988 Porsche 911 Carrera.");
  assert.equal(text({ ...CAR, year: 1899 }), "This vehicle is an 1899 Porsche 911 Carrera.");
});

Deno.test("nothing is said when year, make or model is missing", () => {
  for (const missing of ["year", "make", "model"]) {
    assert.equal(describeByRules({ ...CAR, color: "Red", [missing]: undefined }), null, missing);
  }
  assert.equal(describeByRules({}), null);
});

Deno.test("an auction that ended at a bid is called unsold, and its bid no price", () => {
  const said = text({
    ...CAR,
    sale_status: "bid_to",
    high_bid: 50_000,
    sale_price: 99_000,
    currency: "USD",
  });
  assert.match(said ?? "", /Its auction ended without a sale\. The highest bid was \$50,000\.$/);
  assert.doesNotMatch(said ?? "", /sold|99,000/);
});

Deno.test("each way a vehicle was offered has its sentence", () => {
  const offer = (facts: Record<string, unknown>) =>
    text({ ...CAR, currency: "EUR", ...facts })?.replace(/^This vehicle is .*?\. ?/, "");
  assert.equal(offer({ sale_status: "sold" }), "It sold.");
  assert.equal(offer({ sale_status: "sold", sale_price: 9_500 }), "It sold for €9,500.");
  assert.equal(
    offer({ sale_status: "bid_to", sale_date: "2025-01-09" }),
    "Its auction ended on January 9, 2025 without a sale.",
  );
  assert.equal(offer({ sale_status: "no_sale" }), "It did not sell.");
  assert.equal(
    offer({ sale_status: "withdrawn", high_bid: 10 }),
    "Its listing was withdrawn. The highest bid was €10.",
  );
  assert.equal(
    offer({ sale_status: "for_sale", asking_price: 12_500.5 }),
    "It was listed for sale at €12,500.50.",
  );
  assert.equal(offer({ sale_status: "unknown", asking_price: 700 }), "The asking price was €700.");
  assert.equal(offer({ asking_price: 700, currency: "CHF" }), "The asking price was CHF 700.");
  assert.equal(offer({}), "");
});

Deno.test("a running bid is not mentioned", () => {
  const said = text({ ...CAR, sale_status: "live", high_bid: 41_000, currency: "USD" });
  assert.equal(
    said,
    "This vehicle is a 1988 Porsche 911 Carrera. It was being offered at auction when this was written.",
  );
});

Deno.test("a price without its currency is not mentioned", () => {
  assert.equal(
    text({ ...CAR, sale_status: "sold", sale_price: 61_000 }),
    "This vehicle is a 1988 Porsche 911 Carrera. It sold.",
  );
});

Deno.test("one mile is a mile, and before 1981 the VIN is a chassis number", () => {
  assert.match(text({ ...CAR, mileage: 1 }) ?? "", /given as 1 mile\./);
  assert.match(text({ ...CAR, mileage: 0 }) ?? "", /given as 0 miles\./);
  assert.match(text({ ...CAR, year: 1959, vin: "84210" }) ?? "", /Its chassis number is 84210\./);
});

Deno.test("a trim that the model names already is not said twice", () => {
  const described = describeByRules({ ...CAR, trim: "carrera" });
  assert.equal(described?.text, "This vehicle is a 1988 Porsche 911 Carrera.");
  assert.ok(!described?.usedFields.includes("trim"));
});

Deno.test("numbers written as text are understood, and values that fit no field are left out", () => {
  assert.equal(
    text({ year: "1988", make: " Porsche ", model: "911", mileage: "12x", color: "" }),
    "This vehicle is a 1988 Porsche 911.",
  );
});

Deno.test("the seller's name and a held description are never repeated", () => {
  const said = text({ ...CAR, seller_name: "Jane Roe", description: "Rare and pristine" });
  assert.equal(said, "This vehicle is a 1988 Porsche 911 Carrera.");
});

Deno.test("the same facts in another order give the same text", () => {
  fc.assert(fc.property(heldFacts, (facts) => {
    const turned = Object.fromEntries(Object.entries(facts).reverse());
    assert.equal(text(facts), text(turned));
  }));
});

Deno.test("whatever the facts, each field named as used was held, and the checker finds nothing", () => {
  fc.assert(
    fc.property(heldFacts, (facts) => {
      const described = describeByRules(facts);
      assert.ok(described);
      for (const field of described.usedFields) {
        assert.ok(FIELD_NAMES.includes(field) && facts[field] !== undefined, field);
      }
      assert.deepEqual(problemsOf(described.text, speakable(facts)), []);
    }),
    { numRuns: 300 },
  );
});
